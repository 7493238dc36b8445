// statistics: what a difference between two ways to answer the same questions is worth.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kai::bench {

double mean(std::span<const double> values);  // 0 of none

// The mean of paired differences, with its standard error and 95 % interval by the bootstrap over
// questions (2,000 draws).
struct Difference {
  double mean = 0, error = 0, low = 0, high = 0;
};
Difference paired(std::span<const double> values, std::span<const double> others,
                  std::uint64_t seed);

// Predictions of what came true or not.
struct Forecast {
  double chance = 0;  // 0..1
  bool came = false;
};
// Five bins of equal mass, by rising chance.
struct Bin {
  double chance = 0, share = 0;  // means: told, came true
  double count = 0;
};
std::vector<Bin> bins_of(std::vector<Forecast> forecasts);
// The mean distance of chance and share in the bins, weighted by size.
double calibration_error(std::vector<Forecast> forecasts);
// The 90th percentile of the same for outcomes drawn from the chances themselves (1,000 draws).
double calibration_error_by_luck(std::vector<Forecast> forecasts, std::uint64_t seed);
// Mean squared distance of chance and outcome.
double brier(std::span<const Forecast> forecasts);

// 0..folds-1 for each of `count` questions, of equal sizes, by chance.
std::vector<int> folds_of(std::size_t count, int folds, std::uint64_t seed);
// 0..count-1 in an order by chance.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed);

}  // namespace kai::bench
