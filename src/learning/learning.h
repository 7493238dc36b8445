// learning: what answered questions teach. Pure: the questions of one shape in, values out that
// consensus and planner apply. Nothing here needs more than a few dozen labels to be of use, and
// without any it falls back to the priors.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"
#include "consensus/consensus.h"
#include "domain/learned.h"
#include "domain/skills.h"

namespace kai {

// Whose skill is learned.
struct Voter {
  ModelId model;
  double prior = 0.5;  // 0..1: chance of a right answer before anything was measured
};

// One question, as its voters answered it; same order as the voters.
struct Ballot {
  static constexpr int silent = -1;     // answered, but said nothing to count
  static constexpr int not_asked = -2;  // or not heard: says nothing of the voter
  std::vector<int> groups;              // equal numbers >= 0: equal answers
  std::vector<double> costs;            // the work of each answer, any unit; empty: all alike
  std::vector<double> lengths;          // bytes of each answer; empty: unknown
  std::optional<int> right;             // the group that is right, silent: none; nothing: unknown
};

// The chance that a voter is right, as Beta(a, b): the prior counts as 40 questions.
struct Skill {
  double a = 0, b = 0;
  double chance() const { return a / (a + b); }
};
std::vector<Skill> fit_skills(std::span<const Voter> voters, std::span<const Ballot> ballots);

// What an answer wrote.
struct Written {
  double tokens = 0;  // >= 1
  bool cut = false;   // at the token limit: it would have been at least as long
};
// Of the newest first; those after the first hundred say nothing. Log-normal: mean and spread of
// the logarithms; with answers that were cut, the most likely ones of censored data, by expectation
// maximisation (Dempster, Laird, Rubin 1977, section 4), with one answer more as a prior, since
// nothing but cut ones would mean endless answers: as long as the longest limit, spread as usual.
// Cost: below 1 ms.
AnswerLength fit_length(std::span<const Written> answers);

// Each voter's say in a vote, >= 0, in log-odds: Bayesian average over a grid of rules that make a
// say of a skill (docs/decisions/013-learned-votes.md); without labels the average over the priors.
// Where the vote has not shown itself better than the single best voter, that one's say outweighs
// all others'.
struct Say {
  std::vector<double> weights;
  bool guarded = false;  // the best voter alone decides
  std::size_t best = 0;  // the voter of the highest skill
};
struct SayOptions {
  bool guard = true;
};
Say fit_say(std::span<const Voter> voters, std::span<const Ballot> ballots,
            const SayOptions& options = {});

// In what order to ask, and when to stop: the cheapest way that changes the outcome of no more
// questions than allowed. Needs no labels, only questions that all voters answered. Fewer than 30
// of them: not learned, strongest first.
struct StopPlan {
  std::vector<std::size_t> order;  // of voters
  StopRule rule;
};
struct StopOptions {
  double changed_max = 0.0175;  // share of questions whose outcome an early stop may change
};
StopPlan fit_stop(std::span<const Ballot> ballots, std::span<const double> weights,
                  const StopOptions& options = {});

// Where a question's vote stands at either end that a stop plan may bring it to. Of a ballot that
// not all voters answered, nothing.
struct End {
  Standing at{};
  int leader = Ballot::silent;
};
struct Ends {
  End stopped;  // where the plan's rule stops
  End full;     // all asked
};
std::optional<Ends> ends_of(const Ballot& ballot, std::span<const double> weights,
                            const StopPlan& plan);

// Whether all of `voters` were asked and heard.
bool is_full(const Ballot& ballot, std::size_t voters);

// One open question: how much each voter's answer was liked, and how it compared with the others.
struct Preference {
  std::vector<double> scores;    // 0..1; anything else: not known
  std::vector<OpenSigns> signs;  // of each voter's answer
};
// Weights: log-odds of the voters' mean scores, the weakest 0; taste: zeros below 100 preferences,
// else the mean of all tastes on a grid that are within a standard error of the best.
struct OpenSay {
  std::vector<double> weights;
  std::size_t best = 0;
  Taste taste;
};
OpenSay fit_open(std::span<const Voter> voters, std::span<const Preference> preferences);

// A verdict whose truth is known.
struct Judged {
  Standing at{};
  bool right = false;
  int question = 0;  // verdicts of one question have one number
};
// Fewer than 30: nothing is learned. Logistic, shrunk to the share of right ones.
ConfidenceCurve fit_confidence(std::span<const Judged> verdicts);

// Whether such a confidence means what it says: every verdict judged by a curve fitted to the
// others (five folds by question), in at most five bins of equal size. Empty: too few for a curve.
std::vector<Reliability> reliability_of(std::span<const Judged> verdicts);

}  // namespace kai
