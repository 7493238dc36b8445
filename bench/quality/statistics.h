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

// Something with two scores, of one question, that is what is looked for or not.
struct Scored {
  double words = 0, meaning = 0;
  bool wanted = false;
  std::size_t question = 0;  // 0..questions-1
};
struct Interval {
  double value = 0, low = 0, high = 0;  // 95 %
};
// By either score: the chance that one that is wanted scores above one that is not (AUROC, equal
// scores count a half), and what the second gains; by the bootstrap over questions (1,000 draws).
struct Compared {
  Interval words, meaning, gain;
};
Compared compare_auroc(std::span<const Scored> scored, std::size_t questions, std::uint64_t seed);
// Pearson's, 0 where either does not vary; by the same bootstrap.
Interval correlation(std::span<const double> values, std::span<const double> others,
                     std::uint64_t seed);

// 0..folds-1 for each of `count` questions, of equal sizes, by chance.
std::vector<int> folds_of(std::size_t count, int folds, std::uint64_t seed);
// 0..count-1 in an order by chance.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed);

}  // namespace kai::bench
