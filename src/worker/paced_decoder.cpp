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

// After each operation. The threads are started with the first, which says nothing of the cores.
bool PacedDecoder::goes_on(Step& step) const {
  constexpr int all_started = 2;
  if (++step.operations < all_started) return true;
  const Time at = now();
  if (step.operations == all_started) {
    step = {step.operations, at, at + look_again, processor_time()};
  } else if (at >= step.next_look) {
    step.next_look = at + look_again;
    return !pace_.hopeless(at - step.begun, processor_time() - step.processor);
  }
  return true;
}

int PacedDecoder::decode(LoadedModel& model, const Batch& batch,
                         const std::function<bool()>& interrupted) {
  Step step;
  auto stop = [&] {
    const bool leave = interrupted();
    const bool hopeless = kind_ == DeviceKind::cpu && !goes_on(step);
    return (leave || hopeless) && model.forgets_steps();
  };
  const auto call = [](void* asked) { return (*static_cast<decltype(stop)*>(asked))(); };
  llama_set_abort_callback(model.context(), call, &stop);
  const int status = paced(model, batch, step);
  llama_set_abort_callback(model.context(), nullptr, nullptr);
  if (status == aborted) take_complaint();  // that it was: no complaint about the next failure
  return status;
}

int PacedDecoder::paced(LoadedModel& model, const Batch& batch, Step& step) {
  if (kind_ != DeviceKind::cpu) {
    // They wait for the GPU: what they got of the processor says nothing.
    if (model.is_split()) model.use_threads(most_);
    return llama_decode(model.context(), batch.raw());
  }
  pace_.allow(most_);
  if (ended_ != Time{}) pace_.rested(now() - ended_);
  model.use_threads(pace_.threads());
  const int status = llama_decode(model.context(), batch.raw());
  ended_ = now();
  if (step.begun != Time{}) pace_.note(ended_ - step.begun, processor_time() - step.processor);
  return status;
}

}  // namespace kai
