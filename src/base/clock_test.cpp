#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

TEST(FromSeconds, IsClampedWhereTimeEnds) {
  struct Case {
    double count;
    Duration duration;
  };
  const Case cases[] = {{0, 0s},
                        {1.5, 1500ms},
                        {-2, -2s},
                        {1e300, 9'200'000'000s},
                        {-1e300, -9'200'000'000s},
                        {std::numeric_limits<double>::infinity(), 9'200'000'000s}};
  for (const auto& [count, duration] : cases) EXPECT_EQ(from_seconds(count), duration) << count;
}

TEST(VirtualClock, StandsStillUntilItAdvances) {
  VirtualClock clock;
  const Time start = clock.now();
  EXPECT_FALSE(clock.advance());
  Wait wait;
  const auto alarm = clock.ring_at(start + 5s, wait);
  EXPECT_EQ(clock.now(), start);
  EXPECT_TRUE(clock.advance());
  EXPECT_EQ(clock.now(), start + 5s);
  EXPECT_FALSE(clock.advance());
}

TEST(VirtualClock, JumpsToTheEarliestAlarm) {
  VirtualClock clock;
  const Time start = clock.now();
  Wait waits[3];
  const auto late = clock.ring_at(start + 3s, waits[0]);
  const auto early = clock.ring_at(start + 1s, waits[1]);
  auto dropped = clock.ring_at(start + 2s, waits[2]);
  dropped.reset();  // taken back
  clock.advance();
  EXPECT_EQ(clock.now(), start + 1s);
  clock.advance();
  EXPECT_EQ(clock.now(), start + 3s);
}

TEST(VirtualClock, TheWallGoesAlongAndThePastRingsAtOnce) {
  VirtualClock clock;
  const WallTime wall = clock.wall();
  Wait first, second;
  const auto alarm = clock.ring_at(clock.now() + 2s, first);
  clock.advance();
  EXPECT_EQ(clock.wall() - wall, 2s);
  const auto past = clock.ring_at(clock.now() - 1s, second);
  EXPECT_TRUE(clock.advance());
  EXPECT_EQ(clock.wall() - wall, 2s);
}

TEST(Random, ReplaysOnEveryMachine) {
  Random random(1);
  EXPECT_EQ(random.bits(), 2469588189546311528u);  // mt19937_64, by the standard
  Random again(7);
  Random same(7);
  for (int count = 0; count < 100; ++count) EXPECT_EQ(again.bits(), same.bits());
}

TEST(Random, StaysWithinItsBounds) {
  Random random(2);
  bool low = false, high = false;
  for (int count = 0; count < 1000; ++count) {
    const auto small = random.below(3);
    EXPECT_LT(small, 3u);
    low |= small == 0;
    high |= small == 2;
    const double unit = random.unit();
    EXPECT_TRUE(unit >= 0 && unit < 1);
    EXPECT_FALSE(random.chance(0));
    EXPECT_TRUE(random.chance(1));
  }
  EXPECT_TRUE(low && high);
}

TEST(DeriveSeed, EveryLabelHasItsOwn) {
  EXPECT_EQ(derive_seed(1, "a"), derive_seed(1, "a"));
  EXPECT_NE(derive_seed(1, "a"), derive_seed(1, "b"));
  EXPECT_NE(derive_seed(1, "a"), derive_seed(2, "a"));
  EXPECT_NE(derive_seed(1, "ab"), derive_seed(1, "ba"));
  EXPECT_NE(derive_seed(1, ""), derive_seed(2, ""));
}

}  // namespace
}  // namespace kai
