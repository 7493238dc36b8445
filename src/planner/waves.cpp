#include "planner/waves.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/ensure.h"

namespace kai {

Waves::Waves(std::span<const Berth> berths, std::span<const std::vector<Option>> parts)
    : berths_(berths),
      parts_(parts),
      turns_(parts.size()),
      decks_(berths.size()),
      resident_(parts.size(), 0),
      runs_(parts.size()),
      extra_(parts.size()) {
  for (std::size_t device = 0; device < decks_.size(); ++device) {
    // A lane more than there are turns stays empty: a host may have hundreds of them.
    const std::size_t turns = parts.size() + berths[device].taken.size();
    const auto as_many = [turns](int lanes) {
      return std::min(static_cast<std::size_t>(lanes), std::max<std::size_t>(turns, 1));
    };
    decks_[device].held.reserve(turns);
    decks_[device].lanes.resize(as_many(berths[device].lanes));
    decks_[device].turns.resize(as_many(berths[device].running));
  }
  for (const auto& options : parts) {
    any_resident_ = any_resident_ || std::ranges::any_of(options, &Option::resident);
    any_shared_ = any_shared_ || std::ranges::any_of(options, [&](const Option& option) {
                    return option.beside != Option::none && berths[option.beside].lanes > 1;
                  });
  }
}

void Waves::begin(const Seating& seating) {
  for (std::size_t device = 0; device < decks_.size(); ++device) {
    const Berth& berth = berths_[device];
    Deck& deck = decks_[device];
    deck.held.clear();
    std::ranges::fill(deck.lanes, Duration{});
    std::ranges::fill(deck.turns, Duration{});
    deck.loader = berth.loads_until;
    deck.rest = Duration{};
    deck.pending = Bytes{};
    for (const TakenTurn& turn : berth.taken) deck.occupy(turn.until, turn.bytes);
  }
  if (!any_resident_) return;
  for (const std::size_t part : seating.order) {
    const Option& option = option_of(seating, part);
    Bytes& pending = decks_[option.device].pending;
    const bool stays = option.resident && pending + option.bytes <= berths_[option.device].capacity;
    resident_[part] = stays ? 1 : 0;
    if (stays) pending += option.bytes;
  }
}

std::span<const Turn> Waves::play(const Seating& seating) {
  for (const std::size_t part : seating.order) runs_[part] = option_of(seating, part).run;
  play_once(seating);
  // What sharing costs depends on who runs beside whom, and that on what it costs.
  constexpr int rounds = 4;
  if (any_shared_ && shares(seating)) {
    for (int round = 0; round < rounds; ++round) {
      stretch(seating);
      play_once(seating);
    }
  }
  return turns_;
}

void Waves::play_once(const Seating& seating) {
  begin(seating);
  for (std::size_t place = 0; place < seating.order.size(); ++place) {
    const std::size_t part = seating.order[place];
    const Option& option = option_of(seating, part);
    Turn& turn = turns_[part];
    turn = {.start = {}, .load = {}, .wait = {}, .run = runs_[part]};
    if (resident_[part] != 0) {
      decks_[option.device].pending -= option.bytes;
    } else {
      make_room(option.bytes, option.device, seating, place);
      if (option.beside != Option::none) {
        make_room(option.bytes_beside, option.beside, seating, place);
      }
      turn.load = option.load;
    }
    take_turn(option, resident_[part] != 0, turn);
  }
}

bool Waves::shares(const Seating& seating) const {
  return std::ranges::any_of(seating.order, [&](std::size_t part) {
    const Option& option = option_of(seating, part);
    return option.beside != Option::none && berths_[option.beside].lanes > 1;
  });
}

// Of two that run beside each other on a device, one all the time and the other for a part of its
// time, both go at the speed at which the device is full.
void Waves::stretch(const Seating& seating) {
  // Of a device's bandwidth, what several get: between the 0.93 and 0.97 of measurements.
  constexpr double shared = 0.95;
  std::ranges::fill(extra_, Duration{});
  for (const std::size_t split : seating.order) {
    const Option& option = option_of(seating, split);
    if (option.beside == Option::none) continue;
    const double lost = std::max(0.0, 1 - shared / (1 + option.use_beside));
    for (const std::size_t other : seating.order) {
      if (option_of(seating, other).device != option.beside) continue;
      const Turn& one = turns_[split];
      const Turn& two = turns_[other];
      const Duration from = std::max(one.end() - one.run, two.end() - two.run);
      const Duration both = std::min(one.end(), two.end()) - from;
      if (both <= Duration(0)) continue;
      const Duration slower = from_seconds(lost * seconds(both));
      extra_[split] += slower;
      extra_[other] += slower;
    }
  }
  for (const std::size_t part : seating.order) {
    runs_[part] = option_of(seating, part).run + extra_[part];
  }
}

void Waves::take_turn(const Option& option, bool resident, Turn& turn) {
  Deck& deck = decks_[option.device];
  const Berth& berth = berths_[option.device];
  Deck* beside = option.beside == Option::none ? nullptr : &decks_[option.beside];
  const Duration lane = beside == nullptr
                            ? deck.lanes.back()
                            : std::max({deck.lanes.back(), beside->lanes.back(), beside->rest});
  const Duration free = std::max(deck.turns.back(), lane);
  if (resident) {
    turn.start = free;
  } else {
    const bool one_load = berth.lanes > berth.running;
    turn.start = deck.when_free(berth, option.bytes, one_load ? std::max(lane, deck.loader) : lane);
    if (beside != nullptr) {
      turn.start = beside->when_free(berths_[option.beside], option.bytes_beside, turn.start);
    }
    deck.loader = turn.start + turn.load;
    turn.wait = std::max(free - deck.loader, Duration(0));
  }
  deck.occupy(turn.end(), option.bytes);
  if (beside != nullptr) {
    beside->hold(turn.end(), option.bytes_beside);
    beside->rest = turn.end();
    take_first_free(beside->lanes, turn.end());
  }
}

// Instead of who ended first.
void Waves::take_first_free(std::vector<Duration>& ends, Duration end) {
  if (end <= ends.back()) return;
  ends.back() = end;
  for (std::size_t at = ends.size() - 1; at > 0 && ends[at - 1] < end; --at) {
    std::swap(ends[at - 1], ends[at]);
  }
}

// Ends mostly come in their order.
void Waves::Deck::hold(Duration end, Bytes bytes) {
  held.push_back({end, bytes});
  for (std::size_t at = held.size() - 1; at > 0 && held[at - 1].end > end; --at) {
    std::swap(held[at - 1], held[at]);
  }
}

void Waves::Deck::occupy(Duration end, Bytes bytes) {
  hold(end, bytes);
  take_first_free(lanes, end);
  take_first_free(turns, end);
}

// Sends residents away, the last ones first, as long as the load could never begin beside those
// still to be asked.
void Waves::make_room(Bytes need, std::size_t device, const Seating& seating, std::size_t place) {
  Bytes& pending = decks_[device].pending;
  if (!any_resident_) return;
  for (std::size_t last = seating.order.size(); last-- > place + 1;) {
    if (need + pending <= berths_[device].capacity) return;
    const std::size_t part = seating.order[last];
    const Option& option = option_of(seating, part);
    if (resident_[part] == 0 || option.device != device) continue;
    resident_[part] = 0;
    pending -= option.bytes;
  }
}

// The first time from `from` on at which `need` is free beside what is pending and not over: the
// end of the latest that leaves too little.
Duration Waves::Deck::when_free(const Berth& berth, Bytes need, Duration from) const {
  Bytes taken = pending + need;
  ensure(taken <= berth.capacity, "a part that does not fit its device alone");
  for (const Held& one : held | std::views::reverse) {
    if (one.end <= from) return from;
    taken += one.bytes;
    if (taken > berth.capacity) return one.end;
  }
  return from;
}

}  // namespace kai
