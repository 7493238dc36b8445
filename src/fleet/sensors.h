// sensors: how hot the machine is and what its processors draw, from the kernel's files. What such
// a file says may be asked of the firmware, which can take seconds, or hang.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/task.h"
#include "fleet/host.h"

namespace kai {

struct SensorReading {
  std::optional<double> power;        // watts of the processors, since the reading before
  std::optional<double> temperature;  // degrees Celsius, of the hottest zone
};

// Reads at once, and may block. What cannot be read, or cannot be true, is absent.
class SensorReader {
 public:
  explicit SensorReader(HostFiles files = {}) : files_(std::move(files)) {}
  SensorReading read(Time now);

 private:
  std::optional<double> power(Time now);

  HostFiles files_;
  std::map<std::string, std::int64_t> energy_;  // microjoules, by the counter's folder
  std::optional<Time> energy_at_;
};

struct SensorWatchOptions {
  Duration every = std::chrono::seconds(1);
  Duration patience = std::chrono::seconds(5);      // longer: it hangs, and is tried again …
  Duration pause_first = std::chrono::seconds(30);  // … after this, twice as long each time, …
  Duration pause_max = std::chrono::minutes(10);    // … until four threads hang
};

// Reads again and again, each time on a thread of its own, so that nobody waits for it.
class SensorWatch {
 public:
  // `clock` must outlive this.
  explicit SensorWatch(Clock& clock, HostFiles files = {}, SensorWatchOptions options = {})
      : clock_(clock), files_(std::move(files)), options_(options) {}

  // Until it is cancelled, or given up.
  Task<bool> run();
  // The newest; empty: there is none, or it is too old to be true of now.
  SensorReading reading() const;

 private:
  Clock& clock_;
  HostFiles files_;
  SensorWatchOptions options_;
  SensorReading reading_;
  std::optional<Time> read_at_;
};

}  // namespace kai
