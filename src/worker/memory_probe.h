// MemoryProbe: asks the driver what is free on a device, on a thread of its own, since it may hang.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "worker/runtime.h"

namespace kai {

class MemoryProbe {
 public:
  struct Reading {
    Bytes free{}, total{};
    Time at{};
  };

  explicit MemoryProbe(const RuntimeDevice& device);
  // Leaves a thread that hangs in the driver behind: for a process that ends by _Exit.
  ~MemoryProbe();
  MemoryProbe(const MemoryProbe&) = delete;
  MemoryProbe& operator=(const MemoryProbe&) = delete;

  // Has it read anew; returns at once.
  void ask();
  // The last reading, if it began no earlier than `since`.
  std::optional<Reading> since(Time since) const;

 private:
  struct Shared;  // outlives this where the thread does
  std::shared_ptr<Shared> shared_;
};

}  // namespace kai
