#include "worker/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

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

TEST(Largest, AreTheFirstOfAllSorted) {
  Random random(11);
  for (const int size : {0, 1, 5, 1000}) {
    std::vector<float> logits(static_cast<std::size_t>(size));
    for (auto& logit : logits) logit = std::round(static_cast<float>(random.unit() * 50));
    std::vector<int> sorted(logits.size());
    std::iota(sorted.begin(), sorted.end(), 0);
    // The first of equals first.
    std::ranges::sort(sorted, {},
                      [&](int at) { return std::pair(-logits[static_cast<std::size_t>(at)], at); });
    for (const int count : {0, 1, 7, 20}) {
      auto first = sorted;
      first.resize(static_cast<std::size_t>(std::min(count, size)));
      EXPECT_EQ(largest(logits, count), first) << size << " " << count;
    }
  }
}

}  // namespace
}  // namespace kai
