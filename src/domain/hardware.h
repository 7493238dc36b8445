// HardwareReading: what the machine was doing at one moment. What could not be read is absent,
// never zero.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/quantities.h"

namespace kai {

struct GpuReading {
  std::string gpu;                     // "0", "1", …: as its driver counts
  std::string name;                    // may be empty
  std::optional<double> utilization;   // 0..1: share of the time in which some kernel ran
  std::optional<Bytes> memory_used{};  // with a total, 0..total
  std::optional<Bytes> memory_total{};
  std::optional<double> power;        // watts
  std::optional<double> temperature;  // degrees Celsius
  // Why it is slowed down now: "power_cap", "hw_slowdown", "sw_thermal", "hw_thermal",
  // "power_brake"; empty: it is not; nothing: not known.
  std::optional<std::vector<std::string>> throttled;
};

struct HostReading {
  std::optional<double> cpu_utilization;  // 0..1 of all processors, since the reading before
  std::optional<double> cores;            // that may be used at once
  std::optional<Bytes> memory_available{};
  std::optional<Bytes> memory_limit{};
  struct Stalled {
    std::string resource;  // "cpu", "memory", "io"
    double seconds = 0;    // since the machine's start, in which some task waited for it
  };
  std::vector<Stalled> stalled;
  std::optional<double> power;        // watts of the processors, since the reading before
  std::optional<double> temperature;  // degrees Celsius, of the hottest zone
};

struct HardwareReading {
  HostReading host;
  std::vector<GpuReading> gpus;
};

}  // namespace kai
