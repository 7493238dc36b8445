#include "report/statistics.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kai::report {
namespace {

using namespace std::chrono_literals;

// Worked out apart, from the formula in its first form.
TEST(Wilson, GivesTheKnownFigures) {
  struct Case {
    int right, count;
    double low, high;
  };
  for (const auto& [right, count, low, high] :
       {Case{50, 100, 0.4038315, 0.5961685}, Case{0, 10, 0, 0.2775328}, Case{10, 10, 0.7224672, 1},
        Case{62, 98, 0.5338876, 0.7214112}, Case{0, 0, 0, 1}}) {
    const Interval interval = wilson(right, count);
    EXPECT_NEAR(interval.low, low, 1e-6) << right << " of " << count;
    EXPECT_NEAR(interval.high, high, 1e-6) << right << " of " << count;
  }
}

RC_GTEST_PROP(Wilson, HoldsTheShareAndNarrowsWithMore, ()) {
  const int count = *rc::gen::inRange(1, 2000);
  const int right = *rc::gen::inRange(0, count + 1);
  const auto [low, high] = wilson(right, count);
  const double share = static_cast<double>(right) / count;
  RC_ASSERT(0 <= low && low <= share + 1e-12 && share - 1e-12 <= high && high <= 1);
  const auto [low4, high4] = wilson(4 * right, 4 * count);
  RC_ASSERT(high4 - low4 < high - low);
}

TEST(SignTest, IsExact) {
  EXPECT_DOUBLE_EQ(sign_test(0, 0), 1);
  EXPECT_DOUBLE_EQ(sign_test(1, 0), 1);
  EXPECT_DOUBLE_EQ(sign_test(5, 5), 1);
  EXPECT_NEAR(sign_test(0, 5), 2.0 / 32, 1e-12);
  EXPECT_NEAR(sign_test(8, 2), 2.0 * (1 + 10 + 45) / 1024, 1e-12);
  EXPECT_NEAR(sign_test(1, 9), 2.0 * (1 + 10) / 1024, 1e-12);
  EXPECT_LT(sign_test(3000, 0), 1e-300);  // 2^-2999 is no number of a double's
  EXPECT_NEAR(sign_test(1550, 1450), 0.0707, 0.001);
}

RC_GTEST_PROP(SignTest, IsAChanceAndKnowsNoSides, ()) {
  const int won = *rc::gen::inRange(0, 500);
  const int lost = *rc::gen::inRange(0, 500);
  const double p = sign_test(won, lost);
  RC_ASSERT(p >= 0 && p <= 1);
  RC_ASSERT(p == sign_test(lost, won));
  // More of the same side is stronger evidence.
  if (won >= lost) RC_ASSERT(sign_test(won + 1, lost) <= p + 1e-12);
}

TEST(Quantile, IsOneOfTheValues) {
  EXPECT_EQ(quantile({}, 0.5), 0s);
  EXPECT_EQ(quantile({3s}, 0.9), 3s);
  EXPECT_EQ(quantile({3s, 1s, 2s}, 0.5), 2s);
  EXPECT_EQ(quantile({4s, 1s, 3s, 2s}, 0.5), 2s);
  EXPECT_EQ(quantile({1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s, 10s}, 0.9), 9s);
  EXPECT_EQ(quantile({2s, 1s}, 0), 1s);
  EXPECT_EQ(quantile({2s, 1s}, 1), 2s);
}

}  // namespace
}  // namespace kai::report
