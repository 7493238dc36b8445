#include "coordinator/breaker.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

const ModelId a("a"), b("b");
const DeviceId gpu("gpu0"), cpu("cpu");
const WallTime start{WallTime(1'800'000'000s)};

class BreakerTest : public testing::Test {
 protected:
  void dies(int times, WallTime now = start) {
    while (times-- > 0) breaker.died(a, gpu, now, "the worker gpu0.0 died: out of cheese");
  }
  bool is_out(WallTime now) const { return !breaker.out(a, gpu, now).empty(); }

  Breaker breaker{{.deaths_max = 2, .pause_first = 1min, .pause_max = 10min}};
};

TEST_F(BreakerTest, OneDeathIsNoPattern) {
  dies(1);
  EXPECT_FALSE(is_out(start));
}

TEST_F(BreakerTest, TwoInARowAreTakenOutWithTheReason) {
  dies(2);
  EXPECT_EQ(breaker.out(a, gpu, start + 1s),
            "killed its worker on gpu0 2 times in a row, is tried again in 59 s; the last: the "
            "worker gpu0.0 died: out of cheese");
  EXPECT_EQ(breaker.out(a, cpu, start), "");
  EXPECT_EQ(breaker.out(b, gpu, start), "");
}

TEST_F(BreakerTest, ThePauseGrowsToItsBound) {
  for (const auto& [deaths, pause] :
       {std::pair(2, 1min), {3, 2min}, {4, 4min}, {5, 8min}, {6, 10min}, {60, 10min}}) {
    breaker = Breaker({.deaths_max = 2, .pause_first = 1min, .pause_max = 10min});
    dies(deaths);
    EXPECT_TRUE(is_out(start + pause - 1s)) << deaths;
    EXPECT_FALSE(is_out(start + pause)) << deaths;
  }
}

TEST_F(BreakerTest, AnAnswerForgivesAll) {
  EXPECT_FALSE(breaker.answered(a, gpu));
  dies(5);
  const auto forgiven = breaker.answered(a, gpu);
  ASSERT_TRUE(forgiven);
  EXPECT_EQ(forgiven->in_a_row, 0);
  EXPECT_FALSE(is_out(start));
  dies(1);
  EXPECT_FALSE(is_out(start));
}

TEST_F(BreakerTest, AClockThatJumpsKeepsNobodyOut) {
  dies(3);
  EXPECT_FALSE(is_out(start - 1h));
  EXPECT_FALSE(is_out(start + 1h));
}

TEST_F(BreakerTest, WhatWasRememberedCounts) {
  breaker.remember({{a, gpu, 2, start, "died"}});
  EXPECT_TRUE(is_out(start));
}

Fleet fleet_of(const std::vector<ModelId>& models) {
  Fleet fleet;
  for (const auto& id : models) fleet.models.emplace_back().id = id;
  return fleet;
}

TEST_F(BreakerTest, WhoIsOutEverywhereIsRefusedAndElsewhereAsked) {
  std::vector<CostCard> cards(3);
  cards[0].model = cards[1].model = a;
  cards[0].device = cards[2].device = gpu;
  cards[1].device = cpu;
  cards[2].model = b;
  dies(2);
  Usable usable = without_broken(fleet_of({a, b}), cards, breaker, start);
  EXPECT_EQ(usable.cards.size(), 2u);
  EXPECT_TRUE(usable.fleet.models[0].refused.empty());
  for (int time = 0; time < 2; ++time) breaker.died(a, cpu, start, "died");
  usable = without_broken(fleet_of({a, b}), cards, breaker, start);
  EXPECT_EQ(usable.cards.size(), 1u);
  EXPECT_TRUE(usable.fleet.models[0].refused.starts_with("killed its worker"));
  EXPECT_TRUE(usable.fleet.models[1].refused.empty());
}

TEST_F(BreakerTest, WhereNobodyWouldBeLeftAllAreAsked) {
  std::vector<CostCard> cards(1);
  cards[0].model = a;
  cards[0].device = gpu;
  dies(2);
  const Usable usable = without_broken(fleet_of({a}), cards, breaker, start);
  EXPECT_EQ(usable.cards.size(), 1u);
  EXPECT_TRUE(usable.fleet.models[0].refused.empty());
}

}  // namespace
}  // namespace kai
