#include "planner/seating.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <ranges>
#include <utility>

#include "base/ensure.h"
#include "base/random.h"

namespace kai {

namespace {

// Gives each seating its cost, in seconds; lower is better.
class Judge {
 public:
  Judge(Waves& waves, std::span<const Stake> stakes, const SeatingGoal& goal)
      : waves_(waves), goal_(goal), by_end_(stakes.size()) {
    std::iota(by_end_.begin(), by_end_.end(), std::size_t{0});
    // More parts than that are asked only by someone who wants them all.
    const bool small = stakes.size() <= SettledShare::parts_max;
    if (goal.haste == Haste::settled && small) settled_.emplace_back(stakes);
  }

  double cost(const Seating& seating) {
    ++plays_;
    const auto turns = waves_.play(seating);
    Duration last{};
    double sum = 0;  // in the clock's units
    for (const Turn& turn : turns) {
      last = std::max(last, turn.end());
      sum += static_cast<double>(turn.end().count());
    }
    constexpr double unit = seconds(Duration(1));
    const double mean = unit * sum / static_cast<double>(turns.size());
    const double late = std::max(0.0, seconds(last - goal_.limit));
    constexpr double late_weight = 1000, tie_weight = 0.01;
    return late * late_weight + main_cost(turns, seating, seconds(last)) +
           tie_weight * (seconds(last) + mean);
  }

  int plays() const { return plays_; }

 private:
  double main_cost(std::span<const Turn> turns, const Seating& seating, double last) {
    if (goal_.haste == Haste::in_order) return in_order(turns, seating);
    return settled_.empty() ? last : settled(turns);
  }

  // The outcome stands after each further answer with a growing chance.
  static double in_order(std::span<const Turn> turns, const Seating& seating) {
    constexpr double worth_of_next = 0.5;
    Duration heard{};
    double cost = 0, worth = 1, worths = 0;
    for (const std::size_t part : seating.order) {
      heard = std::max(heard, turns[part].end());
      cost += worth * seconds(heard);
      worths += worth;
      worth *= worth_of_next;
    }
    return cost / worths;
  }

  double settled(std::span<const Turn> turns) {
    std::ranges::sort(by_end_, {}, [&](std::size_t part) { return turns[part].end(); });
    double cost = 0, before = 0;
    std::uint32_t answered = 0;
    for (const std::size_t part : by_end_) {
      answered |= std::uint32_t{1} << part;
      const double share = part == by_end_.back() ? 1 : settled_.front().of(answered);
      cost += (share - before) * seconds(turns[part].end());
      before = share;
    }
    return cost;
  }

  Waves& waves_;
  const SeatingGoal& goal_;
  std::vector<SettledShare> settled_;  // one, or none
  std::vector<std::size_t> by_end_;
  int plays_ = 0;
};

class Search {
 public:
  Search(Waves& waves, std::span<const std::vector<Option>> parts, std::span<const Stake> stakes,
         const SeatingGoal& goal)
      : waves_(waves),
        parts_(parts),
        goal_(goal),
        judge_(waves, stakes, goal),
        best_{order_given(), std::vector<std::size_t>(parts.size())} {}

  Seating run() {
    if (seatings() <= goal_.plays_max) {
      try_all();
      return best_;
    }
    begin();
    constexpr int rounds_max = 200;
    Random random(parts_.size());
    for (int round = 0; round < rounds_max && !spent(); ++round) {
      Seating seating = best_;
      disturb(seating, random);
      descend(std::move(seating));
    }
    return best_;
  }

