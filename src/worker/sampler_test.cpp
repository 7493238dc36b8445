#include "worker/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace kai {
namespace {

TEST(LogSumExp, EqualsTheLibraryToThreeDigits) {
  Random random(7);
  for (const std::size_t size : {1UZ, 7UZ, 8UZ, 1000UZ, 262'144UZ}) {
    std::vector<float> logits(size);
    for (auto& logit : logits) logit = static_cast<float>(random.unit() * 40 - 25);
    const float maximum = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - maximum);
    EXPECT_NEAR(log_sum_exp(logits, maximum), std::log(sum) + maximum, 1e-3) << size;
  }
}

TEST(LogSumExp, SurvivesMinusInfinity) {
  const std::vector<float> logits{0.0f, -INFINITY, -INFINITY};
  EXPECT_NEAR(log_sum_exp(logits, 0.0f), 0.0, 1e-4);
}

}  // namespace
}  // namespace kai
