// Whose open answers are liked, and what of an answer is liked.
#include <algorithm>
#include <cmath>

#include "domain/skills.h"
#include "learning/learning.h"

namespace kai {

namespace {

constexpr std::size_t preferences_min = 100;
constexpr double chance_min = 0.01, chance_max = 0.99;

bool known(double score) {
  return score >= 0 && score <= 1;
}

std::vector<Skill> skills_of(std::span<const Voter> voters,
                             std::span<const Preference> preferences) {
  std::vector<Skill> skills;
  for (std::size_t voter = 0; voter < voters.size(); ++voter) {
    const double prior = voters[voter].prior;
    const double p = std::isnan(prior) ? 0.5 : std::clamp(prior, chance_min, chance_max);
    Skill skill{prior_questions * p, prior_questions * (1 - p)};
    for (const Preference& preference : preferences) {
      const double score = preference.scores[voter];
      if (!known(score)) continue;
      skill.a += score;
      skill.b += 1 - score;
    }
    skills.push_back(skill);
  }
  return skills;
}

// Of each question the score of the answer that a taste would choose.
std::vector<double> scores_under(const Taste& taste, std::span<const double> weights,
                                 std::span<const Preference> preferences) {
  std::vector<double> scores;
  for (const Preference& preference : preferences) {
    double best = -1e9, score = 0;
    for (std::size_t voter = 0; voter < weights.size(); ++voter) {
      if (!known(preference.scores[voter])) continue;
      const OpenSigns& sign = preference.signs[voter];
      const double merit =
          weights[voter] + taste.centrality * sign.centrality + taste.length * sign.length;
      if (!(merit > best)) continue;
      best = merit;
      score = preference.scores[voter];
    }
    scores.push_back(score);
  }
  return scores;
}

// Whether `scores` are within a standard error of the best ones, question by question.
bool is_close(std::span<const double> scores, std::span<const double> best) {
  const auto count = static_cast<double>(scores.size());
  double sum = 0, squares = 0;
  for (std::size_t at = 0; at < scores.size(); ++at) {
    const double difference = best[at] - scores[at];
    sum += difference;
    squares += difference * difference;
  }
  const double mean = sum / count;
  const double error = std::sqrt(std::max(squares / count - mean * mean, 0.0) / count);
  return mean <= error + 1e-12;
}

Taste fit_taste(std::span<const double> weights, std::span<const Preference> preferences) {
  struct Tried {
    Taste taste;
    std::vector<double> scores;
    double sum = 0;
  };
  std::vector<Tried> tried;
  for (const double centrality : {0.0, 1.0, 2.0, 4.0, 8.0}) {
    for (const double length : {0.0, 0.125, 0.25, 0.5, 1.0, 2.0}) {
      Tried each{.taste = {centrality, length}, .scores = {}};
      each.scores = scores_under(each.taste, weights, preferences);
      for (const double score : each.scores) each.sum += score;
      tried.push_back(std::move(each));
    }
  }
  const auto best = std::ranges::max_element(tried, {}, &Tried::sum);
  Taste mean;
  double count = 0;
  for (const Tried& each : tried) {
    if (!is_close(each.scores, best->scores)) continue;
    mean.centrality += each.taste.centrality;
    mean.length += each.taste.length;
    ++count;
  }
  return {mean.centrality / count, mean.length / count};
}

}  // namespace

OpenSay fit_open(std::span<const Voter> voters, std::span<const Preference> preferences) {
  OpenSay say;
  if (voters.empty()) return say;
  std::vector<Preference> usable;
  for (const Preference& each : preferences) {
    const bool fits = each.scores.size() == voters.size() && each.signs.size() == voters.size();
    if (fits) usable.push_back(each);
  }
  const auto skills = skills_of(voters, usable);
  say.best = static_cast<std::size_t>(std::ranges::max_element(skills, {}, &Skill::chance) -
                                      skills.begin());
  for (const Skill& skill : skills) {
    const double p = std::clamp(skill.chance(), chance_min, chance_max);
    say.weights.push_back(std::log(p / (1 - p)));
  }
  const double least = std::ranges::min(say.weights);
  for (double& weight : say.weights) weight -= least;
  if (usable.size() >= preferences_min) say.taste = fit_taste(say.weights, usable);
  return say;
}

}  // namespace kai
