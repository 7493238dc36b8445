#include "bench/quality/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/ensure.h"
#include "base/random.h"

namespace kai::bench {

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Difference paired(std::span<const double> values, std::span<const double> others,
                  std::uint64_t seed) {
  constexpr int draws = 2000;
  ensure(values.size() == others.size() && !values.empty(), "pairs of the same questions");
  std::vector<double> differences;
  for (std::size_t at = 0; at < values.size(); ++at) {
    differences.push_back(values[at] - others[at]);
  }
  Difference result{.mean = mean(differences)};
  const auto count = static_cast<double>(differences.size());
  double squares = 0;
  for (const double each : differences) squares += (each - result.mean) * (each - result.mean);
  result.error = std::sqrt(squares / count / std::max(count - 1, 1.0));
  Random random(seed);
  std::vector<double> means;
  for (int draw = 0; draw < draws; ++draw) {
    double sum = 0;
    for (std::size_t at = 0; at < differences.size(); ++at) {
      sum += differences[random.below(differences.size())];
    }
    means.push_back(sum / count);
  }
  std::ranges::sort(means);
  result.low = means[draws / 40];
  result.high = means[draws - 1 - draws / 40];
  return result;
}

std::vector<Bin> bins_of(std::vector<Forecast> forecasts) {
  constexpr std::size_t count = 5;
  std::ranges::sort(forecasts, {}, &Forecast::chance);
  std::vector<Bin> bins;
  for (std::size_t number = 0; number < count; ++number) {
    const std::size_t from = number * forecasts.size() / count;
    const std::size_t to = (number + 1) * forecasts.size() / count;
    if (from == to) continue;
    Bin bin{.count = static_cast<double>(to - from)};
    for (std::size_t at = from; at < to; ++at) {
      bin.chance += forecasts[at].chance / bin.count;
      bin.share += forecasts[at].came ? 1 / bin.count : 0;
    }
    bins.push_back(bin);
  }
  return bins;
}

double calibration_error(std::vector<Forecast> forecasts) {
  const auto count = static_cast<double>(forecasts.size());
  double error = 0;
  for (const Bin& bin : bins_of(std::move(forecasts))) {
    error += std::abs(bin.chance - bin.share) * bin.count / count;
  }
  return error;
}

double calibration_error_by_luck(std::vector<Forecast> forecasts, std::uint64_t seed) {
  constexpr int draws = 1000;
  Random random(seed);
  std::vector<double> errors;
  for (int draw = 0; draw < draws; ++draw) {
    for (Forecast& each : forecasts) each.came = random.chance(each.chance);
    errors.push_back(calibration_error(forecasts));
  }
  std::ranges::sort(errors);
  return errors[draws * 9 / 10];
}

double brier(std::span<const Forecast> forecasts) {
  double sum = 0;
  for (const auto& [chance, came] : forecasts) {
    const double off = chance - (came ? 1 : 0);
    sum += off * off;
  }
  return forecasts.empty() ? 0 : sum / static_cast<double>(forecasts.size());
}

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t at = count; at > 1; --at) std::swap(order[at - 1], order[random.below(at)]);
  return order;
}

std::vector<int> folds_of(std::size_t count, int folds, std::uint64_t seed) {
  std::vector<int> fold(count);
  const auto order = shuffled(count, seed);
  for (std::size_t at = 0; at < count; ++at) {
    fold[order[at]] = static_cast<int>(at) % folds;
  }
  return fold;
}

}  // namespace kai::bench
