#include <gtest/gtest.h>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_planner::members;
using testing_planner::Pc;

TEST(MemoryOf, CountsAModelOnceWithAllItsVoices) {
  Pc pc;
  pc.add_model("a", 0.5);
  pc.query.models = {ModelId("a"), ModelId("a")};
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan) << plan.error().message;
  const auto needs = memory_of(*plan, pc.cards, pc.fleet.devices);
  ASSERT_EQ(needs.size(), 1u);
  EXPECT_EQ(needs[0].needed, memory_need(pc.card("a"), plan->asks[0].context, 2));
  EXPECT_EQ(needs[0].capacity, Bytes(16'000'000'000));
}

TEST(NearestPlan, OfALateOneLeavesOutTheSlowestThatWasNamed) {
  Pc pc;
  pc.add_model("quick", 0.5);
  pc.add_model("slow", 0.9, 1);
  pc.query.models = {ModelId("slow"), ModelId("quick")};
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan) << plan.error().message;
  const auto why = misfit_of(*plan, pc.input());
  EXPECT_TRUE(why.contains("would take")) << why;
  EXPECT_TRUE(why.contains("a deadline of")) << why;
  const auto nearest = nearest_plan(pc.input());
  ASSERT_TRUE(nearest);
  EXPECT_EQ(members(nearest->plan), std::vector<std::string>{"quick"});
  EXPECT_EQ(nearest->query.models, std::vector{ModelId("quick")});
  EXPECT_EQ(nearest->query.time_limit, 30s);
}

TEST(NearestPlan, NoDeadlineIsSuggestedThatIsRefused) {
  Pc pc;
  pc.add_model("slow", 0.9, 0.01);
  pc.query.models = {ModelId("slow")};
  const auto misfit_at = [&](double rate) {
    pc.card("slow").decode_rate = rate;
    const auto plan = make_plan(pc.input());
    return plan ? misfit_of(*plan, pc.input()) : plan.error().message;
  };
  // Half of the 128 tokens.
  EXPECT_TRUE(misfit_at(64.0 / 80'000).contains("s allows it")) << misfit_at(64.0 / 80'000);
  const auto why = misfit_at(64.0 / 90'000);
  EXPECT_TRUE(why.contains("a day is the longest deadline")) << why;
  EXPECT_FALSE(why.contains("--deadline")) << why;
}

TEST(NearestPlan, AnswersShorterBeforeItLeavesSomebodyOut) {
  Pc pc;
  pc.add_model("a", 0.5, 10);
  pc.query.models = {ModelId("a")};
  pc.query.tier = Tier::expert;  // up to 768 tokens: half of them take 38 s
  pc.query.time_limit = 20s;
  const auto nearest = nearest_plan(pc.input());
  ASSERT_TRUE(nearest);
  EXPECT_EQ(members(nearest->plan), std::vector<std::string>{"a"});
  EXPECT_EQ(nearest->plan.tier, Tier::medium);
  EXPECT_EQ(nearest->query.time_limit, 20s);
}

TEST(NearestPlan, OfAModelThatDoesNotFitTheMemoryAsksTheOthers) {
  Pc pc;
  pc.add_model("a", 0.5);
  pc.add_model("huge", 0.9);
  pc.card("huge").weights = Bytes(90'000'000'000);
  pc.query.models = {ModelId("huge"), ModelId("a")};
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(misfit_of(*plan, pc.input()).starts_with("huge cannot be asked: needs 90"));
  const auto nearest = nearest_plan(pc.input());
  ASSERT_TRUE(nearest);
  EXPECT_EQ(members(nearest->plan), std::vector<std::string>{"a"});
}

TEST(NearestPlan, ThereIsNoneWhereNobodyIsQuickEnough) {
  Pc pc;
  pc.add_model("a", 0.5, 1);
  pc.query.time_limit = 2s;
  EXPECT_FALSE(nearest_plan(pc.input()));
}

TEST(NearestPlan, WhatFitsIsItself) {
  Pc pc;
  pc.add_models(3);
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan);
  EXPECT_EQ(misfit_of(*plan, pc.input()), "");
  EXPECT_EQ(members(nearest_plan(pc.input())->plan), members(*plan));
}

}  // namespace
}  // namespace kai
