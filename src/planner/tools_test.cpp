// Plans for questions with tools.
#include <gtest/gtest.h>

#include <algorithm>

#include "domain/tool_form.h"
#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using testing_planner::members;
using testing_planner::Pc;
using testing_planner::plan_for;

TEST(ToolsPlan, LeavesOutWhoCannotBeToldOfThem) {
  Pc pc;
  pc.add_models(2);
  pc.fleet.models[0].chat.user = {"Question: ", "\n"};  // and nothing for a system message
  const Plan before = plan_for(pc);
  EXPECT_EQ(std::ranges::count(before.left_out, ModelId("m1"), &LeftOut::model), 0);
  pc.query.json_form.grammar = tool_form_mark;
  const Plan plan = plan_for(pc);
  for (const auto& ask : plan.asks) EXPECT_EQ(ask.model, ModelId("m2"));
  const auto out = std::ranges::find(plan.left_out, ModelId("m1"), &LeftOut::model);
  ASSERT_NE(out, plan.left_out.end());
  EXPECT_EQ(out->why, "its chat template has no system message to tell it of tools");
}

}  // namespace
}  // namespace kai
