// How sure a verdict is, from verdicts whose truth is known.
#include <algorithm>
#include <tuple>
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
  for (const Judged& verdict : verdicts) samples.push_back({verdict.at, verdict.right});
  curve.labels = static_cast<int>(verdicts.size());
  const auto labels = static_cast<double>(verdicts.size());
  curve.right = learning::fit_logistic(samples, ridge + ridge_by_label / labels);
  return curve;
}

std::vector<Reliability> reliability_of(std::span<const Judged> verdicts) {
  constexpr int folds = 5;
  constexpr std::size_t bins_max = 5;
  // How sure, and whether right; in between a number, so that equally sure ones keep their order:
  // by rightness the wrong ones would all fall into the lower bin.
  std::vector<std::tuple<double, std::size_t, bool>> told;
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<Judged> others;
    for (const Judged& verdict : verdicts) {
      if (verdict.question % folds != fold) others.push_back(verdict);
    }
    const ConfidenceCurve curve = fit_confidence(others);
    if (curve.labels == 0) return {};
    for (const Judged& verdict : verdicts) {
      if (verdict.question % folds == fold) {
        told.emplace_back(chance(curve.right, verdict.at), told.size(), verdict.right);
      }
    }
  }
  std::ranges::sort(told);
  std::vector<Reliability> bins;
  for (std::size_t bin = 0; bin < bins_max; ++bin) {
    const std::size_t from = told.size() * bin / bins_max;
    const std::size_t to = told.size() * (bin + 1) / bins_max;
    if (from == to) continue;
    Reliability& row = bins.emplace_back();
    for (std::size_t at = from; at < to; ++at) {
      row.said += std::get<0>(told[at]);
      row.right += std::get<bool>(told[at]) ? 1 : 0;
    }
    row.answers = static_cast<int>(to - from);
    row.said /= row.answers;
    row.right /= row.answers;
  }
  return bins;
}

}  // namespace kai
