#include "planner/waves.h"

#include <algorithm>
#include <functional>

#include "base/ensure.h"

namespace kai {

Waves::Waves(std::span<const Berth> berths, std::span<const std::vector<Option>> parts)
    : berths_(berths), parts_(parts), turns_(parts.size()), resident_(parts.size()) {
  here_.reserve(parts.size());
  held_.reserve(parts.size());
  ends_.reserve(parts.size());
}

std::span<const Turn> Waves::play(const Seating& seating) {
  for (std::size_t device = 0; device < berths_.size(); ++device) play_device(device, seating);
  return turns_;
}

void Waves::play_device(std::size_t device, const Seating& seating) {
  const Berth& berth = berths_[device];
  here_.clear();
  held_.clear();
  ends_.clear();
  pending_ = Bytes{};
  for (const std::size_t part : seating.order) {
    const Option& option = parts_[part][seating.option[part]];
    if (option.device != device) continue;
    here_.push_back(part);
    resident_[part] = option.resident && pending_ + option.bytes <= berth.capacity;
    if (resident_[part]) pending_ += option.bytes;
  }
  // When fewer than `busy` of those before are still at work.
  const auto fewer_than = [&](int busy) {
    const auto place = static_cast<std::size_t>(busy) - 1;
    return place < ends_.size() ? ends_[place] : Duration(0);
  };
  const bool one_load = berth.lanes > berth.running;
  Duration loader{};  // free from then on
  for (std::size_t place = 0; place < here_.size(); ++place) {
    const std::size_t part = here_[place];
    const Option& option = parts_[part][seating.option[part]];
    Turn& turn = turns_[part];
    turn = {.run = option.run};
    if (resident_[part]) {
      turn.start = fewer_than(berth.running);
      pending_ -= option.bytes;
    } else {
      while (make_room(option.bytes, berth, seating, place)) {
      }
      const Duration lane = fewer_than(berth.lanes);
      turn.start = when_free(berth, option.bytes, one_load ? std::max(lane, loader) : lane);
      turn.load = option.load;
      const Duration loaded = turn.start + turn.load;
      turn.wait = std::max(fewer_than(berth.running) - loaded, Duration(0));
      loader = loaded;
    }
    held_.push_back({turn.end(), option.bytes});
    ends_.insert(std::ranges::upper_bound(ends_, turn.end(), std::greater<>()), turn.end());
  }
}

// Sends the last resident away if the load could never begin beside those still to be asked. True:
// one went.
bool Waves::make_room(Bytes need, const Berth& berth, const Seating& seating, std::size_t place) {
  if (need + pending_ <= berth.capacity || pending_ == Bytes{}) return false;
  for (std::size_t last = here_.size(); last-- > place + 1;) {
    const std::size_t part = here_[last];
    if (!resident_[part]) continue;
    resident_[part] = false;
    pending_ -= parts_[part][seating.option[part]].bytes;
    return true;
  }
  return false;
}

// The first time from `from` on at which `need` is free beside what is pending and not over.
Duration Waves::when_free(const Berth& berth, Bytes need, Duration from) {
  const auto fits = [&](Duration at) {
    Bytes taken = pending_ + need;
    for (const Held& held : held_) {
      if (held.end > at) taken += held.bytes;
    }
    return taken <= berth.capacity;
  };
  if (fits(from)) return from;
  Duration first = Duration::max();
  for (const Held& held : held_) {
    if (held.end > from && held.end < first && fits(held.end)) first = held.end;
  }
  ensure(first != Duration::max(), "a part that does not fit its device alone");
  return first;
}

}  // namespace kai