 private:
  std::vector<std::size_t> order_given() const {
    std::vector<std::size_t> order(parts_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
  }
  bool ordered() const { return goal_.haste == Haste::in_order; }
  bool spent() const { return judge_.plays() >= goal_.plays_max; }

  // How many there are; beyond plays_max, only that there are more.
  int seatings() const {
    std::int64_t count = 1;
    for (std::size_t part = 0; part < parts_.size() && count <= goal_.plays_max; ++part) {
      count *= static_cast<std::int64_t>(parts_[part].size());
      if (!ordered()) count *= static_cast<std::int64_t>(part) + 1;
    }
    return static_cast<int>(std::min<std::int64_t>(count, std::int64_t{goal_.plays_max} + 1));
  }

  bool take(const Seating& seating) {
    const double cost = judge_.cost(seating);
    if (cost >= best_cost_) return false;
    best_cost_ = cost;
    best_ = seating;
    return true;
  }

  void try_all() {
    Seating seating = best_;
    do {
      for (bool more = true; more;) {
        take(seating);
        more = false;
        for (std::size_t part = 0; part < parts_.size() && !more; ++part) {
          more = ++seating.option[part] < parts_[part].size();
          if (!more) seating.option[part] = 0;
        }
      }
    } while (!ordered() && std::ranges::next_permutation(seating.order).found);
  }

  // Each part in turn goes where it ends first.
  Seating greedy(std::vector<std::size_t> order) {
    Seating seating{{}, std::vector<std::size_t>(parts_.size())};
    for (const std::size_t part : order) {
      seating.order.push_back(part);
      std::size_t best = 0;
      Duration first = Duration::max();
      for (std::size_t option = 0; option < parts_[part].size(); ++option) {
        seating.option[part] = option;
        const Duration end = waves_.play(seating)[part].end();
        if (end >= first) continue;
        first = end;
        best = option;
      }
      seating.option[part] = best;
    }
    return seating;
  }

  void begin() {
    auto order = order_given();
    descend(greedy(order));
    if (ordered()) return;
    const auto quickest = [&](std::size_t part) {
      const auto time = [](const Option& option) { return option.run; };
      return std::ranges::min(parts_[part] | std::views::transform(time));
    };
    std::ranges::sort(order, {}, [&](std::size_t part) { return std::pair(quickest(part), part); });
    descend(greedy(order));
    std::ranges::reverse(order);
    descend(greedy(order));
  }

  // Moves one part at a time as long as that helps.
  void descend(Seating seating) {
    double cost = judge_.cost(seating);
    for (bool better = true; better && !spent();) {
      better = false;
      for (std::size_t part = 0; part < parts_.size() && !spent(); ++part) {
        better = move(seating, cost, part) || better;
      }
    }
    if (cost < best_cost_) {
      best_cost_ = cost;
      best_ = std::move(seating);
    }
  }

  // `part` to the device and place that help most.
  bool move(Seating& seating, double& cost, std::size_t part) {
    const std::size_t place_before = place_of(seating, part);
    const std::size_t option_before = seating.option[part];
    std::size_t best_place = place_before, best_option = option_before;
    double least = cost;
    const std::size_t first = ordered() ? place_before : 0;
    const std::size_t last = ordered() ? place_before + 1 : parts_.size();
    for (std::size_t place = first; place < last; ++place) {
      put(seating, part, place);
      // Who is passed from the place before: nothing changes where they share no device.
      const bool passes = place > first;
      const std::size_t passed = passes ? seating.order[place - 1] : part;
      for (std::size_t option = 0; option < parts_[part].size(); ++option) {
        if (place == place_before && option == option_before) continue;
        const Option& its = parts_[passed][seating.option[passed]];
        if (passes && !meet(parts_[part][option], its)) continue;
        seating.option[part] = option;
        const double now = judge_.cost(seating);
        if (now >= least) continue;
        least = now;
        best_place = place;
        best_option = option;
      }
    }
    put(seating, part, best_place);
    seating.option[part] = best_option;
    const bool better = least < cost;
    cost = least;
    return better;
  }

  static bool meet(const Option& one, const Option& other) {
    return one.device == other.device || one.device == other.beside || one.beside == other.device ||
           (one.beside != Option::none && one.beside == other.beside);
  }

  static std::size_t place_of(const Seating& seating, std::size_t part) {
    return static_cast<std::size_t>(std::ranges::find(seating.order, part) - seating.order.begin());
  }

  static void put(Seating& seating, std::size_t part, std::size_t place) {
    auto& order = seating.order;
    const auto from = order.begin() + static_cast<std::ptrdiff_t>(place_of(seating, part));
    const auto to = order.begin() + static_cast<std::ptrdiff_t>(place);
    if (from < to) {
      std::rotate(from, from + 1, to + 1);
    } else {
      std::rotate(to, from, from + 1);
    }
  }

  // Three parts somewhere else.
  void disturb(Seating& seating, Random& random) {
    constexpr int moves = 3;
    for (int turn = 0; turn < moves; ++turn) {
      const std::size_t part = random.below(parts_.size());
      seating.option[part] = random.below(parts_[part].size());
      if (!ordered()) put(seating, part, random.below(parts_.size()));
    }
  }

  Waves& waves_;
  std::span<const std::vector<Option>> parts_;
  const SeatingGoal& goal_;
  Judge judge_;
  Seating best_;
  double best_cost_ = std::numeric_limits<double>::infinity();
};

}  // namespace

SettledShare::SettledShare(std::span<const Stake> stakes) {
  ensure(!stakes.empty() && stakes.size() <= parts_max, "1 to 12 parts");
  constexpr int draws = 32;
  constexpr double same_wrong_answer = 0.25;
  Random random(stakes.size());
  weights_.resize(std::size_t{1} << stakes.size());
  for (std::size_t set = 1; set < weights_.size(); ++set) {
    const auto last = static_cast<std::size_t>(std::bit_width(set)) - 1;
    const double weight = stakes[last].weight;
    const Weight& others = weights_[set ^ std::size_t{1} << last];
    weights_[set] = {others.sum + weight, std::max(others.first, weight),
                     std::max(others.second, std::min(others.first, weight))};
  }
  for (int count = 0; count < draws; ++count) {
    Draw draw;
    for (std::size_t part = 0; part < stakes.size(); ++part) {
      const bool right = random.unit() < stakes[part].skill;
      const bool same = random.unit() < same_wrong_answer;
      const std::uint32_t bit = std::uint32_t{1} << part;
      if (right) draw.right |= bit;
      if (!right && same) draw.same |= bit;
    }
    draws_.push_back(draw);
  }
  known_.assign(weights_.size(), -1);
}

double SettledShare::of(std::uint32_t answered) {
  float& known = known_[answered];
  if (known >= 0) return known;
  const double heard = weights_[answered].sum;
  const double rest = weights_[(weights_.size() - 1) ^ answered].sum;
  int settled = 0;
  if (heard > rest) {  // else not even one voice would settle it
    for (const Draw& draw : draws_) settled += lead(draw, answered) > rest ? 1 : 0;
  }
  known = static_cast<float>(settled) / static_cast<float>(draws_.size());
  return known;
}

// Of the heaviest group before the next. Who is wrong otherwise is a group alone.
double SettledShare::lead(const Draw& draw, std::uint32_t answered) const {
  const Weight& alone = weights_[answered & ~(draw.right | draw.same)];
  double first = alone.first, second = alone.second;
  for (const std::uint32_t group : {draw.right, draw.same}) {
    const double sum = weights_[answered & group].sum;
    second = std::max(second, std::min(first, sum));
    first = std::max(first, sum);
  }
  return first - second;
}

Seating best_seating(Waves& waves, std::span<const std::vector<Option>> parts,
                     std::span<const Stake> stakes, const SeatingGoal& goal) {
  ensure(!parts.empty() && parts.size() == stakes.size(), "a stake for each part");
  if (parts.size() == 1 && parts.front().size() == 1) return {.order = {0}, .option = {0}};
  return Search(waves, parts, stakes, goal).run();
}

}  // namespace kai
