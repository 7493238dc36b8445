#include <algorithm>
#include <limits>

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

double chosen_score(const Panel& panel, const Question& question, const OpenSay& say) {
  std::vector<Ask> asks;
  for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
    Ask& ask = asks.emplace_back();
    ask.member = question.answers[voter].member;
    ask.model = panel.voters[voter].model;
    ask.weight = say.weights[voter];
  }
  const Learned learned{.taste = say.taste};
  const auto verdict = decide(Shape::open, asks, question.answers, question.heard, {}, learned);
  const auto author = std::ranges::find(question.answers, verdict.author, &Answer::member);
  if (author == question.answers.end()) return 0;
  return question.scores[static_cast<std::size_t>(author - question.answers.begin())];
}

}  // namespace

Chosen choose_open(const Panel& panel, const TrialOptions& options) {
  std::vector<Preference> preferences;
  for (const Question& question : panel.questions) preferences.push_back(preference_of(question));
  const auto fold = folds_of(panel.questions.size(), options.folds, options.seed);
  Chosen chosen{.scores = std::vector<double>(panel.questions.size(), 0), .best_member = {}};
  chosen.best_member = chosen.scores;
  for (int held_out = 0; held_out < options.folds; ++held_out) {
    std::vector<Preference> training;
    for (std::size_t number = 0; number < preferences.size(); ++number) {
      if (fold[number] != held_out) training.push_back(preferences[number]);
    }
    const auto say = fit_open(panel.voters, training);
    for (std::size_t number = 0; number < preferences.size(); ++number) {
      if (fold[number] != held_out) continue;
      chosen.scores[number] = chosen_score(panel, panel.questions[number], say);
      chosen.best_member[number] = panel.questions[number].scores[say.best];
    }
  }
  return chosen;
}

}  // namespace kai::bench
