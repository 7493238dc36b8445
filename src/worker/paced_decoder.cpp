#include "worker/paced_decoder.h"

#include <ctime>

namespace kai {

namespace {

constexpr Duration look_again = std::chrono::milliseconds(20);  // within a step

Time now() {
  return std::chrono::steady_clock::now();
}

// That all threads of this process got so far.
Duration processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

int PacedDecoder::once(LoadedModel& model, const Batch& batch) const {
  return llama_decode(model.context(), batch.raw());
}

// Whether the step that runs is.
bool PacedDecoder::hopeless() {
  const Time at = now();
  if (at < next_look_) return false;
  next_look_ = at + look_again;
  return pace_.hopeless(at - begun_, processor_time() - processor_);
}

int PacedDecoder::decode(LoadedModel& model, const Batch& batch,
                         const std::function<bool()>& interrupted) {
  bool given_up = false;  // by whoever interrupts
  auto stop = [&] {
    given_up = interrupted();
    return given_up || (kind_ == DeviceKind::cpu && hopeless());
  };
  const auto call = [](void* asked) { return (*static_cast<decltype(stop)*>(asked))(); };
  llama_set_abort_callback(model.context(), call, &stop);
  int status = aborted;
  if (kind_ != DeviceKind::cpu) {
    // They wait for the GPU: what they got of the processor says nothing.
    if (model.is_split()) model.use_threads(most_);
    status = once(model, batch);
  }
  while (status == aborted && kind_ == DeviceKind::cpu && !given_up) {
    pace_.allow(most_);
    model.use_threads(pace_.threads());
    begun_ = now();
    next_look_ = begun_ + look_again;
    processor_ = processor_time();
    status = once(model, batch);
    pace_.note(now() - begun_, processor_time() - processor_);
  }
  llama_set_abort_callback(model.context(), nullptr, nullptr);
  return status;
}

}  // namespace kai
