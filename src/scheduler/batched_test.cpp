// Answers of one model to several questions at once, on a GPU.
#include <gtest/gtest.h>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
using Done = std::vector<std::string>;

// Two lanes, of which one answers; a model's context of 10 tokens takes 10 bytes.
struct Gpu : Desk {
  Gpu() : Desk(2, 1, {}, DeviceKind::gpu) { kv_per_token = Bytes(1); }
};

TEST(Batched, AModelIsLoadedForAllThatWaitForIt) {
  Gpu gpu;
  Asking& busy = gpu.get("a", 30);
  Asking& first = gpu.ask("b", 30);
  Asking& second = gpu.ask("c", 90);  // waits for room: b's second ask comes behind it
  Asking& third = gpu.ask("b", 30);
  gpu.time.pass(2s);
  gpu.give_back(busy);
  gpu.time.pass(2s);
  EXPECT_TRUE(first.has_lease());
  EXPECT_TRUE(third.has_lease());
  EXPECT_TRUE(second.waits());
}

TEST(Batched, WhatLiesReadyIsMadeRoomForMany) {
  Gpu gpu;
  Asking& first = gpu.get("a", 30);
  std::vector<Asking*> others;
  for (int count = 0; count < 3; ++count) others.push_back(&gpu.ask("a", 30));
  gpu.time.pass(2s);
  for (const auto* one : others) EXPECT_TRUE(one->waits());  // no sequence is free
  gpu.give_back(first);
  gpu.time.pass(2s);
  for (const auto* one : others) EXPECT_TRUE(one->has_lease());
  EXPECT_EQ(gpu.residence.done, (Done{"load a 10x1 on 0", "load a 10x3 on 0"}));
}

TEST(Batched, OnlyAsManyAsTheMemoryHolds) {
  Gpu gpu;
  Asking& first = gpu.get("a", 70);
  std::vector<Asking*> others;
  for (int count = 0; count < 4; ++count) others.push_back(&gpu.ask("a", 70));
  gpu.give_back(first);
  gpu.time.pass(2s);
  const auto served = std::ranges::count_if(others, &Asking::has_lease);
  EXPECT_EQ(served, 3);
  EXPECT_LE(gpu.held(), Bytes(100));
}

TEST(Batched, WhereTheMemoryIsLessThanBelievedItGoesWithout) {
  Gpu gpu;
  Asking& first = gpu.get("a", 30);
  Asking& second = gpu.ask("a", 30);
  Asking& third = gpu.ask("a", 30);
  int refused = 0;
  gpu.residence.load_fails = [&](const LaneId&, const ModelId&) -> std::optional<Error> {
    if (refused++ > 0) return std::nullopt;
    return Error{ErrorCode::no_memory, "not enough memory"};
  };
  gpu.give_back(first);
  gpu.time.pass(3s);
  EXPECT_TRUE(second.has_lease());
  EXPECT_TRUE(third.waits());
  gpu.give_back(second);
  gpu.time.pass(3s);
  EXPECT_TRUE(third.has_lease());
}

TEST(Batched, ACpuTakesThemOneAfterTheOther) {
  Desk cpu(1);
  Asking& first = cpu.get("a", 30);
  Asking& second = cpu.ask("a", 30);
  Asking& third = cpu.ask("a", 30);
  cpu.give_back(first);
  cpu.time.pass(2s);
  EXPECT_TRUE(second.has_lease());
  EXPECT_TRUE(third.waits());
}

}  // namespace
}  // namespace kai
