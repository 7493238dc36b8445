#include "planner/members.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace kai {

namespace {

// Skills closer than this are even: then being resident or quick decides.
constexpr double skill_near = 0.1;

struct Seat {
  const Candidate* candidate = nullptr;
  int rank = 0;
  bool resident = false;
  Duration time{};  // of one voice, alone, where it is quickest
};

Seat seat_of(const Candidate& candidate, const Wish& wish, const PlanInput& input) {
  Seat seat{&candidate, wish.rank, false, Duration::max()};
  for (const auto& site : candidate.sites) {
    seat.resident = seat.resident || site.resident;
    const DeviceKind kind = input.fleet.devices[site.device].kind;
    seat.time = std::min(seat.time, cost_on({&candidate, 1}, site, kind).end());
  }
  return seat;
}

// One number instead of "near enough": a comparison with a tolerance is no order.
double claim(const Seat& seat, Duration limit) {
  const double slowness = std::min(1.0, seconds(seat.time) / std::max(1e-3, seconds(limit)));
  return seat.candidate->skill + skill_near * ((seat.resident ? 1 : 0) - slowness);
}

std::vector<Seat> preferred(std::vector<Seat> seats, const Choice& choice) {
  std::ranges::sort(seats, {}, [&](const Seat& seat) {
    const double first = choice.preference == Preference::skill  ? -seat.candidate->skill
                         : choice.preference == Preference::time ? seconds(seat.time)
                                                                 : -claim(seat, choice.limit);
    return std::tuple(seat.rank, first, -claim(seat, choice.limit), seat.candidate->model);
  });
  return seats;
}

// Every first voice, then every second, and so on.
std::vector<const Seat*> voices(std::span<const Seat> seats, std::span<const Wish> wishes) {
  std::vector<const Seat*> result;
  for (int round = 1;; ++round) {
    const std::size_t before = result.size();
    for (const auto& seat : seats) {
      if (wishes[seat.candidate->model].voices_max >= round) result.push_back(&seat);
    }
    if (result.size() == before) return result;
  }
}

// Whether the parts are asked in an order that is known: the learned one, or the strongest first
// where one leads by far, since the others will not overrule it.
bool is_order_known(std::span<const Part> parts) {
  if (std::ranges::any_of(parts, [](const Part& part) { return part.candidate->place != 0; })) {
    return true;
  }
  return parts.size() > 1 && parts[0].candidate->skill > parts[1].candidate->skill + skill_near;
}

// In the learned order, else the strongest first.
std::vector<Part> ordered(std::vector<Part> parts) {
  std::ranges::sort(parts, {}, [](const Part& part) {
    return std::tuple(part.candidate->place, -part.candidate->skill, part.candidate->model);
  });
  return parts;
}

// In how much time the last one shall have answered; `brisk`: as the tier aims at.
enum class Pace : std::uint8_t { brisk, allowed };
Duration time_for(const Choice& choice, Pace pace) {
  const Duration left = choice.limit - choice.passed;
  const Duration allowed = from_seconds((1 - choice.time_margin) * seconds(left));
  return pace == Pace::brisk ? std::min(allowed, choice.aim - choice.passed) : allowed;
}

// `plays`: how much is tried to place them well.
std::expected<std::vector<Placed>, std::string> placed_well(std::span<const Part> parts,
                                                            const PlanInput& input,
                                                            const Choice& choice, Pace pace,
                                                            int plays) {
  const auto berths = berths_of(input);
  Placing placing{berths, input.fleet.devices, choice.splits, {}};
  placing.goal.haste = input.query.hear_all    ? Haste::all_heard
                       : is_order_known(parts) ? Haste::in_order
                                               : Haste::settled;
  placing.goal.limit = time_for(choice, pace);
  placing.goal.plays_max = plays;
  return place(parts, placing);
}

Duration latest(std::span<const Placed> placed) {
  Duration end{};
  for (const auto& one : placed) end = std::max(end, one.end());
  return end;
}

std::string late(Duration end, const Choice& choice, Pace pace) {
  const Duration at = choice.passed + end;
  if (pace == Pace::brisk && end <= time_for(choice, Pace::allowed)) {
    return fmt::format("would finish at {:.0f} s; such questions aim at {:.0f} s", seconds(at),
                       seconds(choice.aim));
  }
  return fmt::format("would finish at {:.0f} s of {:.0f} s{}", seconds(at), seconds(choice.limit),
                     at <= choice.limit ? ", too close to the deadline" : "");
}

bool in_time(Duration end, const Choice& choice, Pace pace) {
  return !choice.within_time || end <= time_for(choice, pace);
}

// With one more voice; its model may have some already.
std::vector<Part> joined(std::vector<Part> parts, const Candidate* candidate) {
  const auto found = std::ranges::find(parts, candidate, &Part::candidate);
  if (found == parts.end()) {
    parts.push_back({candidate, 1});
  } else {
    ++found->voices;
  }
  return parts;
}

int count_voices(std::span<const Placed> placed) {
  int count = 0;
  for (const auto& one : placed) count += one.part.voices;
  return count;
}

// One pass over the voices in the order of preference. May choose nobody.
Members pick(std::span<const Seat> seats, std::span<const Wish> wishes, const PlanInput& input,
             const Choice& choice, Pace pace) {
  constexpr int plays = 50;  // enough to see who is late
  std::vector<Part> chosen;
  Members members;
  for (const Seat* seat : voices(seats, wishes)) {
    const std::size_t model = seat->candidate->model;
    if (members.left_out.contains(model)) continue;
    if (count_voices(members.placed) >= choice.members_max) {
      members.left_out[model] = fmt::format("not needed: {} are asked", choice.members_max);
      continue;
    }
    auto trial = ordered(joined(chosen, seat->candidate));
    auto placed = placed_well(trial, input, choice, pace, plays);
    if (!placed) {
      members.left_out[model] = placed.error();
    } else if (!in_time(latest(*placed), choice, pace)) {
      members.left_out[model] = late(latest(*placed), choice, pace);
    } else {
      chosen = std::move(trial);
      members.placed = std::move(*placed);
    }
  }
  return members;
}

// Where everybody would be late: the one that is least so. Empty: none fits the memory.
std::vector<Placed> earliest(std::span<const Seat> seats, const PlanInput& input,
                             const Choice& choice) {
  std::vector<Placed> best;
  for (const auto& seat : seats) {
    const Part alone{seat.candidate, 1};
    auto placed = placed_well({&alone, 1}, input, choice, Pace::allowed, 1);
    if (placed && (best.empty() || latest(*placed) < latest(best))) best = std::move(*placed);
  }
  return best;
}

// The same parts, placed as well as can be in the time there is for it.
std::vector<Placed> best_placed(std::vector<Placed> placed, const PlanInput& input,
                                const Choice& choice) {
  constexpr int plays = 4000;
  std::vector<Part> parts;
  for (const auto& one : placed) parts.push_back(one.part);
  if (parts.empty()) return placed;
  auto better = placed_well(ordered(std::move(parts)), input, choice, Pace::allowed, plays);
  return better ? *std::move(better) : std::move(placed);
}

}  // namespace

