// PacedDecoder: llama_decode() with as many threads as there are cores for.
#pragma once

#include <atomic>
#include <functional>

#include "base/clock.h"
#include "worker/batch.h"
#include "worker/loaded_model.h"
#include "worker/thread_pace.h"

namespace kai {

class PacedDecoder {
 public:
  static constexpr int aborted = 2;  // llama_decode() was given up

  // threads: >= 1, at most.
  PacedDecoder(DeviceKind kind, int threads) : kind_(kind), most_(threads), pace_(threads) {}

  // At most so many from the next decode on; >= 1. From any thread.
  void use_threads(int threads) { most_ = threads; }
  // Of the last decode.
  int threads() const { return kind_ == DeviceKind::cpu ? pace_.threads() : most_.load(); }

  // llama_decode(), which on the CPU asks between two operations whether to go on: `interrupted`
  // ends it with `aborted`, and others who came to use the cores have it begun anew with fewer
  // threads. What is given up leaves no trace in the context.
  int decode(LoadedModel& model, const Batch& batch, const std::function<bool()>& interrupted);

 private:
  int once(LoadedModel& model, const Batch& batch) const;
  bool hopeless();

  const DeviceKind kind_;
  std::atomic<int> most_;
  ThreadPace pace_;
  // Of the step that runs.
  Time begun_{}, next_look_{};
  Duration processor_{};  // what the process had before
};

}  // namespace kai
