#include "scheduler/pressure.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kai {

namespace {

constexpr double giga = 1e9;

Bytes quarter(Bytes bytes) {
  return Bytes(bytes.count / 4);
}

}  // namespace

std::optional<Bytes> Pressure::take(const MemoryReading& reading, const OwnBytes& own,
                                    Bytes capacity, Time now) {
  const auto last = std::exchange(looked_, now);
  const Bytes running = overhead_ * reading.processes;
  others_ = std::max(reading.total - reading.free - own.most - running, Bytes{});
  // What models that load will take is not gone from the free memory yet, so that both are right
  // only as bounds.
  const Bytes to_come = overhead_ * (lanes_ - reading.processes);
  const Bytes most = reading.free + own.most - to_come - quarter(buffer_);
  const Bytes least = reading.free + own.least - to_come - buffer_;
  if (most < capacity) {
    roomy_since_.reset();
    return std::max(most, Bytes{});
  }
  if (least <= capacity) {
    roomy_since_.reset();
    return std::nullopt;
  }
  if (!roomy_since_) {
    const bool long_ago = last && now - *last >= options_.grow_after;
    roomy_since_ = long_ago ? *last : now;
    roomy_ = least;
  }
  roomy_ = std::min(roomy_, least);
  if (now - *roomy_since_ < options_.grow_after) return std::nullopt;
  roomy_since_.reset();
  return roomy_;
}

std::string unsound(const MemoryReading& reading, const OwnBytes& own, Bytes slack) {
  const auto gb = [](Bytes bytes) { return static_cast<double>(bytes.count) / giga; };
  if (reading.total <= Bytes{} || reading.free < Bytes{} || reading.free > reading.total) {
    return fmt::format("{:.1f} of {:.1f} GB are said to be free, which cannot be", gb(reading.free),
                       gb(reading.total));
  }
  if (reading.free + own.least > reading.total + slack) {
    return fmt::format("{:.1f} of {:.1f} GB are said to be free, while kai holds {:.1f} GB of it",
                       gb(reading.free), gb(reading.total), gb(own.least));
  }
  return {};
}

}  // namespace kai
