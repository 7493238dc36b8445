#include "planner/waves.h"

#include <algorithm>
#include <functional>

#include "base/ensure.h"

namespace kai {

Waves::Waves(std::span<const Berth> berths, std::span<const std::vector<Option>> parts)
    : berths_(berths),
      parts_(parts),
      turns_(parts.size()),
      decks_(berths.size()),
      resident_(parts.size()) {
  for (std::size_t device = 0; device < berths.size(); ++device) {
    decks_[device].held.reserve(parts.size() + berths[device].taken.size());
    decks_[device].ends.reserve(parts.size() + berths[device].taken.size());
  }
}

std::span<const Turn> Waves::play(const Seating& seating) {
  for (std::size_t device = 0; device < berths_.size(); ++device) {
    Deck& deck = decks_[device];
    deck.held.clear();
    deck.ends.clear();
    deck.loader = berths_[device].loads_until;
    deck.pending = Bytes{};
    for (const TakenTurn& turn : berths_[device].taken) deck.occupy(turn.until, turn.bytes, 1);
  }
  for (const std::size_t part : seating.order) {
    const Option& option = option_of(seating, part);
    Bytes& pending = decks_[option.device].pending;
    resident_[part] = option.resident && pending + option.bytes <= berths_[option.device].capacity;
    if (resident_[part]) pending += option.bytes;
  }
  for (std::size_t place = 0; place < seating.order.size(); ++place) {
    const std::size_t part = seating.order[place];
    const Option& option = option_of(seating, part);
    Turn& turn = turns_[part];
    turn = {.start = {}, .load = {}, .wait = {}, .run = option.run};
    if (resident_[part]) {
      decks_[option.device].pending -= option.bytes;
    } else {
      make_room(option.bytes, option.device, seating, place);
      if (option.beside != Option::none) {
        make_room(option.bytes_beside, option.beside, seating, place);
      }
      turn.load = option.load;
    }
    take_turn(option, resident_[part], turn);
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

Duration Waves::Deck::fewer_than(int busy) const {
  const auto place = static_cast<std::size_t>(busy) - 1;
  return place < ends.size() ? ends[place] : Duration(0);
}

void Waves::Deck::occupy(Duration end, Bytes bytes, int lanes) {
  held.push_back({end, bytes});
  ends.insert(std::ranges::upper_bound(ends, end, std::greater<>()),
              static_cast<std::size_t>(lanes), end);
}

// Sends residents away, the last ones first, as long as the load could never begin beside those
// still to be asked.
void Waves::make_room(Bytes need, std::size_t device, const Seating& seating, std::size_t place) {
  Bytes& pending = decks_[device].pending;
  for (std::size_t last = seating.order.size(); last-- > place + 1;) {
    if (need + pending <= berths_[device].capacity) return;
    const std::size_t part = seating.order[last];
    const Option& option = option_of(seating, part);
    if (!resident_[part] || option.device != device) continue;
    resident_[part] = false;
    pending -= option.bytes;
  }
}

// The first time from `from` on at which `need` is free beside what is pending and not over.
Duration Waves::Deck::when_free(const Berth& berth, Bytes need, Duration from) const {
  const auto fits = [&](Duration at) {
    Bytes taken = pending + need;
    for (const Held& one : held) {
      if (one.end > at) taken += one.bytes;
    }
    return taken <= berth.capacity;
  };
  if (fits(from)) return from;
  Duration first = Duration::max();
  for (const Held& one : held) {
    if (one.end > from && one.end < first && fits(one.end)) first = one.end;
  }
  ensure(first != Duration::max(), "a part that does not fit its device alone");
  return first;
}

}  // namespace kai
