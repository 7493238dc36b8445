// Where a vote stands, and the curves that read it.
#include <algorithm>
#include <cmath>

#include "consensus/consensus.h"
#include "consensus/voices.h"

namespace kai {

namespace {

constexpr double log_odds_max = 30;  // beyond, a double's chance is 0 or 1

constexpr double length_usual = 6;  // logarithm of some 400 bytes, an answer of some sentences

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
  consensus::Tally rest, all;
  for (const Ask& ask : asks) {
    const double weight = consensus::say(ask.weight);
    all.add(ask.model, weight);
    const auto answer = std::ranges::find(answers, ask.member, &Answer::member);
    if (answer == answers.end()) rest.add(ask.model, weight);
  }
  race.rest = rest.sum();
  race.total = all.sum();
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
  // Shares, so that what a vote means does not depend on the scale of its weights.
  const auto share = [](double part, double whole) { return part / std::max(whole, 1e-9); };
  const double asked = std::max(finite(race.asked), 1.0);
  // A share's whole range moves the odds as much as four of the others' units.
  constexpr double range = 4;
  const Standing at{1,
                    range * share(lead, finite(race.total)),
                    range * std::pow(share(finite(race.agreeing), finite(race.voters)), 2),
                    range * share(rest, finite(race.total)),
                    range * share(lead, lead + rest),
                    range * share(finite(race.agreeing), finite(race.voters)),
                    range * share(finite(race.agreeing), asked),
                    std::log1p(std::max(finite(race.groups), 0.0)),
                    range * share(finite(race.heard), asked),
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

}  // namespace kai
