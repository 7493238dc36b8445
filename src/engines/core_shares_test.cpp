#include "engines/core_shares.h"

#include <gtest/gtest.h>

#include <optional>

namespace kai {
namespace {

const LaneId cpu{DeviceId("cpu"), 0};
const LaneId gpu{DeviceId("gpu0"), 1};

TEST(CoreShares, ALaneAloneHasAllCores) {
  CoreShares shares(8, 8);
  EXPECT_EQ(shares.share(), 8);
  const CoreShares::Seat one(shares, cpu);
  EXPECT_EQ(shares.share(), 8);
}

TEST(CoreShares, TwoShareThemUntilOneIsDone) {
  CoreShares shares(9, 9);
  const CoreShares::Seat answer(shares, cpu);
  {
    const CoreShares::Seat rest(shares, gpu);
    EXPECT_EQ(shares.share(), 4);
  }
  EXPECT_EQ(shares.share(), 9);
}

TEST(CoreShares, ALanesSecondAnswerTakesNothingMore) {
  CoreShares shares(8, 8);
  std::optional<CoreShares::Seat> first(std::in_place, shares, cpu);
  const CoreShares::Seat second(shares, cpu);
  EXPECT_EQ(shares.share(), 8);
  first.reset();
  const CoreShares::Seat rest(shares, gpu);
  EXPECT_EQ(shares.share(), 4);
}

// Two cores in two lanes answer side by side, as their cost cards were measured.
TEST(CoreShares, NoLaneHasMoreThanItsOwn) {
  CoreShares shares(3, 1);
  const CoreShares::Seat one(shares, cpu);
  EXPECT_EQ(shares.share(), 1);
}

TEST(CoreShares, EveryLaneHasOne) {
  CoreShares shares(1, 1);
  const CoreShares::Seat one(shares, cpu), two(shares, gpu);
  EXPECT_EQ(shares.share(), 1);
}

}  // namespace
}  // namespace kai
