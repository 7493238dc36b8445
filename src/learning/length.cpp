#include <algorithm>
#include <cmath>
#include <numbers>

#include "learning/learning.h"

namespace kai {

namespace {

// One answer's worth of what is usual, in logarithms.
struct Prior {
  double mean = 0;
  double weight = 0;                   // in answers; 0: none is needed
  static constexpr double sd = 0.7;    // of models of unknown habits
  static constexpr double answer = 1;  // weight
};

struct Normal {
  double mean = 0, sd = 0;
};

// Mean and mean square of a normal draw that is known to be at least `least`.
struct Above {
  double mean = 0, square = 0;
};
Above above(const Normal& normal, double least) {
  constexpr double far = 30;  // spreads above the mean; erfc is 0 beyond
  const double z = std::min((least - normal.mean) / normal.sd, far);
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  const double hazard = density / (std::erfc(z / std::numbers::sqrt2) / 2);
  const double mean = normal.mean + normal.sd * hazard;
  return {mean, normal.mean * normal.mean + normal.sd * normal.sd +
                    normal.sd * hazard * (least + normal.mean)};
}

// One step: every answer as it is, or as it is expected to be given `before`.
Normal stepped(std::span<const Written> answers, const Prior& prior, const Normal& before) {
  double count = prior.weight, sum = prior.weight * prior.mean;
  double squares = prior.weight * (prior.mean * prior.mean + Prior::sd * Prior::sd);
  for (const Written& answer : answers) {
    const double length = std::log(std::max(answer.tokens, 1.0));
    const Above known =
        answer.cut && before.sd > 0 ? above(before, length) : Above{length, length * length};
    count += 1;
    sum += known.mean;
    squares += known.square;
  }
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

}  // namespace

AnswerLength fit_length(std::span<const Written> answers) {
  constexpr std::size_t answers_max = 100;
  constexpr int steps_max = 200;
  constexpr double near = 1e-6;
  const auto newest = answers.first(std::min(answers.size(), answers_max));
  if (newest.empty()) return {};
  Prior prior;
  for (const Written& answer : newest) {
    if (!answer.cut) continue;
    prior.weight = Prior::answer;
    prior.mean = std::max(prior.mean, std::log(std::max(answer.tokens, 1.0)));
  }
  // Without a spread nothing is expected beyond a limit yet.
  Normal normal = stepped(newest, prior, {});
  for (int step = 0; prior.weight > 0 && step < steps_max; ++step) {
    const Normal next = stepped(newest, prior, normal);
    const bool settled = std::abs(next.mean - normal.mean) + std::abs(next.sd - normal.sd) < near;
    normal = next;
    if (settled) break;
  }
  return {normal.mean, normal.sd, static_cast<int>(newest.size())};
}

}  // namespace kai
