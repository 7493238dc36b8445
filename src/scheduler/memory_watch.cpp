#include "scheduler/memory_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kai {

namespace {

// Predictions of kai's own bytes may be off by this share of a device: no reading is called a lie
// for less.
constexpr int slack_share = 16;

OwnBytes both(const OwnBytes& before, const OwnBytes& after) {
  return {std::min(before.least, after.least), std::max(before.most, after.most)};
}

}  // namespace

MemoryWatch::MemoryWatch(std::span<const Device> devices, MemoryGauge& gauge, Clock& clock,
                         MemoryWatchOptions options)
    : gauge_(gauge), clock_(clock), options_(options) {
  for (const auto& device : devices) {
    places_.emplace(device.id, Place{Pressure(device, options_.pressure),
                                     Bytes(device.capacity.count / slack_share)});
  }
}

Task<MemoryWatch::News> MemoryWatch::look(const Ledger& ledger, Haste haste) {
  News news;
  if (looking_) co_return news;
  if (haste == Haste::usual && last_ != Time::min() && clock_.now() - last_ < options_.every / 2) {
    co_return news;
  }
  looking_ = true;
  std::map<DeviceId, OwnBytes> before;
  for (const auto& [device, place] : places_) before[device] = ledger.own(device);
  const auto readings = co_await gauge_.read(clock_.now() + options_.patience);
  looking_ = false;
  last_ = clock_.now();
  if (co_await cancelled()) co_return news;
  for (const auto& reading : readings) {
    const auto own = before.find(reading.device);
    if (own == before.end()) continue;  // a device that kai does not use
    take(reading, both(own->second, ledger.own(reading.device)), ledger, news);
  }
  co_return news;
}

void MemoryWatch::take(const MemoryReading& reading, const OwnBytes& own, const Ledger& ledger,
                       News& news) {
  Place& place = places_.at(reading.device);
  const std::string fault =
      reading.fault.empty() ? unsound(reading, own, place.slack) : reading.fault;
  if (!fault.empty()) {
    if (!std::exchange(place.faulty, true)) {
      news.faults.push_back(
          fmt::format("{}: its memory cannot be watched: {}", reading.device.text, fault));
    }
    return;
  }
  place.faulty = false;
  const Bytes old = ledger.capacity(reading.device);
  const auto capacity = place.pressure.take(reading, own, old, clock_.now());
  if (capacity && *capacity != old) {
    news.changes.push_back({reading.device, *capacity, place.pressure.others()});
  }
}

}  // namespace kai
