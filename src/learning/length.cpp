#include <algorithm>
#include <cmath>

#include "learning/learning.h"

namespace kai {

AnswerLength fit_length(std::span<const double> tokens) {
  constexpr std::size_t answers_max = 100;
  const auto newest = tokens.first(std::min(tokens.size(), answers_max));
  if (newest.empty()) return {};
  double sum = 0, squares = 0;
  for (const double count : newest) {
    const double length = std::log(std::max(count, 1.0));
    sum += length;
    squares += length * length;
  }
  const auto count = static_cast<double>(newest.size());
  const double mean = sum / count;
  const double variance = std::max(0.0, squares / count - mean * mean);
  return {mean, std::sqrt(variance), static_cast<int>(newest.size())};
}

}  // namespace kai
