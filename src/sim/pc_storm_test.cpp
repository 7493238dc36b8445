#include "sim/pc_storm.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/random.h"
#include "sim/pc_testing.h"

namespace kai {
namespace {

// New seeds at every run, printed; KAI_SEED replays one.
std::uint64_t some_seed() {
  const char* given = std::getenv("KAI_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : fresh_seed() % 1'000'000;
}

TEST(PcStorm, NothingGoesOverCapacityAndEveryPromiseIsKept) {
  const std::uint64_t seed = some_seed();
  SCOPED_TRACE("replay with: KAI_SEED=" + std::to_string(seed));
  const auto report = storm(reference_pc(), {.seed = seed, .questions = 10'000});
  for (const auto& broken : report.broken) ADD_FAILURE() << broken;
  EXPECT_EQ(report.questions, 10'000);
  EXPECT_GT(report.answered, report.questions / 2);
  // It was a storm.
  EXPECT_GT(report.faults, 100);
  EXPECT_GT(report.thefts, 100);
  EXPECT_GT(report.loads_without_memory, 10);
  EXPECT_GT(report.gpu_peak, 0.9);
  EXPECT_LE(report.gpu_peak, 1);
}

TEST(PcStorm, WhatOthersTakeIsSeenAndCostsFewerAnswers) {
  const std::uint64_t seed = some_seed();
  SCOPED_TRACE("replay with: KAI_SEED=" + std::to_string(seed));
  const StormOptions options{.seed = seed, .questions = 3000, .fault = 0, .theft = 0.1};
  StormOptions blind = options;
  blind.watched = false;
  const auto with = storm(reference_pc(), options);
  const auto without = storm(reference_pc(), blind);
  for (const auto& broken : with.broken) ADD_FAILURE() << broken;
  EXPECT_GT(with.moved, 10);
  EXPECT_LT(with.asked_in_vain, without.asked_in_vain);
  EXPECT_LT(with.loads_without_memory, without.loads_without_memory);
}

TEST(PcStorm, WithoutThievesEveryLoadFindsItsMemory) {
  const std::uint64_t seed = some_seed();
  SCOPED_TRACE("replay with: KAI_SEED=" + std::to_string(seed));
  const auto report =
      storm(reference_pc(), {.seed = seed, .questions = 1000, .fault = 0.1, .theft = 0});
  for (const auto& broken : report.broken) ADD_FAILURE() << broken;
  EXPECT_EQ(report.loads_without_memory, 0);
}

TEST(PcStorm, TheSameSeedIsTheSameStorm) {
  const Pc pc = reference_pc();
  const auto once = storm(pc, {.seed = 7, .questions = 100});
  const auto again = storm(pc, {.seed = 7, .questions = 100});
  EXPECT_EQ(once.answered, again.answered);
  EXPECT_EQ(once.thefts, again.thefts);
  EXPECT_EQ(once.hours, again.hours);
}

}  // namespace
}  // namespace kai
