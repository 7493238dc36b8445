// ThreadPace: with how many threads a worker computes its next step. ggml's threads spin at a
// barrier after each operation until the last of them is there: where other programs use a core,
// one thread too many makes a step many times slower
// (docs/decisions/007-threads-are-a-resource.md).
#pragma once

#include "base/clock.h"

namespace kai {

// Fewer where the steps' threads did not get the processor all the time, more again once they do.
// Pure: it is told what the steps took. For steps that only the processor computes: one that waits
// for a GPU would look as if others had used the cores.
class ThreadPace {
 public:
  // most: >= 1.
  explicit ThreadPace(int most) : most_(most), threads_(most) {}

  int threads() const { return threads_; }  // 1..most
  void allow(int most);                     // from now on, >= 1

  // A step of threads() threads is over, or was given up, that took `wall`, of which the process
  // got `processor`, summed over its threads; both from when all of them ran.
  void note(Duration wall, Duration processor);
  // Of a step that is not over: it is better begun anew, with the threads() after note(). Only soon
  // after its beginning, so that little is lost.
  bool hopeless(Duration wall, Duration processor) const;
  // Nothing was computed for so long: what is known of other programs gets old.
  void rested(Duration time);

 private:
  double missing(Duration wall, Duration processor) const;
  void begin_window();
  void forget();

  int most_;
  int threads_;
  Duration wall_{}, processor_{};          // of the steps that are looked at together
  Duration calm_{};                        // since the threads were last too many
  Duration patience_ = shortest_patience;  // calm for so long: more are tried
  int more_ = 1;                           // so many
  bool trying_ = false;                    // them, since the last window
  static constexpr Duration shortest_patience = std::chrono::milliseconds(500);
};

}  // namespace kai
