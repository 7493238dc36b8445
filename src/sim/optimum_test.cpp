#include "sim/optimum.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/pc_fleets.h"
#include "sim/pc_testing.h"

namespace kai {
namespace {

const Pc reference = reference_pc();

TEST(Optimum, IsTheShortestOfAllWays) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const DrawnFleet fleet = random_fleet(reference, 1 + static_cast<int>(seed % 3), seed);
    const auto every = try_every_way(fleet.pc, fleet.members, {}, {});
    const auto found = find_optimum(fleet.pc, fleet.members, {}, {});
    EXPECT_DOUBLE_EQ(found.makespan.count(), every.makespan.count());
    EXPECT_DOUBLE_EQ(found.bound.count(), every.makespan.count());
    EXPECT_LE(found.plays, every.plays);
    const auto again = run_ordered(fleet.pc, found.order, {}, Tokens(640));
    EXPECT_EQ(again.makespan, found.makespan);
  }
}

TEST(Optimum, IsNoLongerThanTheBestOrder) {
  // As good as undivided, as the best order has it.
  const OptimumOptions fine{.layers = 1'000'000};
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const DrawnFleet fleet = random_fleet(reference, 4, seed);
    const auto best = best_order(fleet.pc, fleet.members, {}, Tokens(640), Splitting::allowed);
    EXPECT_LE(find_optimum(fleet.pc, fleet.members, {}, fine).makespan.count(),
              run_ordered(fleet.pc, best, {}, Tokens(640)).makespan.count() + 1e-3);
  }
}

// Where the search is cut short, what it proved still holds.
TEST(Optimum, TheBoundIsNeverAboveTheShortest) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    const DrawnFleet fleet = random_fleet(reference, 4, seed);
    const double least = find_optimum(fleet.pc, fleet.members, {}, {}).makespan.count();
    double before = 0;
    for (const std::int64_t nodes : {0, 5, 50, 500}) {
      const auto cut = find_optimum(fleet.pc, fleet.members, {}, {.nodes_max = nodes});
      EXPECT_LE(cut.bound.count(), least);
      EXPECT_GE(cut.makespan.count(), least);
      EXPECT_GE(cut.bound.count(), before);
      before = cut.bound.count();
    }
  }
}

// R32. A sample of what `make bench-pc` has whole.
TEST(Fleets, KaiIsNearTheOptimum) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    const DrawnFleet fleet = random_fleet(reference, 2 + static_cast<int>(seed % 4), seed);
    const FleetTrial trial = try_fleet(fleet, {});
    EXPECT_TRUE(trial.broken.empty());
    EXPECT_EQ(trial.answers, fleet.members.size());
    EXPECT_EQ(trial.optimum.makespan, trial.optimum.bound);
    EXPECT_LE(trial.kai / trial.optimum.makespan, 1.15);
  }
}

RC_GTEST_PROP(RandomFleet, IsTheSameForTheSameSeedAndCanBeRun, (std::uint64_t seed)) {
  const int models = *rc::gen::inRange(1, 8);
  const DrawnFleet fleet = random_fleet(reference, models, seed);
  const DrawnFleet again = random_fleet(reference, models, seed);
  RC_ASSERT(fleet.members.size() == static_cast<std::size_t>(models));
  RC_ASSERT(fleet.pc.models.size() == static_cast<std::size_t>(models));
  for (std::size_t at = 0; at < fleet.pc.models.size(); ++at) {
    RC_ASSERT(fleet.pc.models[at].file == again.pc.models[at].file);
    RC_ASSERT(fleet.pc.models[at].file > Bytes(0));
    // The CPU holds it.
    RC_ASSERT(fleet.pc.models[at].file < Bytes(fleet.pc.memory.count / 10 * 9));
  }
}

}  // namespace
}  // namespace kai
