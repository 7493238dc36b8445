#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "learning/learning.h"

namespace kai {
namespace {

// As long as the draws are, cut at the limit.
std::vector<Written> drawn(double log_mean, double log_sd, double limit, int count,
                           std::uint64_t seed) {
  Random random(seed);
  std::vector<Written> answers;
  for (int draw = 0; draw < count; ++draw) {
    const double tokens = std::exp(log_mean + log_sd * random.normal());
    answers.push_back({std::min(tokens, limit), tokens >= limit});
  }
  return answers;
}

// The mean of answers that are cut at `limit`, by many draws.
double mean_within(const AnswerLength& length, double limit) {
  Random random(99);
  double sum = 0;
  constexpr int draws = 20'000;
  for (int draw = 0; draw < draws; ++draw) {
    sum += std::min(limit, std::exp(length.log_mean + length.log_sd * random.normal()));
  }
  return sum / draws;
}

TEST(Length, IsUnknownWithoutAnswers) {
  EXPECT_EQ(fit_length({}), AnswerLength{});
}

TEST(Length, IsTheMeanAndSpreadOfTheLogarithms) {
  const auto length = fit_length(std::vector<Written>{{10, false}, {1000, false}});
  EXPECT_NEAR(length.log_mean, std::log(100.0), 1e-9);
  EXPECT_NEAR(length.log_sd, std::log(10.0), 1e-9);
  EXPECT_EQ(length.answers, 2);
}

TEST(Length, ForgetsWhatIsOld) {
  std::vector<Written> answers(100, {8, false});
  answers.insert(answers.end(), 400, {5000, true});
  const auto length = fit_length(answers);
  EXPECT_NEAR(length.log_mean, std::log(8.0), 1e-9);
  EXPECT_NEAR(length.log_sd, 0, 1e-9);
  EXPECT_EQ(length.answers, 100);
}

// Known at a limit of 128, asked for 256.
TEST(Length, OfCutAnswersTellsHowLongTheyWouldHaveBeen) {
  struct Case {
    double median, sd;
  };
  for (const auto& [median, sd] : {Case{60, 0.7}, Case{110, 0.6}, Case{160, 0.5}, Case{200, 0.8}}) {
    SCOPED_TRACE(median);
    const AnswerLength truth{std::log(median), sd, 0};
    double error = 0, naive_error = 0;
    constexpr int panels = 20;
    for (std::uint64_t seed = 0; seed < panels; ++seed) {
      auto answers = drawn(truth.log_mean, sd, 128, 100, seed);
      error += mean_within(fit_length(answers), 256) / mean_within(truth, 256) - 1;
      for (auto& answer : answers) answer.cut = false;
      naive_error += mean_within(fit_length(answers), 256) / mean_within(truth, 256) - 1;
    }
    EXPECT_NEAR(error / panels, 0, 0.03);
    EXPECT_LT(naive_error, error);  // which is what this is for
  }
}

TEST(Length, OfNothingButCutAnswersIsBeyondTheLimitAndFinite) {
  for (const std::size_t count : {1, 5, 100}) {
    SCOPED_TRACE(count);
    const auto length = fit_length(std::vector<Written>(count, {128, true}));
    EXPECT_GT(std::exp(length.log_mean), 128);
    EXPECT_LT(std::exp(length.log_mean), 128 * 100);
    EXPECT_LE(mean_within(length, 256), 256);
    EXPECT_GT(mean_within(length, 256), count > 4 ? 200 : 128);
  }
}

TEST(Length, ACutAnswerNeverMakesItShorter) {
  std::vector<Written> answers = drawn(std::log(60.0), 0.7, 128, 50, 3);
  const auto known = fit_length(answers);
  for (auto& answer : answers) answer.cut = false;
  EXPECT_GT(known.log_mean, fit_length(answers).log_mean);
}

RC_GTEST_PROP(Length, IsFiniteWhateverWasWritten, (std::uint64_t seed)) {
  Random random(seed);
  std::vector<Written> answers(1 + random.below(150));
  for (auto& answer : answers) {
    answer = {std::floor(std::exp(12 * random.unit())), random.chance(random.unit())};
  }
  const auto length = fit_length(answers);
  RC_ASSERT(std::isfinite(length.log_mean) && std::isfinite(length.log_sd));
  RC_ASSERT(length.log_mean >= 0 && length.log_sd >= 0);
}

}  // namespace
}  // namespace kai
