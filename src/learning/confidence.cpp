// How sure a verdict is, from verdicts whose truth is known.
#include <algorithm>
#include <vector>
#include <cstdlib>

#include "consensus/consensus.h"
#include "learning/learning.h"
#include "learning/logistic.h"

namespace kai {

namespace {

constexpr std::size_t labels_min = 30;
const std::size_t labels_for_steps = getenv("ST") ? (size_t)atol(getenv("ST")) : 200;
const double ridge = getenv("RI")?atof(getenv("RI")):3;


// Pool adjacent violators: the rising curve nearest to what was seen. Blocks of fewer than
// `block_min` are merged first, since a block's share is only as good as its count.
std::vector<Step> rising_steps(const Logistic& curve, std::span<const Judged> verdicts) {
  constexpr double block_min = 20;
  struct Block {
    double at = 0, right = 0, count = 0;
    double share() const { return right / count; }
  };
  std::vector<std::pair<double, bool>> sorted;
  for (const auto& [at, right] : verdicts) sorted.emplace_back(chance(curve, at), right);
  std::ranges::sort(sorted);
  std::vector<Block> blocks;
  for (const auto& [at, right] : sorted) {
    if (blocks.empty() || blocks.back().count >= block_min) blocks.emplace_back();
    blocks.back().at += at;
    blocks.back().right += right ? 1 : 0;
    blocks.back().count += 1;
  }
  std::vector<Block> rising;
  for (const Block& block : blocks) {
    rising.push_back(block);
    while (rising.size() > 1 && rising[rising.size() - 2].share() >= rising.back().share()) {
      const Block last = rising.back();
      rising.pop_back();
      rising.back().at += last.at;
      rising.back().right += last.right;
      rising.back().count += last.count;
    }
  }
  std::vector<Step> steps;
  for (const Block& block : rising) {
    // One more of each kind: nothing is ever certain.
    steps.push_back({block.at / block.count, (block.right + 1) / (block.count + 2)});
  }
  return steps;
}

}  // namespace

ConfidenceCurve fit_confidence(std::span<const Judged> verdicts) {
  ConfidenceCurve curve;
  if (verdicts.size() < labels_min) return curve;
  std::vector<learning::Sample> samples;
  for (const auto& [at, right] : verdicts) samples.push_back({at, right});
  curve.labels = static_cast<int>(verdicts.size());
  curve.right = learning::fit_logistic(samples, ridge);
  if (verdicts.size() >= labels_for_steps) curve.steps = rising_steps(curve.right, verdicts);
  return curve;
}

}  // namespace kai
