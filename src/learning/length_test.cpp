#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "learning/learning.h"

namespace kai {
namespace {

TEST(Length, IsUnknownWithoutAnswers) {
  EXPECT_EQ(fit_length({}), AnswerLength{});
}

TEST(Length, IsTheMeanAndSpreadOfTheLogarithms) {
  const auto length = fit_length(std::vector{10.0, 1000.0});
  EXPECT_NEAR(length.log_mean, std::log(100.0), 1e-9);
  EXPECT_NEAR(length.log_sd, std::log(10.0), 1e-9);
  EXPECT_EQ(length.answers, 2);
}

TEST(Length, ForgetsWhatIsOld) {
  std::vector<double> tokens(100, 8.0);
  tokens.insert(tokens.end(), 400, 5000.0);
  const auto length = fit_length(tokens);
  EXPECT_NEAR(length.log_mean, std::log(8.0), 1e-9);
  EXPECT_NEAR(length.log_sd, 0, 1e-9);
  EXPECT_EQ(length.answers, 100);
}

}  // namespace
}  // namespace kai
