// MemoryProbe: asks the driver what is free on a device, on a thread of its own, since it may hang.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

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
  // Waits for a reading that is under way: a worker ends by _Exit instead, since that may hang.
  ~MemoryProbe() = default;
  MemoryProbe(const MemoryProbe&) = delete;
  MemoryProbe& operator=(const MemoryProbe&) = delete;

  // Has it read anew; returns at once.
  void ask();
  // The last reading, if it began no earlier than `since`.
  std::optional<Reading> since(Time since) const;

 private:
  void run(std::stop_token stop);

  ggml_backend_dev_t device_;
  mutable std::mutex mutex_;
  std::condition_variable_any asked_for_;
  bool asked_ = false;  // guarded by mutex_, like the next
  std::optional<Reading> last_;
  std::jthread thread_;  // last: starts when all else is ready, joins first
};

}  // namespace kai
