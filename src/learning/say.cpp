// What a voter's skill is worth in a vote.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "domain/skills.h"
#include "learning/learning.h"

namespace kai {

namespace {

constexpr double skill_min = 0.02, skill_max = 0.98;

double log_odds(double skill) {
  const double p = std::clamp(std::isnan(skill) ? 0.5 : skill, skill_min, skill_max);
  return std::log(p / (1 - p));
}

// How a say follows from a skill, relative to the best voter's: `below` is that voter's log-odds
// less this one's, >= 0. Straight: falls to nothing at `reach`, and none votes beyond. Power: the
// odds to the power of 1 / reach, so that weak voters keep a trace.
struct Rule {
  bool straight = true;
  double reach = 1;  // log-odds
  double scale = 1;  // the best voter's say, log-odds
  double of(double below) const {
    return scale * (straight ? std::max(0.0, 1 - below / reach) : std::exp(-below / reach));
  }
};

// The grid that is averaged over, and what each rule is believed before any label. The middle,
// reach 1, makes a voter of half the odds count a third to a half: votes of models err together,
// so that many weak ones are less evidence than independence would make them.
struct Belief {
  Rule rule;
  double log_prior = 0;
};
std::vector<Belief> beliefs() {
  static constexpr double straight_reaches[] = {0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4};
  static constexpr double power_reaches[] = {0.17, 0.2, 0.25, 0.33, 0.4, 0.5, 0.67, 1, 1.4, 2};
  constexpr double straight_middle = 0.8, power_middle = 0.33;
  constexpr double spread = 0.8;  // of the logarithm of the reach
  constexpr double scale_first = 0.22, scale_step = 1.28;
  constexpr int scales = 13;
  std::vector<Belief> grid;
  const auto add = [&](bool straight, double reach, double middle) {
    const double off = std::log(reach / middle) / spread;
    double scale = scale_first;
    for (int step = 0; step < scales; ++step, scale *= scale_step) {
      grid.push_back({{straight, reach, scale}, -off * off / 2});
    }
  };
  for (const double reach : straight_reaches) add(true, reach, straight_middle);
  for (const double reach : power_reaches) add(false, reach, power_middle);
  return grid;
}

bool is_labelled(const Ballot& ballot, std::size_t voters) {
  return ballot.right && ballot.groups.size() == voters;
}

// Labelled ballots with a right answer and a wrong one, packed: only they tell rules apart.
struct Contest {
  std::vector<std::pair<std::size_t, std::size_t>> votes;  // voter, group renumbered
  std::size_t groups = 0;
  std::size_t right = 0;
};

std::vector<Contest> contests_of(std::size_t voters, std::span<const Ballot> ballots) {
  std::vector<Contest> contests;
  for (const Ballot& ballot : ballots) {
    if (!is_labelled(ballot, voters) || *ballot.right < 0) continue;
    Contest contest;
    std::vector<int> names;
    for (std::size_t voter = 0; voter < voters; ++voter) {
      const int name = ballot.groups[voter];
      if (name < 0) continue;
      const auto found = std::ranges::find(names, name);
      const auto group = static_cast<std::size_t>(found - names.begin());
      if (found == names.end()) names.push_back(name);
      contest.votes.emplace_back(voter, group);
    }
    const auto right = std::ranges::find(names, *ballot.right);
    contest.groups = names.size();
    contest.right = static_cast<std::size_t>(right - names.begin());
    if (right != names.end() && names.size() > 1) contests.push_back(std::move(contest));
  }
  return contests;
}

// Of the right answers under P = softmax of the groups' sums (a conditional logit).
double log_likelihood(std::span<const Contest> contests, std::span<const double> weights) {
  double sum = 0;
  std::vector<double> scores;
  for (const Contest& contest : contests) {
    scores.assign(contest.groups, 0);
    for (const auto& [voter, group] : contest.votes) scores[group] += weights[voter];
    const double top = std::ranges::max(scores);
    double total = 0;
    for (const double score : scores) total += std::exp(score - top);
    sum += scores[contest.right] - top - std::log(total);
  }
  return sum;
}

std::vector<double> averaged(std::span<const double> below, std::span<const Contest> contests) {
  // Questions of one kind are not independent evidence on a rule that is wrong in details anyway:
  // at most half of it counts, so that more rules stay in the average, and less while the skills
  // that the rules are judged by are themselves uncertain.
  constexpr double evidence_max = 0.5, half_at = 100;
  const auto count = static_cast<double>(contests.size());
  const double evidence = evidence_max * count / (count + half_at);
  const auto grid = beliefs();
  std::vector<std::vector<double>> weights;
  std::vector<double> belief;
  for (const Belief& each : grid) {
    auto& row = weights.emplace_back();
    for (const double down : below) row.push_back(each.rule.of(down));
    belief.push_back(each.log_prior + evidence * log_likelihood(contests, row));
  }
  const double top = std::ranges::max(belief);
  std::vector<double> mean(below.size(), 0);
  double total = 0;
  for (std::size_t at = 0; at < grid.size(); ++at) {
    const double share = std::exp(belief[at] - top);
    total += share;
    for (std::size_t voter = 0; voter < below.size(); ++voter) {
      mean[voter] += share * weights[at][voter];
    }
  }
  for (double& weight : mean) weight /= total;
  return mean;
}

// The group that a vote gives, as the ballot names it; ties to the strongest voter.
int winner(const Ballot& ballot, std::span<const double> weights) {
  int best = Ballot::silent;
  double best_sum = 0, best_strongest = 0;
  for (const int name : ballot.groups) {
    if (name < 0) continue;
    double sum = 0, strongest = 0;
    for (std::size_t voter = 0; voter < weights.size(); ++voter) {
      if (ballot.groups[voter] != name) continue;
      sum += weights[voter];
      strongest = std::max(strongest, weights[voter]);
    }
    const bool better = sum > best_sum || (sum == best_sum && strongest > best_strongest);
    if (best >= 0 && !better) continue;
    best = name;
    best_sum = sum;
    best_strongest = strongest;
  }
  return best;
}

// Whether the vote has not shown itself better than its best voter, where they differed and one of
// them was right: the lower bound of the vote's share of wins is below a half. It starts with
// credit, so that a few unlucky questions do not silence a panel: as many wins as the others have
// of the say, as many losses as the best voter has, so that a dominated panel starts guarded. The
// credit fades as labels come.
bool has_not_earned_trust(std::span<const Ballot> ballots, const Say& say) {
  const auto labels = static_cast<double>(std::ranges::count_if(
      ballots, [&](const Ballot& ballot) { return is_labelled(ballot, say.weights.size()); }));
  const double credit = 32 * 50 / (50 + labels);
  const double all = std::accumulate(say.weights.begin(), say.weights.end(), 0.0);
  const double best = all > 0 ? say.weights[say.best] / all : 0.5;
  double wins = credit * (1 - best), losses = credit * best;
  for (const Ballot& ballot : ballots) {
    if (!is_labelled(ballot, say.weights.size())) continue;
    const int single = ballot.groups[say.best];
    if (single == Ballot::not_asked) continue;
    const bool vote_right = *ballot.right >= 0 && winner(ballot, say.weights) == *ballot.right;
    const bool single_right = *ballot.right >= 0 && single == *ballot.right;
    if (vote_right && !single_right) ++wins;
    if (single_right && !vote_right) ++losses;
  }
  const double share = wins / (wins + losses);
  constexpr double errors = 1.64;  // one side, 95 %
  return share - errors * std::sqrt(share * (1 - share) / (wins + losses)) < 0.5;
}

}  // namespace

std::vector<Skill> fit_skills(std::span<const Voter> voters, std::span<const Ballot> ballots) {
  std::vector<Skill> skills;
  for (std::size_t voter = 0; voter < voters.size(); ++voter) {
    const double prior = voters[voter].prior;
    const double p = std::clamp(std::isnan(prior) ? 0.5 : prior, skill_min, skill_max);
    Skill skill{prior_questions * p, prior_questions * (1 - p)};
    for (const Ballot& ballot : ballots) {
      if (!is_labelled(ballot, voters.size())) continue;
      const int said = ballot.groups[voter];
      if (said == Ballot::not_asked) continue;
      (said >= 0 && said == *ballot.right ? skill.a : skill.b) += 1;
    }
    skills.push_back(skill);
  }
  return skills;
}

Say fit_say(std::span<const Voter> voters, std::span<const Ballot> ballots,
            const SayOptions& options) {
  Say say;
  if (voters.empty()) return say;
  const auto skills = fit_skills(voters, ballots);
  say.best = static_cast<std::size_t>(std::ranges::max_element(skills, {}, &Skill::chance) -
                                      skills.begin());
  std::vector<double> below;
  for (const Skill& skill : skills) {
    below.push_back(log_odds(skills[say.best].chance()) - log_odds(skill.chance()));
  }
  say.weights = averaged(below, contests_of(voters.size(), ballots));
  if (!options.guard || !has_not_earned_trust(ballots, say)) return say;
  say.guarded = true;
  double others = 0;
  for (std::size_t voter = 0; voter < voters.size(); ++voter) {
    if (voter != say.best) others += say.weights[voter];
  }
  say.weights[say.best] = std::max(say.weights[say.best], 1.01 * others);
  return say;
}

}  // namespace kai
