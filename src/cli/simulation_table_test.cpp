#include "cli/simulation_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/text.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

PcTrial trial(Tier tier, Duration kai, Duration original) {
  PcTrial trial;
  trial.question = "Why is the sky blue, and why is it red in the evening? Tell me all of it.";
  trial.tier = tier;
  trial.asked = 3;
  trial.heard = 2;
  trial.predicted = kai;
  trial.kai = {.time = kai, .gpu_busy = 0.5, .cpu_busy = 0.25, .gpu_peak = Bytes(2'000'000'000)};
  trial.kai_all = {.time = 2 * kai};
  trial.same = {.time = 3 * kai};
  trial.original = {.time = original};
  return trial;
}

bool has(const std::vector<std::string>& lines, const std::string& part) {
  return std::ranges::any_of(
      lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

TEST(SimulationTable, OneQuestionIsTold) {
  Pc pc;
  pc.gpu_memory = Bytes(8'000'000'000);
  const auto lines = trial_lines(trial(Tier::simple, 4s, 40s), pc, 11, 70);
  for (const auto& line : lines) EXPECT_LE(columns_of(line), 70) << line;
  const auto wide = trial_lines(trial(Tier::simple, 4s, 40s), pc, 11, 300);
  EXPECT_TRUE(has(wide, "4.0 s: 2 of 3 voices"));
  EXPECT_TRUE(has(wide, "50 % busy"));
  PcTrial some = trial(Tier::simple, 4s, 40s);
  some.original_refused = {"big:70b", "large:40b"};
  EXPECT_TRUE(has(trial_lines(some, pc, 11, 300), "; memory lacks for big:70b, large:40b"));
  EXPECT_FALSE(has(wide, "memory lacks"));
  EXPECT_TRUE(
      has(trial_lines(trial(Tier::simple, 4s, 0s), pc, 11, 300), "holds any of the models"));
  EXPECT_TRUE(has(wide, "10.0 times kai's"));
}

TEST(SimulationTable, WithoutAnAnswerSaysWhy) {
  PcTrial failed;
  failed.error = "no time is left";
  const auto lines = trial_lines(failed, Pc{}, 2, 80);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(has(lines, "no time is left"));
}

TEST(SimulationTable, SeveralHaveALineEachAndOneForEachTierThatWasAsked) {
  auto failed = trial(Tier::simple, 9s, 9s);
  failed.error = "nothing fits";
  const std::vector trials{trial(Tier::simple, 4s, 40s), trial(Tier::expert, 20s, 80s), failed};
  const auto lines = trial_table(trials, 11, 90);
  for (const auto& line : lines) EXPECT_LE(columns_of(line), 110) << line;
  EXPECT_TRUE(has(lines, "all 11"));
  EXPECT_TRUE(has(lines, "no answer: nothing fits"));
  EXPECT_TRUE(has(lines, "simple     1/2"));
  EXPECT_TRUE(has(lines, "expert     1/1"));
  EXPECT_FALSE(has(lines, "medium  "));
  EXPECT_TRUE(has(lines, "   10.0"));
  EXPECT_TRUE(trial_table({}, 11, 90).empty());
}

}  // namespace
}  // namespace kai
