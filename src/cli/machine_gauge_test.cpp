#include "cli/machine_gauge.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

const Device rtx{DeviceId("gpu0"), DeviceKind::gpu, "NVIDIA RTX 4070", Bytes(100), 2, 1, 1};

wire::NvidiaFacts library(std::int64_t free, std::int64_t total) {
  wire::NvidiaFacts facts;
  facts.cards = {{"RTX 4070", "", Bytes(total), Bytes(free), 1}};
  return facts;
}

MemoryReading reading(std::int64_t free, std::int64_t total, std::string fault = "") {
  return {DeviceId("gpu0"), Bytes(free), Bytes(total), 1, std::move(fault)};
}

// What comes of both: free and total, or the fault.
std::string of(std::vector<MemoryReading> lanes, const wire::NvidiaFacts& facts) {
  const auto both = both_views(std::move(lanes), std::span(&rtx, 1), facts);
  if (both.empty()) return "nothing";
  if (!both[0].fault.empty()) return both[0].fault;
  return std::to_string(both[0].free.count) + " of " + std::to_string(both[0].total.count);
}

TEST(MachineGauge, TheSmallerOfTwoViewsCounts) {
  EXPECT_EQ(of({reading(50, 100)}, library(40, 100)), "40 of 100");
  EXPECT_EQ(of({reading(30, 100)}, library(40, 100)), "30 of 100");
}

TEST(MachineGauge, WhatFailsOrLiesLeavesTheOtherAlone) {
  EXPECT_EQ(of({reading(50, 100)}, {}), "50 of 100");
  EXPECT_EQ(of({reading(50, 100)}, library(101, 100)), "50 of 100");
  EXPECT_EQ(of({reading(0, 0, "hangs")}, library(40, 100)), "40 of 100");
  EXPECT_EQ(of({reading(101, 100)}, library(40, 100)), "40 of 100");
  EXPECT_EQ(of({reading(0, 0, "hangs")}, {}), "hangs");
}

TEST(MachineGauge, ACardWithoutAWorkerIsReadAllTheSame) {
  EXPECT_EQ(of({}, library(40, 100)), "40 of 100");
  EXPECT_EQ(of({}, {}), "nothing");
}

}  // namespace
}  // namespace kai
