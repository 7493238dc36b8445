#include "planner/waves.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>

#include "base/random.h"
#include "planner/seating.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using Parts = std::vector<std::vector<Option>>;

constexpr Bytes gb(1'000'000'000);

// A GPU of 8 GB that loads one model while another answers, and a CPU.
const std::vector<Berth> laptop{{gb * 8, 2, 1}, {gb * 64, 1, 1}};
constexpr std::size_t gpu = 0, cpu = 1;

Option on_gpu(std::int64_t gigabytes, Duration load, Duration run) {
  return {gpu, gb * gigabytes, false, load, run};
}

std::vector<Turn> play(const std::vector<Berth>& berths, const Parts& parts,
                       std::vector<std::size_t> order) {
  Waves waves(berths, parts);
  const auto turns = waves.play({std::move(order), std::vector<std::size_t>(parts.size())});
  return {turns.begin(), turns.end()};
}

TEST(Waves, TheNextIsLoadedWhileOneAnswers) {
  const Parts parts{{on_gpu(3, 1s, 4s)}, {on_gpu(3, 2s, 4s)}, {on_gpu(3, 2s, 4s)}};
  const auto turns = play(laptop, parts, {0, 1, 2});
  EXPECT_EQ(turns[0].end(), 5s);
  EXPECT_EQ(turns[1].start, 1s);
  EXPECT_EQ(turns[1].wait, 2s);
  EXPECT_EQ(turns[1].end(), 9s);
  // Both lanes are taken until the first has answered.
  EXPECT_EQ(turns[2].start, 5s);
  EXPECT_EQ(turns[2].end(), 13s);
}

TEST(Waves, WhatDoesNotFitBesideWaits) {
  const Parts parts{{on_gpu(5, 1s, 4s)}, {on_gpu(5, 2s, 4s)}};
  const auto turns = play(laptop, parts, {0, 1});
  EXPECT_EQ(turns[1].start, 5s);
  EXPECT_EQ(turns[1].end(), 11s);
}

Option split_beside(Duration load, Duration run, double use) {
  return {.device = gpu,
          .bytes = gb * 7,
          .load = load,
          .run = run,
          .beside = cpu,
          .bytes_beside = gb * 3,
          .share = 0.7,
          .use_beside = use};
}

TEST(Waves, ASplitPartHasTheOnlyLaneBesideToItself) {
  const Parts parts{{split_beside(1s, 10s, 0.5)}, {{cpu, gb, false, 0s, 10s}}};
  const auto turns = play(laptop, parts, {0, 1});
  EXPECT_EQ(turns[0].end(), 11s);
  EXPECT_EQ(turns[1].end(), 21s);
  EXPECT_EQ(play(laptop, parts, {1, 0})[0].start, 10s);
}

TEST(Waves, BesideASplitPartAFurtherLaneAnswersAndBothAreSlower) {
  std::vector<Berth> berths = laptop;
  berths[cpu].lanes = 2;
  const Parts parts{{split_beside(0s, 10s, 0.5)}, {{cpu, gb, false, 0s, 10s}}};
  // 1.5 of the CPU is wanted, 0.95 is there: each takes 15.8 s of their 10.
  for (const auto& turn : play(berths, parts, {0, 1})) {
    EXPECT_EQ(turn.start, 0s);
    EXPECT_NEAR(seconds(turn.end()), 15.8, 0.3);
  }
  // Who uses little of it costs little.
  const Parts light{{split_beside(0s, 10s, 0)}, {{cpu, gb, false, 0s, 10s}}};
  EXPECT_NEAR(seconds(play(berths, light, {0, 1})[1].end()), 10.5, 0.1);
}

TEST(Waves, OneSplitPartAtATime) {
  std::vector<Berth> berths{{gb * 8, 2, 1}, {gb * 64, 3, 2}, {gb * 8, 2, 1}};
  Parts parts{{split_beside(1s, 10s, 0.5)}, {split_beside(1s, 10s, 0.5)}};
  parts[1][0].device = 2;  // another GPU
  const auto turns = play(berths, parts, {0, 1});
  EXPECT_EQ(turns[0].end(), 11s);
  EXPECT_EQ(turns[1].start, 11s);
}

TEST(Waves, AResidentAnswersAtOnceAndIsHeldUntilThen) {
  Parts parts{{on_gpu(5, 1s, 4s)}, {on_gpu(4, 2s, 4s)}};
  parts[1][0].resident = true;
  auto turns = play(laptop, parts, {1, 0});
  EXPECT_EQ(turns[1].end(), 4s);
  EXPECT_EQ(turns[0].start, 4s);
  // Behind one that needs its bytes it goes, and comes again.
  turns = play(laptop, parts, {0, 1});
  EXPECT_EQ(turns[0].start, 0s);
  EXPECT_EQ(turns[1].load, 2s);
  EXPECT_EQ(turns[1].end(), 11s);
}

TEST(Waves, LanesOfACpuLoadAndAnswerSideBySide) {
  const std::vector<Berth> berths{{gb * 8, 2, 2}};
  const Parts parts{{on_gpu(1, 1s, 4s)}, {on_gpu(1, 1s, 2s)}, {on_gpu(1, 1s, 2s)}};
  const auto turns = play(berths, parts, {0, 1, 2});
  EXPECT_EQ(turns[1].end(), 3s);
  EXPECT_EQ(turns[2].end(), 6s);
}

Parts random_parts(Random& random, std::size_t count) {
  Parts parts(count);
  for (auto& options : parts) {
    const auto size = static_cast<std::int64_t>(1 + random.below(8));
    const auto work = 0.2 + random.unit() * 4;
    options.push_back({gpu, gb * size, random.chance(0.2),
                       from_seconds(0.1 * static_cast<double>(size)), from_seconds(work)});
    options.push_back({cpu, gb * size, false, 100ms, from_seconds(work * (2 + random.unit() * 4))});
  }
  return parts;
}

Duration makespan(Waves& waves, const Seating& seating) {
  Duration last{};
  for (const Turn& turn : waves.play(seating)) last = std::max(last, turn.end());
  return last;
}

// Of every order and every device.
Duration shortest(const Parts& parts) {
  Waves waves(laptop, parts);
  Seating seating;
  for (std::size_t part = 0; part < parts.size(); ++part) seating.order.push_back(part);
  Duration least = Duration::max();
  do {
    for (std::size_t devices = 0; devices < std::size_t{1} << parts.size(); ++devices) {
      seating.option.clear();
      for (std::size_t part = 0; part < parts.size(); ++part) {
        seating.option.push_back(devices >> part & 1);
      }
      least = std::min(least, makespan(waves, seating));
    }
  } while (std::ranges::next_permutation(seating.order).found);
  return least;
}

TEST(BestSeating, OfSixIsNearTheShortestThereIs) {
  double worst = 1, sum = 0;
  constexpr int fleets = 40;
  for (int seed = 0; seed < fleets; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    const Parts parts = random_parts(random, 6);
    Waves waves(laptop, parts);
    const std::vector<Stake> stakes(parts.size(), Stake{1, 0.5});
    const Seating seating =
        best_seating(waves, parts, stakes, {Haste::all_heard, Duration::max(), 1500});
    const double ratio = seconds(makespan(waves, seating)) / seconds(shortest(parts));
    worst = std::max(worst, ratio);
    sum += ratio;
  }
  EXPECT_LE(worst, 1.1);
  EXPECT_LE(sum / fleets, 1.01);
}

TEST(BestSeating, KeepsAnOrderThatIsGiven) {
  Random random(1);
  const Parts parts = random_parts(random, 7);
  Waves waves(laptop, parts);
  const std::vector<Stake> stakes(parts.size(), Stake{1, 0.5});
  const Seating seating = best_seating(waves, parts, stakes, {Haste::in_order, Duration::max()});
  EXPECT_TRUE(std::ranges::is_sorted(seating.order));
}

TEST(BestSeating, PutsTheCheapFirstWhereTheyCanSettleIt) {
  // Three of five alike: two slow ones are not needed if the quick ones agree.
  const Parts parts{{on_gpu(1, 1s, 20s)},
                    {on_gpu(1, 1s, 2s)},
                    {on_gpu(1, 1s, 2s)},
                    {on_gpu(1, 1s, 20s)},
                    {on_gpu(1, 1s, 2s)}};
  Waves waves(laptop, parts);
  const std::vector<Stake> stakes(parts.size(), Stake{1, 0.8});
  const Seating seating = best_seating(waves, parts, stakes, {Haste::settled, Duration::max()});
  EXPECT_GE(std::ranges::find(seating.order, 0u) - seating.order.begin(), 3);
  EXPECT_GE(std::ranges::find(seating.order, 3u) - seating.order.begin(), 3);
}

TEST(BestSeating, EndsWithinItsPlays) {
  Random random(2);
  const Parts parts = random_parts(random, 12);
  const std::vector<Stake> stakes(parts.size(), Stake{1, 0.5});
  Waves waves(laptop, parts);
  // The limit cannot be met: the least late is chosen.
  const Seating seating = best_seating(waves, parts, stakes, {Haste::all_heard, 1s, 300});
  EXPECT_EQ(seating.order.size(), parts.size());
}

RC_GTEST_PROP(SettledShare, GrowsWithEachAnswerToAllOfThem, (std::uint64_t seed)) {
  Random random(seed);
  std::vector<Stake> stakes(1 + random.below(SettledShare::parts_max));
  for (Stake& stake : stakes) stake = {0.1 + random.unit(), random.unit()};
  SettledShare share(stakes);
  std::uint32_t answered = 0;
  double before = share.of(answered);
  for (std::size_t part = 0; part < stakes.size(); ++part) {
    answered |= std::uint32_t{1} << part;
    RC_ASSERT(share.of(answered) >= before);
    before = share.of(answered);
  }
}

}  // namespace
}  // namespace kai
