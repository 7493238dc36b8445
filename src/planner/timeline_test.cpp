#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_planner::members;
using testing_planner::Pc;
using testing_planner::random_pc;

Ask ask(const std::string& member, int sample, Duration decode) {
  Ask ask;
  ask.member = MemberId(member);
  ask.model = ModelId(member.substr(0, member.find('#')));
  ask.sample = sample;
  ask.device = DeviceId("cpu");
  ask.load = 1s;
  ask.decode = decode;
  return ask;
}

TEST(Timeline, RunsAsManyModelsAtOnceAsThereAreLanes) {
  const Pc pc;  // two lanes
  Plan plan;
  plan.asks = {ask("a", 1, 4s), ask("b", 1, 1s), ask("c", 1, 1s), ask("d", 1, 1s)};
  const auto steps = timeline(plan, pc.fleet.devices);
  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[0].start, 0s);
  EXPECT_EQ(steps[1].start, 0s);
  EXPECT_EQ(steps[2].start, steps[1].end());
  EXPECT_EQ(steps[3].start, steps[2].end());
  EXPECT_EQ(steps[0].end(), 5s);
}

TEST(Timeline, VoicesOfOneModelShareItsLane) {
  const Pc pc;
  Plan plan;
  plan.asks = {ask("a", 1, 4s), ask("a#2", 2, 4s), ask("b", 1, 1s)};
  const auto steps = timeline(plan, pc.fleet.devices);
  EXPECT_EQ(steps[0], steps[1]);
  EXPECT_EQ(steps[2].start, 0s);
}

// The chart and the planner never tell two stories.
RC_GTEST_PROP(Timeline, EndsWhenThePlanSaysForAnyPc, (std::uint64_t seed)) {
  const Pc pc = random_pc(seed);
  const auto plan = make_plan(pc.input());
  if (!plan) return;
  const auto steps = timeline(*plan, pc.fleet.devices);
  RC_ASSERT(steps.size() == plan->asks.size());
  Duration last{};
  for (const auto& step : steps) last = std::max(last, step.end());
  RC_ASSERT(last == plan->predicted);
}

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
  EXPECT_TRUE(why.contains("--deadline")) << why;
  const auto nearest = nearest_plan(pc.input());
  ASSERT_TRUE(nearest);
  EXPECT_EQ(members(nearest->plan), std::vector<std::string>{"quick"});
  EXPECT_EQ(nearest->query.models, std::vector{ModelId("quick")});
  EXPECT_EQ(nearest->query.time_limit, 30s);
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
