#include "report/rows.h"

#include <gtest/gtest.h>

namespace kai::report {
namespace {

using namespace std::chrono_literals;

WaySample way(Duration time, double busy = 0.5) {
  return {.answered = true,
          .time = time,
          .asked = 3,
          .heard = 2,
          .agreement = 0.5,
          .gpu_busy = busy,
          .cpu_busy = 0.25,
          .running = {},
          .gpu_peak = Bytes(time / 1s),
          .loaded = Bytes(100),
          .right = {}};
}

QuestionSample both(Tier tier, Shape kind, Duration kai, Duration original) {
  return {.tier = tier, .kind = kind, .adaptive = way(kai), .same = {}, .original = way(original)};
}

TEST(Rows, ATierHasItsMiddleAndItsNineInTen) {
  std::vector<QuestionSample> samples;
  for (int at = 1; at <= 10; ++at) {
    samples.push_back(both(Tier::medium, Shape::open, at * 1s, 5 * at * 1s));
  }
  const auto rows = by_tier(samples);
  ASSERT_EQ(rows.size(), 1u);
  const PerformanceRow& row = rows.front();
  EXPECT_EQ(row.tier, Tier::medium);
  EXPECT_FALSE(row.kind.has_value());
  EXPECT_EQ(row.adaptive.questions, 10);
  EXPECT_EQ(row.adaptive.median, 5s);
  EXPECT_EQ(row.adaptive.p90, 9s);
  EXPECT_EQ(row.adaptive.gpu_peak, Bytes(10));
  EXPECT_EQ(row.adaptive.loaded, Bytes(100));
  EXPECT_DOUBLE_EQ(row.adaptive.heard, 2);
  EXPECT_DOUBLE_EQ(*row.adaptive.gpu_busy, 0.5);
  EXPECT_FALSE(row.adaptive.running.has_value());
  EXPECT_EQ(row.same.questions, 0);
  EXPECT_NEAR(row.faster, 5, 1e-9);
}

TEST(Rows, WhoHasNoAnswerCountsAsAskedOnly) {
  QuestionSample failed = both(Tier::simple, Shape::open, 9s, 9s);
  failed.adaptive->answered = failed.original->answered = false;
  failed.adaptive->right = false;
  failed.adaptive->error = "nobody fits";
  QuestionSample late = failed;
  late.adaptive->right.reset();
  late.adaptive->error = "a rare reason";
  const std::vector samples{late, failed, failed, both(Tier::simple, Shape::open, 2s, 4s)};
  const auto row = by_tier(samples).at(0);
  EXPECT_EQ(row.adaptive.questions, 4);
  EXPECT_EQ(row.adaptive.answered, 1);
  EXPECT_EQ(row.adaptive.why, "nobody fits");
  EXPECT_EQ(row.adaptive.p90, 2s);
  EXPECT_EQ(row.adaptive.marked, 2);
  EXPECT_EQ(row.adaptive.right, 0);
  EXPECT_NEAR(row.faster, 2, 1e-9);
}

TEST(Rows, WaysThatNoQuestionSharesAreComparedByTheirMiddles) {
  QuestionSample kai = both(Tier::simple, Shape::open, 2s, 4s), original = kai;
  kai.original.reset();
  original.adaptive.reset();
  original.original->time = 6s;
  EXPECT_NEAR(by_tier(std::vector{kai, original}).at(0).faster, 3, 1e-9);
  EXPECT_EQ(by_tier(std::vector{kai}).at(0).faster, 0);
  // Nothing of kai's own is no reason to fail.
  EXPECT_EQ(by_tier(std::vector{original}).at(0).faster, 0);
}

TEST(Rows, KindsComeOneAfterTheOtherEachByTier) {
  const std::vector samples{both(Tier::expert, Shape::open, 1s, 1s),
                            both(Tier::simple, Shape::open, 1s, 1s),
                            both(Tier::medium, Shape::choice, 1s, 1s)};
  const auto rows = by_kind(samples);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].kind, Shape::choice);
  EXPECT_EQ(rows[1].tier, Tier::simple);
  EXPECT_EQ(rows[2].tier, Tier::expert);
  EXPECT_TRUE(by_kind({}).empty());
}

TEST(Rows, ATrialIsAskedInThreeWays) {
  PcTrial trial;
  trial.models = 11;
  trial.asked = 3;
  trial.heard = 2;
  trial.agreement = 0.75;
  trial.kai.time = 2s;
  trial.same.time = 5s;
  trial.original.time = 20s;
  const QuestionSample sample = sample_of(trial);
  EXPECT_EQ(sample.adaptive->heard, 2);
  EXPECT_EQ(sample.same->heard, 3);
  EXPECT_EQ(sample.original->heard, 11);
  EXPECT_EQ(sample.original->time, 20s);
  EXPECT_DOUBLE_EQ(sample.adaptive->agreement, 0.75);
  trial.original_refused = {"the eleventh"};
  EXPECT_EQ(sample_of(trial).original->asked, 10);
  trial.original.time = 0s;
  EXPECT_FALSE(sample_of(trial).original->answered);
  EXPECT_TRUE(sample_of(trial).adaptive->answered);
  trial.error = "nothing fits";
  EXPECT_FALSE(sample_of(trial).adaptive->answered);
  EXPECT_EQ(sample_of(trial).adaptive->error, "nothing fits");
}

}  // namespace
}  // namespace kai::report
