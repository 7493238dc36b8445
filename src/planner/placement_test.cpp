#include <gtest/gtest.h>

#include <set>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using testing_planner::error_for;
using testing_planner::Pc;
using testing_planner::plan_for;
using testing_planner::why_left_out;

TEST(Placement, WhatFitsNowhereIsLeftOutWithTheBytes) {
  Pc pc;
  pc.add_models(2);
  pc.card("m2").weights = Bytes(18'000'000'000);
  EXPECT_EQ(why_left_out(plan_for(pc), "m2"), "needs 18.1 GB, cpu has 16.0 GB free");
  pc.card("m1").weights = Bytes(18'000'000'000);
  EXPECT_EQ(error_for(pc).code, ErrorCode::nothing_fits);
  EXPECT_NE(error_for(pc).message.find("m1: needs 18.1 GB"), std::string::npos);
}

TEST(Placement, AModelInUseNeedsRoomForItsConversationOnly) {
  Pc pc;
  pc.add_models(1);
  pc.room[0] = {DeviceId("cpu"), Bytes(200'000'000), {ModelId("m1")}, {ModelId("m1")}};
  EXPECT_EQ(plan_for(pc).asks.front().model.text, "m1");
  pc.room[0].in_use.clear();  // the bytes are all there is: it lies in them
  EXPECT_EQ(error_for(pc).code, ErrorCode::nothing_fits);
}

TEST(Placement, WithoutACostCardAModelRunsNowhere) {
  Pc pc;
  pc.add_models(2);
  pc.cards.pop_back();
  EXPECT_EQ(why_left_out(plan_for(pc), "m2"), "no device here can run it");
}

TEST(Placement, TakesTheDeviceThatEndsFirst) {
  Pc pc;
  pc.add_device("gpu0", DeviceKind::gpu, Bytes(8'000'000'000), 1);
  pc.add_models(1);
  pc.card("m1", "gpu0").decode_rate = 1000;
  EXPECT_EQ(plan_for(pc).asks.front().device.text, "gpu0");
}

TEST(Placement, WhatDoesNotFitTogetherHasItsTurnOneAfterTheOther) {
  Pc pc;
  pc.fleet.devices[0].running = 1;
  pc.add_models(3);
  pc.query.mode = Mode::all;
  for (auto& card : pc.cards) {
    card.weights = Bytes(6'000'000'000);
    card.load = std::chrono::milliseconds(200);
  }
  const Plan plan = plan_for(pc);
  ASSERT_EQ(plan.asks.size(), 3u);
  // The second is loaded beside the first; the third fits only once that has answered.
  EXPECT_EQ(plan.asks[1].start, plan.asks[0].load);
  EXPECT_EQ(plan.asks[1].start + plan.asks[1].load + plan.asks[1].wait, plan.asks[0].end());
  EXPECT_EQ(plan.asks[2].start, plan.asks[0].end());
  EXPECT_EQ(memory_of(plan, pc.cards, pc.fleet.devices)[0].needed.count / 1'000'000'000, 12);
}

TEST(Placement, AModelLargerThanTheGpuIsSplit) {
  Pc pc;
  pc.fleet.devices[0].lanes = pc.fleet.devices[0].running = 1;
  pc.add_device("gpu0", DeviceKind::gpu, Bytes(8'000'000'000), 2);
  pc.fleet.devices[1].running = 1;
  pc.query.mode = Mode::all;
  pc.add_model("large", 0.5, 10);
  pc.model("large").facts.layers = 40;
  pc.card("large").weights = pc.card("large", "gpu0").weights = Bytes(9'900'000'000);
  pc.card("large", "gpu0").decode_rate = 100;
  PlannerOptions options;
  const auto whole = make_plan(pc.input(), options);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->asks.front().device.text, "cpu");
  options.splits = true;
  const auto split = make_plan(pc.input(), options);
  ASSERT_TRUE(split);
  const Ask& ask = split->asks.front();
  EXPECT_EQ(ask.device.text, "gpu0");
  EXPECT_EQ(ask.beside.text, "cpu");
  EXPECT_EQ(ask.share, 31.0 / 40);  // 7.9 of 9.9 GB would be 31.9 layers
  // Every layer at its own device's speed.
  EXPECT_NEAR(seconds(ask.decode), 64 * (ask.share / 100 + (1 - ask.share) / 10), 1e-6);
  const auto memory = memory_of(*split, pc.cards, pc.fleet.devices);
  EXPECT_NEAR(static_cast<double>(memory[0].needed.count), 9.9e9 * 9 / 40, 1e7);
  EXPECT_LE(memory[1].needed, Bytes(8'000'000'000));
}

TEST(Placement, WhoWouldMissTheTiersAimIsAskedOnlyWhereTooFewWouldNot) {
  Pc pc;
  pc.add_model("strong", 0.9, 5);  // 64 tokens take 13 s, of 30 s; a simple question aims at 8 s
  pc.add_model("a", 0.5);
  EXPECT_EQ(plan_for(pc).asks.size(), 3u);  // a, and further voices of it
  EXPECT_EQ(why_left_out(plan_for(pc), "strong"),
            "would finish at 14 s; such questions aim at 8 s");
  PlannerOptions options;
  options.samples_per_model_max = 1;  // then there is only one without it
  const auto plan = make_plan(pc.input(), options);
  ASSERT_TRUE(plan);
  EXPECT_EQ(why_left_out(*plan, "strong"), "");
}

TEST(Placement, DevicesWorkSideBySide) {
  Pc pc;
  pc.add_device("gpu0", DeviceKind::gpu, Bytes(8'000'000'000), 1);
  pc.add_models(3);
  for (const auto* id : {"m1", "m2", "m3"}) pc.card(id, "gpu0").decode_rate = 110;
  std::set<std::string> used;
  for (const auto& ask : plan_for(pc).asks) used.insert(ask.device.text);
  EXPECT_EQ(used, (std::set<std::string>{"cpu", "gpu0"}));
}

}  // namespace
}  // namespace kai
