#include <algorithm>
#include <limits>
#include <optional>

#include "bench/quality/statistics.h"
#include "bench/quality/trial.h"

namespace kai::bench {

namespace {

Preference preference_of(const Question& question) {
  Preference preference{.scores = question.scores,
                        .signs = open_signs(question.answers, question.heard)};
  for (std::size_t voter = 0; voter < preference.scores.size(); ++voter) {
    if (question.ballot.groups[voter] != Ballot::not_asked) continue;
    preference.scores[voter] = std::numeric_limits<double>::quiet_NaN();
  }
  return preference;
}

struct Choice {
  std::size_t author = 0;
  double agreement = 0;  // 0..1
};

// Nothing: nobody said anything.
std::optional<Choice> choice_in(const Panel& panel, const Question& question, const OpenSay& say,
                                const Taste& taste) {
  std::vector<Ask> asks;
  for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
    Ask& ask = asks.emplace_back();
    ask.member = question.answers[voter].member;
    ask.model = panel.voters[voter].model;
    ask.weight = say.weights[voter];
  }
  const Learned learned{.taste = taste};
  const auto verdict = decide(Shape::open, asks, question.answers, question.heard, {}, learned);
  const auto author = std::ranges::find(question.answers, verdict.author, &Answer::member);
  if (author == question.answers.end()) return std::nullopt;
  return Choice{static_cast<std::size_t>(author - question.answers.begin()), verdict.agreement};
}

}  // namespace

double mean_likeness(const Question& question, std::size_t voter) {
  double sum = 0, others = 0;
  const auto& own = question.heard[voter].gist;
  for (std::size_t other = 0; other < question.heard.size(); ++other) {
    if (other == voter || !question.heard[other].form) continue;
    const auto& gist = question.heard[other].gist;
    sum += consensus::are_embedded(own, gist) ? consensus::nearness(own, gist)
                                              : consensus::overlap(own, gist);
    ++others;
  }
  return others > 0 ? sum / others : 0;
}

Chosen choose_open(const Panel& panel, const TrialOptions& options) {
  std::vector<Preference> preferences;
  for (const Question& question : panel.questions) preferences.push_back(preference_of(question));
  const auto fold = folds_of(panel.questions.size(), options.folds, options.seed);
  const std::vector<double> zeros(panel.questions.size(), 0);
  Chosen chosen{zeros, zeros, zeros, zeros, zeros};
  for (int held_out = 0; held_out < options.folds; ++held_out) {
    std::vector<Preference> training;
    for (std::size_t number = 0; number < preferences.size(); ++number) {
      if (fold[number] != held_out) training.push_back(preferences[number]);
    }
    const auto say = fit_open(panel.voters, training);
    for (std::size_t number = 0; number < preferences.size(); ++number) {
      if (fold[number] != held_out) continue;
      const Question& question = panel.questions[number];
      chosen.best_member[number] = question.scores[say.best];
      if (const auto choice = choice_in(panel, question, say, say.taste)) {
        chosen.scores[number] = question.scores[choice->author];
      }
      if (const auto plain = choice_in(panel, question, say, {})) {
        chosen.plain_score[number] = question.scores[plain->author];
        chosen.agreement[number] = plain->agreement;
        chosen.likeness[number] = mean_likeness(question, plain->author);
      }
    }
  }
  return chosen;
}

}  // namespace kai::bench
