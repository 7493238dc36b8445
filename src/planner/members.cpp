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

Seat seat_of(const Candidate& candidate, const Wish& wish, std::span<const Device> devices) {
  Seat seat{&candidate, wish.rank, false, Duration::max()};
  for (const auto& site : candidate.sites) {
    seat.resident = seat.resident || site.resident;
    seat.time =
        std::min(seat.time, cost_on({&candidate, 1}, site, devices[site.device].kind).end());
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

// The order of starting: the learned one, else strong first where one leads by far, since the
// others will not overrule it; else cheap first, since a few cheap ones that agree save the rest.
std::vector<Part> ordered(std::vector<Part> parts, std::span<const Seat> seats) {
  const auto seat = [&](const Part& part) -> const Seat& {
    return *std::ranges::find(seats, part.candidate, &Seat::candidate);
  };
  const auto by_skill = [&](const Part& part) {
    return std::tuple(part.candidate->place, -part.candidate->skill, seat(part).time,
                      part.candidate->model);
  };
  const auto by_cost = [&](const Part& part) {
    return std::tuple(!seat(part).resident, seat(part).time, part.candidate->model);
  };
  std::ranges::sort(parts, {}, by_skill);
  const bool dominated =
      parts.size() > 1 && parts[0].candidate->skill > parts[1].candidate->skill + skill_near;
  const bool learned =
      std::ranges::any_of(parts, [](const Part& part) { return part.candidate->place != 0; });
  if (!dominated && !learned) std::ranges::sort(parts, {}, by_cost);
  return parts;
}

Duration latest(std::span<const Placed> placed) {
  Duration end{};
  for (const auto& one : placed) end = std::max(end, one.end());
  return end;
}

std::string late(Duration end, const Choice& choice) {
  const Duration at = choice.passed + end;
  return fmt::format("would finish at {:.0f} s of {:.0f} s{}", seconds(at), seconds(choice.limit),
                     at <= choice.limit ? ", too close to the deadline" : "");
}

bool in_time(Duration end, const Choice& choice) {
  const Duration left = choice.limit - choice.passed;
  return !choice.within_time || seconds(end) <= (1 - choice.time_margin) * seconds(left);
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
             const Choice& choice) {
  const std::vector<Place> places = places_of(input);
  std::vector<Part> chosen;
  Members members;
  for (const Seat* seat : voices(seats, wishes)) {
    const std::size_t model = seat->candidate->model;
    if (members.left_out.contains(model)) continue;
    if (count_voices(members.placed) >= choice.members_max) {
      members.left_out[model] = fmt::format("not needed: {} are asked", choice.members_max);
      continue;
    }
    auto trial = ordered(joined(chosen, seat->candidate), seats);
    auto placed = place(trial, places, input.fleet.devices);
    if (!placed) {
      members.left_out[model] = placed.error();
    } else if (!in_time(latest(*placed), choice)) {
      members.left_out[model] = late(latest(*placed), choice);
    } else {
      chosen = std::move(trial);
      members.placed = std::move(*placed);
    }
  }
  return members;
}

// Where everybody would be late: the one that is least so. Empty: none fits the memory.
std::vector<Placed> earliest(std::span<const Seat> seats, const PlanInput& input) {
  std::vector<Placed> best;
  for (const auto& seat : seats) {
    const Part alone{seat.candidate, 1};
    auto placed = place({&alone, 1}, places_of(input), input.fleet.devices);
    if (placed && (best.empty() || latest(*placed) < latest(best))) best = std::move(*placed);
  }
  return best;
}

}  // namespace

Members choose_members(std::span<const Candidate> candidates, std::span<const Wish> wishes,
                       const PlanInput& input, const Choice& choice) {
  std::vector<Seat> seats;
  for (const auto& candidate : candidates) {
    seats.push_back(seat_of(candidate, wishes[candidate.model], input.fleet.devices));
  }
  Members members = pick(preferred(seats, choice), wishes, input, choice);
  if (count_voices(members.placed) < choice.members_min) {
    Choice quick = choice;
    quick.preference = Preference::time;
    Members other = pick(preferred(seats, quick), wishes, input, quick);
    if (count_voices(other.placed) > count_voices(members.placed)) members = std::move(other);
  }
  if (members.placed.empty()) members.placed = earliest(seats, input);
  // A model whose further voice was left out is asked all the same.
  for (const auto& placed : members.placed) members.left_out.erase(placed.part.candidate->model);
  return members;
}

}  // namespace kai
