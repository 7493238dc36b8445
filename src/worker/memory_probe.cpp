#include "worker/memory_probe.h"

#include <ggml-backend.h>

#include <chrono>
#include <thread>

namespace kai {

struct MemoryProbe::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  bool asked = false;
  bool over = false;
  std::optional<Reading> last;
};

MemoryProbe::MemoryProbe(const RuntimeDevice& device) : shared_(std::make_shared<Shared>()) {
  std::thread([shared = shared_, handle = device.handle] {
    std::unique_lock lock(shared->mutex);
    for (;;) {
      shared->changed.wait(lock, [&] { return shared->asked || shared->over; });
      if (shared->over) return;
      shared->asked = false;
      lock.unlock();
      Reading reading;
      reading.at = std::chrono::steady_clock::now();
      std::size_t free = 0, total = 0;
      ggml_backend_dev_memory(handle, &free, &total);
      reading.free = Bytes(static_cast<std::int64_t>(free));
      reading.total = Bytes(static_cast<std::int64_t>(total));
      lock.lock();
      shared->last = reading;
    }
  }).detach();
}

MemoryProbe::~MemoryProbe() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->over = true;
  shared_->changed.notify_one();
}

void MemoryProbe::ask() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->asked = true;
  shared_->changed.notify_one();
}

std::optional<MemoryProbe::Reading> MemoryProbe::since(Time since) const {
  const std::scoped_lock lock(shared_->mutex);
  if (!shared_->last || shared_->last->at < since) return std::nullopt;
  return shared_->last;
}

}  // namespace kai
