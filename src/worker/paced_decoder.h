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
  static constexpr int aborted = 2;  // as llama_decode() says it

  // threads: >= 1, at most.
  PacedDecoder(DeviceKind kind, int threads) : kind_(kind), most_(threads), pace_(threads) {}

  // At most so many from the next decode on; >= 1. From any thread.
  void use_threads(int threads) { most_ = threads; }
  // Of the next decode.
  int threads() const { return kind_ == DeviceKind::cpu ? pace_.threads() : most_.load(); }

  // llama_decode(), which on the CPU asks between two operations whether to go on. `aborted`: it
  // was given up, since `interrupted` said so or since others have come to use the cores; then it
  // left no trace in the context, and is to be begun anew with threads(), which are fewer now.
  // A model whose state cannot be taken back step by step goes on to the step's end.
  int decode(LoadedModel& model, const Batch& batch, const std::function<bool()>& interrupted);

 private:
  // Of the step that runs, once all its threads do.
  struct Step {
    int operations = 0;
    Time begun{}, next_look{};
    Duration processor{};  // what the process had before
  };
  bool goes_on(Step& step) const;
  int paced(LoadedModel& model, const Batch& batch, Step& step);

  const DeviceKind kind_;
  std::atomic<int> most_;
  ThreadPace pace_;
  Time ended_{};  // the last step
};

}  // namespace kai
