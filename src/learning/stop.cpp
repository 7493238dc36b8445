// When a vote may end early, and in what order to ask so that this comes soon.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "consensus/consensus.h"
#include "learning/learning.h"
#include "learning/logistic.h"

namespace kai {

namespace {

constexpr std::size_t questions_min = 30;
constexpr double ridge = 1;
constexpr double stay_mins[] = {0.8,  0.82, 0.84, 0.86, 0.88, 0.9,   0.91, 0.92,  0.93,
                                0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 1};

using Order = std::vector<std::size_t>;

// A vote as it grows, voter by voter.
class Count {
 public:
  Count(const Ballot& ballot, std::span<const double> weights, const Order& order)
      : ballot_(ballot), weights_(weights), order_(order) {
    for (const double weight : weights) {
      race_.rest += weight;
      race_.total += weight;
    }
    race_.asked = static_cast<double>(order.size());
  }

  bool done() const { return next_ == order_.size(); }

  void hear() {
    const std::size_t voter = order_[next_++];
    race_.heard += 1;
    race_.rest = std::max(0.0, race_.rest - weights_[voter]);
    const int name = ballot_.groups[voter];
    if (name < 0) return;
    if (ballot_.lengths.size() == weights_.size()) bytes_ += ballot_.lengths[voter];
    auto group = std::ranges::find(groups_, name, &Group::name);
    if (group == groups_.end()) group = groups_.insert(group, {name, 0, 0});
    group->weight += weights_[voter];
    group->voters += 1;
    race_.voters += 1;
    race_.length = bytes_ / race_.voters;
    std::ranges::sort(groups_, {}, [](const Group& g) { return std::pair(-g.weight, g.name); });
    race_.first = groups_[0].weight;
    race_.second = groups_.size() > 1 ? groups_[1].weight : 0;
    race_.agreeing = groups_[0].voters;
    race_.groups = static_cast<double>(groups_.size());
  }

  int leader() const { return groups_.empty() ? Ballot::silent : groups_[0].name; }
  bool settled() const { return race_.first - race_.second > race_.rest; }
  Standing at() const { return standing(race_); }

 private:
  struct Group {
    int name;
    double weight;
    double voters;
  };
  const Ballot& ballot_;
  std::span<const double> weights_;
  const Order& order_;
  std::vector<Group> groups_;
  Race race_;
  double bytes_ = 0;
  std::size_t next_ = 0;
};

// 0 for what is no usable number.
double usable(double value) {
  return value > 0 ? value : 0;
}

double cost_of(const Ballot& ballot, std::size_t voter) {
  return ballot.costs.size() == ballot.groups.size() ? usable(ballot.costs[voter]) : 1;
}

// A vote after one more answer.
struct Halt {
  Standing at{};
  double cost = 0;       // of all answers so far
  bool leads = false;    // somebody said something
  bool settled = false;  // nothing to come can change the leader
  bool stays = false;    // the leader is the full vote's
  double chance = 0;     // that it does, by the curve
};
using Course = std::vector<Halt>;  // of one question, to the answer that settles it

Course course_of(const Ballot& ballot, std::span<const double> weights, const Order& order) {
  Course course;
  std::vector<int> leaders;
  Count count(ballot, weights, order);
  double cost = 0;
  for (std::size_t at = 0; !count.done(); ++at) {
    count.hear();
    cost += cost_of(ballot, order[at]);
    leaders.push_back(count.leader());
    if (!course.empty() && course.back().settled) continue;
    course.push_back({.at = count.at(), .cost = cost, .leads = count.leader() >= 0});
    course.back().settled = course.back().leads && (count.settled() || count.done());
  }
  for (std::size_t at = 0; at < course.size(); ++at) {
    course[at].stays = leaders[at] == leaders.back();
  }
  return course;
}

Logistic fit_curve(std::span<const Course> courses) {
  std::vector<learning::Sample> samples;
  for (const Course& course : courses) {
    for (const Halt& halt : course) {
      if (halt.leads && !halt.settled) samples.push_back({halt.at, halt.stays});
    }
  }
  return learning::fit_logistic(samples, ridge);
}

// What a rule would have done to all questions.
struct Effect {
  double cost = 0;
  double changed = 0;  // share whose outcome is another than the full vote's
};
Effect effect_of(std::span<const Course> courses, double stay_min) {
  Effect effect;
  for (const Course& course : courses) {
    const auto stop = std::ranges::find_if(course, [&](const Halt& halt) {
      return halt.settled || (halt.leads && halt.chance >= stay_min);
    });
    const Halt& last = stop == course.end() ? course.back() : *stop;
    effect.cost += last.cost;
    if (!last.stays) effect.changed += 1 / static_cast<double>(courses.size());
  }
  return effect;
}

Order by(const std::vector<double>& worth) {
  Order order(worth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](auto at) { return std::pair(-worth[at], at); });
  return order;
}

}  // namespace

bool is_full(const Ballot& ballot, std::size_t voters) {
  return ballot.groups.size() == voters &&
         std::ranges::find(ballot.groups, Ballot::not_asked) == ballot.groups.end();
}

std::optional<Ends> ends_of(const Ballot& ballot, std::span<const double> weights,
                            const StopPlan& plan) {
  if (weights.empty() || !is_full(ballot, weights.size())) return std::nullopt;
  std::vector<double> strength;
  for (const double weight : weights) strength.push_back(usable(weight));
  Count count(ballot, strength, plan.order);
  Ends ends;
  for (bool stopped = false; !count.done();) {
    count.hear();
    ends.full = {count.at(), count.leader()};
    if (stopped) continue;
    ends.stopped = ends.full;
    stopped = count.leader() >= 0 &&
              (count.settled() ||
               (plan.rule.learned && chance(plan.rule.stays, count.at()) >= plan.rule.stay_min));
  }
  return ends;
}

StopPlan fit_stop(std::span<const Ballot> ballots, std::span<const double> weights,
                  const StopOptions& options) {
  std::vector<double> strength;
  for (const double weight : weights) strength.push_back(usable(weight));
  StopPlan plan{.order = by(strength), .rule = {}};
  std::vector<const Ballot*> full;
  for (const Ballot& ballot : ballots) {
    if (is_full(ballot, weights.size())) full.push_back(&ballot);
  }
  if (full.size() < questions_min || weights.empty()) return plan;

  std::vector<double> cost(weights.size(), 0);
  for (const Ballot* ballot : full) {
    for (std::size_t voter = 0; voter < cost.size(); ++voter) {
      cost[voter] += cost_of(*ballot, voter);
    }
  }
  std::vector<double> cheapness, bargain;
  for (std::size_t voter = 0; voter < cost.size(); ++voter) {
    cheapness.push_back(-cost[voter]);
    bargain.push_back(strength[voter] / std::max(cost[voter], 1e-9));
  }
  double least = std::numeric_limits<double>::infinity();
  for (const Order& order : {by(strength), by(bargain), by(cheapness)}) {
    std::vector<Course> courses;
    for (const Ballot* ballot : full) courses.push_back(course_of(*ballot, strength, order));
    const Logistic curve = fit_curve(courses);
    for (Course& course : courses) {
      for (Halt& halt : course) halt.chance = chance(curve, halt.at);
    }
    for (const double stay_min : stay_mins) {
      const Effect effect = effect_of(courses, stay_min);
      if (effect.changed > options.changed_max || effect.cost >= least) continue;
      least = effect.cost;
      plan = {order, {.learned = true, .stays = curve, .stay_min = stay_min}};
    }
  }
  return plan;
}

}  // namespace kai
