// HostReader: what the machine beside its GPUs is doing, from the kernel's files; its sensors,
// which may be slow, apart: see sensors.h.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "domain/hardware.h"
#include "fleet/host.h"

namespace kai {

class HostReader {
 public:
  explicit HostReader(HostFiles files = {}) : files_(std::move(files)) {}

  // What is so now; of what is counted, since the reading before. What cannot be read, or cannot be
  // true, is absent. The files are the kernel's own memory: no disk is waited for.
  HostReading read();

 private:
  struct Processors {
    std::uint64_t busy = 0, all = 0;  // ticks
  };
  std::optional<Processors> processors() const;
  std::optional<double> utilization();

  HostFiles files_;
  std::optional<Processors> before_;
};

}  // namespace kai