Members choose_members(std::span<const Candidate> candidates, std::span<const Wish> wishes,
                       const PlanInput& input, const Choice& choice) {
  std::vector<Seat> seats;
  for (const auto& candidate : candidates) {
    seats.push_back(seat_of(candidate, wishes[candidate.model], input));
  }
  Members members;
  const auto try_pick = [&](Preference preference, Pace pace) {
    if (count_voices(members.placed) >= std::max(1, choice.members_min)) return;
    Choice other = choice;
    other.preference = preference;
    // Past the aim nobody is asked beyond the number that there must be.
    if (choice.within_time && pace == Pace::allowed && choice.aim < choice.limit) {
      other.members_max = std::max(1, choice.members_min);
    }
    Members found = pick(preferred(seats, other), wishes, input, other, pace);
    const bool first = members.placed.empty() && members.left_out.empty();
    if (first || count_voices(found.placed) > count_voices(members.placed)) {
      members = std::move(found);
    }
  };
  if (choice.within_time && choice.aim < choice.limit) {
    try_pick(choice.preference, Pace::brisk);
    if (count_voices(members.placed) < choice.members_min) members = {};
  }
  try_pick(choice.preference, Pace::allowed);
  try_pick(Preference::time, Pace::allowed);
  if (members.placed.empty()) members.placed = earliest(seats, input, choice);
  members.placed = best_placed(members.placed, input, choice);
  if (!members.placed.empty()) {
    const auto berths = berths_of(input);
    members.end_p90 = end_p90(members.placed, {berths, input.fleet.devices, choice.splits, {}});
  }
  // A model whose further voice was left out is asked all the same.
  for (const auto& placed : members.placed) members.left_out.erase(placed.part.candidate->model);
  return members;
}

}  // namespace kai
