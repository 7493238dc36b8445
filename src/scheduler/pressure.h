// Pressure: how much of a device's memory kai may use while other programs take and give back
// theirs. Pure: a reading of what is free goes in, a capacity for the ledger comes out.
//
// Of what is free, and of what kai itself holds there, follows what kai could hold in all:
//   possible = free + own - the processes of lanes that do not run yet
// The device's buffer is what others may take without kai giving way, so the capacity shrinks only
// to possible less a quarter of the buffer, which covers what predictions of kai's own bytes are
// off by. It grows once possible less the whole buffer has been above it for a while, or is so
// after nobody has looked for as long. Others that keep taking and giving back between the two
// change nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/quantities.h"
#include "domain/model.h"

namespace kai {

// What is said of a device's memory at one moment.
struct MemoryReading {
  DeviceId device;
  Bytes free{}, total{};
  int processes = 0;  // of its lanes that are in this reading, 0..Device::lanes
  std::string fault;  // not empty: it could not be read, and why
};

// What kai's models take of a device while some of them load or leave.
struct OwnBytes {
  Bytes least{};
  Bytes most{};
};

struct PressureOptions {
  // How long memory must be free before it is used again, 0..600 s.
  Duration grow_after = std::chrono::seconds(3);
};

class Pressure {
 public:
  explicit Pressure(const Device& device, PressureOptions options = {})
      : buffer_(device.buffer),
        overhead_(device.lane_overhead),
        lanes_(device.lanes),
        options_(options) {}

  // The new capacity, >= 0; nothing: `capacity` stays. A reading that cannot be true (unsound)
  // must not be given.
  std::optional<Bytes> take(const MemoryReading& reading, const OwnBytes& own, Bytes capacity,
                            Time now);
  // Of the last reading: what neither kai nor nobody has.
  Bytes others() const { return others_; }

 private:
  Bytes buffer_, overhead_;
  int lanes_;
  PressureOptions options_;
  Bytes others_{};
  std::optional<Time> looked_;  // last
  std::optional<Time> roomy_since_;
  Bytes roomy_{};  // the least that it could grow to since
};

// Why a reading is not believed; empty: it may be true. More cannot be free than there is beside
// what kai holds for certain.
std::string unsound(const MemoryReading& reading, const OwnBytes& own, Bytes slack);

}  // namespace kai
