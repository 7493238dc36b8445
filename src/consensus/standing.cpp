// Where a vote stands, and the curves that read it.
#include <algorithm>
#include <cmath>

#include "consensus/consensus.h"
#include "consensus/voices.h"

namespace kai {

namespace {

constexpr double log_odds_max = 30;  // beyond, a double's chance is 0 or 1

constexpr double length_usual = 6;   // logarithm of some 400 bytes, an answer of some sentences

double finite(double value) {
  return std::isfinite(value) ? std::clamp(value, -1e6, 1e6) : 0;
}

bool says_something(const Verdict& verdict, const MemberId& member) {
  return std::ranges::any_of(verdict.groups, [&](const Group& group) {
    return std::ranges::find(group.members, member) != group.members.end();
  });
}

}  // namespace

Race race_of(const Verdict& verdict, std::span<const Ask> asks, std::span<const Answer> answers) {
  Race race;
  if (!verdict.groups.empty()) race.first = verdict.groups[0].weight;
  if (verdict.groups.size() > 1) race.second = verdict.groups[1].weight;
  consensus::Tally rest;
  for (const Ask& ask : asks) {
    const double weight = consensus::say(ask.weight);
    race.strongest = std::max(race.strongest, weight);
    const auto answer = std::ranges::find(answers, ask.member, &Answer::member);
    if (answer == answers.end()) rest.add(ask.model, weight);
  }
  race.rest = rest.sum();
  double bytes = 0;
  for (const Answer& answer : answers) {
    if (says_something(verdict, answer.member)) bytes += static_cast<double>(answer.text.size());
  }
  if (verdict.voters > 0) race.length = bytes / verdict.voters;
  race.agreeing = verdict.agreeing;
  race.voters = verdict.voters;
  race.groups = static_cast<double>(verdict.groups.size());
  race.heard = static_cast<double>(answers.size());
  race.asked = static_cast<double>(std::max(asks.size(), answers.size()));
  return race;
}

Standing standing(const Race& race) {
  const double first = finite(race.first);
  const double lead = first - finite(race.second);
  const double rest = finite(race.rest);
  // Weights in units of the strongest member's: what a vote means does not depend on their scale.
  const double unit = std::max(finite(race.strongest), 1e-9);
  const double asked = std::max(finite(race.asked), 1.0);
  const double voters = std::max(finite(race.voters), 1.0);
  const Standing at{1,
                    lead / unit,
                    first / unit,
                    rest / unit,
                    lead / std::max(lead + rest, 1e-9),
                    finite(race.agreeing) / voters,
                    finite(race.agreeing) / asked,
                    std::log1p(std::max(finite(race.groups), 0.0)),
                    finite(race.heard) / asked,
                    std::log1p(std::max(finite(race.length), 0.0)) - length_usual};
  Standing bounded = at;
  for (double& value : bounded) value = std::clamp(finite(value), -20.0, 20.0);
  return bounded;
}

double chance(const Logistic& curve, const Standing& at) {
  double log_odds = 0;
  for (std::size_t place = 0; place < at.size(); ++place) {
    log_odds += curve.theta[place] * at[place];
  }
  if (std::isnan(log_odds)) return 0.5;
  return 1 / (1 + std::exp(-std::clamp(log_odds, -log_odds_max, log_odds_max)));
}

double confidence(const ConfidenceCurve& curve, const Standing& at) {
  const double raw = chance(curve.right, at);
  const auto& steps = curve.steps;
  if (steps.empty()) return raw;
  const auto above = std::ranges::upper_bound(steps, raw, {}, &Step::from);
  if (above == steps.begin()) return std::clamp(steps.front().value, 0.0, 1.0);
  if (above == steps.end()) return std::clamp(steps.back().value, 0.0, 1.0);
  const Step& below = *(above - 1);
  const double share = (raw - below.from) / (above->from - below.from);
  return std::clamp(std::lerp(below.value, above->value, share), 0.0, 1.0);
}

}  // namespace kai
