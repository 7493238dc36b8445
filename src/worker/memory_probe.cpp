#include "worker/memory_probe.h"

#include <ggml-backend.h>

#include <chrono>

namespace kai {

MemoryProbe::MemoryProbe(const RuntimeDevice& device)
    : device_(device.handle), thread_([this](std::stop_token stop) { run(stop); }) {}

void MemoryProbe::run(std::stop_token stop) {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (!asked_for_.wait(lock, stop, [this] { return asked_; })) return;
      asked_ = false;
    }
    Reading reading;
    reading.at = std::chrono::steady_clock::now();
    std::size_t free = 0, total = 0;
    ggml_backend_dev_memory(device_, &free, &total);
    reading.free = Bytes(static_cast<std::int64_t>(free));
    reading.total = Bytes(static_cast<std::int64_t>(total));
    const std::scoped_lock lock(mutex_);
    last_ = reading;
  }
}

void MemoryProbe::ask() {
  const std::scoped_lock lock(mutex_);
  asked_ = true;
  asked_for_.notify_one();
}

std::optional<MemoryProbe::Reading> MemoryProbe::since(Time since) const {
  const std::scoped_lock lock(mutex_);
  if (!last_ || last_->at < since) return std::nullopt;
  return last_;
}

}  // namespace kai
