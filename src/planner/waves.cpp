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
      resident_(parts.size(), 0) {
  for (std::size_t device = 0; device < decks_.size(); ++device) {
    decks_[device].held.reserve(parts.size() + berths[device].taken.size());
    decks_[device].ends.resize(static_cast<std::size_t>(berths[device].lanes));
  }
  for (const auto& options : parts) {
    any_resident_ = any_resident_ || std::ranges::any_of(options, &Option::resident);
  }
}

void Waves::begin(const Seating& seating) {
  for (std::size_t device = 0; device < decks_.size(); ++device) {
    const Berth& berth = berths_[device];
    Deck& deck = decks_[device];
    deck.held.clear();
    std::ranges::fill(deck.ends, Duration{});
    deck.loader = berth.loads_until;
    deck.pending = Bytes{};
    for (const TakenTurn& turn : berth.taken) deck.occupy(turn.until, turn.bytes, 1);
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
  begin(seating);
  for (std::size_t place = 0; place < seating.order.size(); ++place) {
    const std::size_t part = seating.order[place];
    const Option& option = option_of(seating, part);
    Turn& turn = turns_[part];
    turn = {.start = {}, .load = {}, .wait = {}, .run = option.run};
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
  return turns_;
}

void Waves::take_turn(const Option& option, bool resident, Turn& turn) {
  Deck& deck = decks_[option.device];
  const Berth& berth = berths_[option.device];
  Deck* beside = option.beside == Option::none ? nullptr : &decks_[option.beside];
  Duration free = deck.fewer_than(berth.running);
  if (beside != nullptr) free = std::max(free, beside->fewer_than(1));
  if (resident) {
    turn.start = free;
  } else {
    const bool one_load = berth.lanes > berth.running;
    const Duration lane = deck.fewer_than(berth.lanes);
    turn.start = deck.when_free(berth, option.bytes, one_load ? std::max(lane, deck.loader) : lane);
    if (beside != nullptr) {
      turn.start = beside->when_free(berths_[option.beside], option.bytes_beside, turn.start);
    }
    deck.loader = turn.start + turn.load;
    turn.wait = std::max(free - deck.loader, Duration(0));
  }
  deck.occupy(turn.end(), option.bytes, 1);
  if (beside != nullptr) {
    beside->occupy(turn.end(), option.bytes_beside, berths_[option.beside].lanes);
  }
}

// Ends mostly come in their order.
void Waves::Deck::occupy(Duration end, Bytes bytes, int taken) {
  held.push_back({end, bytes});
  for (std::size_t at = held.size() - 1; at > 0 && held[at - 1].end > end; --at) {
    std::swap(held[at - 1], held[at]);
  }
  for (; taken > 0 && end > ends.back(); --taken) {
    ends.back() = end;
    for (std::size_t at = ends.size() - 1; at > 0 && ends[at - 1] < end; --at) {
      std::swap(ends[at - 1], ends[at]);
    }
  }
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
