#include "scheduler/pressure.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t gb = 1'000'000'000;

// 8 GB, of which others had nothing at the start: 1 GB is left to them, 0.6 GB are two processes'.
Device card() {
  Device device;
  device.id = DeviceId("gpu0");
  device.kind = DeviceKind::gpu;
  device.lanes = 2;
  device.buffer = Bytes(gb);
  device.lane_overhead = Bytes(300'000'000);
  device.capacity = Bytes(6'400'000'000);
  return device;
}

// What is free where kai holds `own` on one lane and others `others`.
MemoryReading reading(std::int64_t own, std::int64_t others, int processes = 2) {
  const std::int64_t free = 8 * gb - own - others - processes * 300'000'000LL;
  return {DeviceId("gpu0"), Bytes(free), Bytes(8 * gb), processes, ""};
}

OwnBytes exactly(std::int64_t bytes) {
  return {Bytes(bytes), Bytes(bytes)};
}

class PressureTest : public testing::Test {
 protected:
  // At `second` after the start.
  void sees(int second, std::int64_t own, std::int64_t others, int processes = 2) {
    const auto next = pressure.take(reading(own, others, processes), exactly(own), capacity,
                                    Time{} + std::chrono::seconds(second));
    capacity = next.value_or(capacity);
  }
  Pressure pressure{card()};
  Bytes capacity = card().capacity;
};

TEST_F(PressureTest, WhatKaiItselfTakesIsNoPressure) {
  sees(0, 0, 0, 0);
  sees(1, 0, 0, 1);
  sees(2, 4 * gb, 0, 2);
  sees(3, 6 * gb, 0, 2);
  EXPECT_EQ(capacity, card().capacity);
}

TEST_F(PressureTest, TheBufferIsForOthers) {
  sees(0, 2 * gb, 700'000'000);
  EXPECT_EQ(capacity, card().capacity);
  EXPECT_EQ(pressure.others(), Bytes(700'000'000));
}

TEST_F(PressureTest, WhatOthersTakeBeyondTheBufferIsGone) {
  sees(0, 2 * gb, 3 * gb);
  // 8 GB less theirs, less two processes, less a quarter of the buffer.
  EXPECT_EQ(capacity, Bytes(8 * gb - 3 * gb - 600'000'000 - 250'000'000));
  EXPECT_EQ(pressure.others(), Bytes(3 * gb));
}

TEST_F(PressureTest, NothingIsLeftWhereOthersTakeAll) {
  sees(0, 0, 8 * gb, 0);
  EXPECT_EQ(capacity, Bytes(0));
}

TEST_F(PressureTest, ItGrowsOnlyOnceMemoryHasBeenFreeForAWhile) {
  sees(0, 2 * gb, 3 * gb);
  const Bytes small = capacity;
  sees(1, 2 * gb, 0);
  sees(3, 2 * gb, 0);
  EXPECT_EQ(capacity, small);
  sees(4, 2 * gb, 0);
  EXPECT_EQ(capacity, card().capacity);
}

TEST_F(PressureTest, AfterALongPauseItIsBelievedAtOnce) {
  sees(0, 2 * gb, 3 * gb);
  sees(60, 0, 0);
  EXPECT_EQ(capacity, card().capacity);
}

TEST_F(PressureTest, WhoTakesAndGivesBackAgainAndAgainChangesItOnce) {
  sees(0, 2 * gb, 3 * gb);
  const Bytes small = capacity;
  for (int second = 1; second < 20; ++second) {
    sees(second, 2 * gb, second % 3 == 0 ? 3 * gb : 0);
    EXPECT_EQ(capacity, small) << second;
  }
}

TEST_F(PressureTest, ItGrowsToTheLeastThatWasFreeMeanwhile) {
  sees(0, 0, 5 * gb);
  sees(1, 0, 0);
  sees(2, 0, 2 * gb);
  sees(4, 0, 0);
  EXPECT_EQ(capacity, Bytes(6'400'000'000 - 2 * gb));
}

TEST_F(PressureTest, ItGrowsBeyondTheStartWhereOthersLeave) {
  capacity = Bytes(3 * gb);  // others had much when kai started
  sees(0, 0, 0);
  EXPECT_EQ(capacity, Bytes(3 * gb));
  sees(3, 0, 0);
  EXPECT_EQ(capacity, Bytes(6'400'000'000));
}

// A load of 4 GB that has taken none, or all, of its bytes when the reading comes.
TEST_F(PressureTest, ALoadUnderWayIsNeitherATheftNorRoom) {
  for (const std::int64_t taken : {std::int64_t{0}, 4 * gb}) {
    const auto next =
        pressure.take(reading(1 * gb + taken, 0), {Bytes(gb), Bytes(5 * gb)}, capacity, Time{});
    EXPECT_FALSE(next) << taken;
  }
}

TEST(Unsound, WhatCannotBeTrueIsSaid) {
  const auto of = [](std::int64_t free, std::int64_t total) {
    return MemoryReading{DeviceId("gpu0"), Bytes(free), Bytes(total), 0, ""};
  };
  EXPECT_EQ(unsound(of(3 * gb, 8 * gb), exactly(4 * gb), Bytes(0)), "");
  EXPECT_EQ(unsound(of(5 * gb, 8 * gb), exactly(4 * gb), Bytes(gb)), "");
  EXPECT_NE(unsound(of(9 * gb, 8 * gb), exactly(0), Bytes(0)), "");
  EXPECT_NE(unsound(of(-1, 8 * gb), exactly(0), Bytes(0)), "");
  EXPECT_NE(unsound(of(0, 0), exactly(0), Bytes(0)), "");
  EXPECT_NE(unsound(of(8 * gb, 8 * gb), exactly(4 * gb), Bytes(gb)).find("kai holds 4.0 GB"),
            std::string::npos);
}

}  // namespace
}  // namespace kai
