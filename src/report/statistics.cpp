#include "report/statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/ensure.h"

namespace kai::report {

Interval wilson(int right, int count) {
  ensure(right >= 0 && right <= count, "a share of the whole");
  if (count == 0) return {0, 1};
  constexpr double z = 1.959963984540054;  // 97.5 % of a normal distribution lie below
  const double n = count;
  const double share = right / n;
  const double spread = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double middle = share + z * z / (2 * n);
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (middle - spread) / scale), std::min(1.0, (middle + spread) / scale)};
}

double sign_test(int won, int lost) {
  ensure(won >= 0 && lost >= 0, "counts");
  const int count = won + lost;
  const int fewer = std::min(won, lost);
  // The binomial's terms in logarithms: 2^-count is zero from 1,075 questions on.
  double log_term = -count * std::numbers::ln2;
  double tail = 0;
  for (int k = 0; k <= fewer; ++k) {
    tail += std::exp(log_term);
    log_term += std::log(static_cast<double>(count - k) / (k + 1));
  }
  return std::min(1.0, 2 * tail);
}

Duration quantile(std::vector<Duration> values, double share) {
  ensure(share >= 0 && share <= 1, "a share");
  if (values.empty()) return {};
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank > 0 ? rank - 1 : 0);
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace kai::report
