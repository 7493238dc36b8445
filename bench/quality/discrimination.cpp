// How well a score tells what is wanted from what is not.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/ensure.h"
#include "base/random.h"
#include "bench/quality/statistics.h"

namespace kai::bench {

namespace {

constexpr int draws_max = 1000;

// Sorted once; a draw of questions is a weight for each.
class Curve {
 public:
  Curve(std::span<const Scored> scored, double Scored::* score) : score_(score) {
    for (const Scored& each : scored) sorted_.push_back(&each);
    std::ranges::sort(sorted_, {}, [score](const Scored* each) { return each->*score; });
  }
  double area(std::span<const double> weights) const {
    double below = 0, wanted = 0, area = 0;
    for (auto at = sorted_.begin(); at != sorted_.end();) {
      double equal = 0, equal_wanted = 0;
      const double score = (*at)->*score_;
      for (; at != sorted_.end() && (*at)->*score_ == score; ++at) {
        ((*at)->wanted ? equal_wanted : equal) += weights[(*at)->question];
      }
      area += equal_wanted * (below + equal / 2);
      below += equal;
      wanted += equal_wanted;
    }
    return wanted > 0 && below > 0 ? area / (wanted * below) : 0.5;
  }

 private:
  double Scored::* score_;
  std::vector<const Scored*> sorted_;
};

Interval interval_of(double value, std::vector<double> drawn) {
  std::ranges::sort(drawn);
  return {value, drawn[drawn.size() / 40], drawn[drawn.size() - 1 - drawn.size() / 40]};
}

std::vector<double> drawn_weights(std::size_t count, Random& random) {
  std::vector<double> weights(count, 0);
  for (std::size_t each = 0; each < count; ++each) ++weights[random.below(count)];
  return weights;
}

double weighted_correlation(std::span<const double> values, std::span<const double> others,
                            std::span<const double> weights) {
  double sum = 0, mean = 0, mean_other = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    sum += weights[at];
    mean += weights[at] * values[at];
    mean_other += weights[at] * others[at];
  }
  mean /= sum;
  mean_other /= sum;
  double both = 0, own = 0, other = 0;
  for (std::size_t at = 0; at < values.size(); ++at) {
    const double a = values[at] - mean, b = others[at] - mean_other;
    both += weights[at] * a * b;
    own += weights[at] * a * a;
    other += weights[at] * b * b;
  }
  return own > 0 && other > 0 ? both / std::sqrt(own * other) : 0;
}

}  // namespace

Compared compare_auroc(std::span<const Scored> scored, std::size_t questions, std::uint64_t seed) {
  ensure(questions > 0, "scores of some question");
  const Curve words(scored, &Scored::words), meaning(scored, &Scored::meaning);
  const std::vector<double> once(questions, 1);
  Random random(seed);
  std::vector<double> of_words, of_meaning, gains;
  for (int draw = 0; draw < draws_max; ++draw) {
    const auto weights = drawn_weights(questions, random);
    of_words.push_back(words.area(weights));
    of_meaning.push_back(meaning.area(weights));
    gains.push_back(of_meaning.back() - of_words.back());
  }
  const double by_words = words.area(once), by_meaning = meaning.area(once);
  return {interval_of(by_words, std::move(of_words)),
          interval_of(by_meaning, std::move(of_meaning)),
          interval_of(by_meaning - by_words, std::move(gains))};
}

Interval correlation(std::span<const double> values, std::span<const double> others,
                     std::uint64_t seed) {
  ensure(values.size() == others.size() && !values.empty(), "pairs of the same questions");
  const std::vector<double> once(values.size(), 1);
  Random random(seed);
  std::vector<double> drawn;
  for (int draw = 0; draw < draws_max; ++draw) {
    drawn.push_back(weighted_correlation(values, others, drawn_weights(values.size(), random)));
  }
  return interval_of(weighted_correlation(values, others, once), std::move(drawn));
}

}  // namespace kai::bench
