// How sure a verdict is, from verdicts whose truth is known.
#include <vector>

#include "consensus/consensus.h"
#include "learning/learning.h"
#include "learning/logistic.h"

namespace kai {

namespace {

constexpr std::size_t labels_min = 30;
// A few dozen labels cannot carry ten numbers, some hundreds can.
constexpr double ridge = 0.1, ridge_by_label = 200;

}  // namespace

ConfidenceCurve fit_confidence(std::span<const Judged> verdicts) {
  ConfidenceCurve curve;
  if (verdicts.size() < labels_min) return curve;
  std::vector<learning::Sample> samples;
  for (const auto& [at, right] : verdicts) samples.push_back({at, right});
  curve.labels = static_cast<int>(verdicts.size());
  const auto labels = static_cast<double>(verdicts.size());
  curve.right = learning::fit_logistic(samples, ridge + ridge_by_label / labels);
  return curve;
}

}  // namespace kai
