#include "worker/thread_pace.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace kai {

namespace {

// Steps are looked at together until they took so long: a shorter time says little, since the
// system gives each thread the processor for some milliseconds at a time.
constexpr Duration window = std::chrono::milliseconds(60);
// Of one thread's time: more is missing where another program keeps a core busy, which takes half
// of it; less is what starting the threads of each step takes.
constexpr double missing_max = 0.35;
// Worth losing what a step has done.
constexpr double hopeless_min = 0.5;
// One more that was too many is tried again after twice as long.
constexpr Duration longest_patience = std::chrono::seconds(8);

}  // namespace

void ThreadPace::begin_window() {
  wall_ = processor_ = Duration::zero();
}

// More at once, since the others are done; fewer at once, since they begin.
void ThreadPace::allow(int most) {
  if (std::exchange(most_, most) == most) return;
  threads_ = most;
  begin_window();
  patience_ = shortest_patience;
  trying_ = false;
}

// Threads that would not have been missed.
double ThreadPace::missing(Duration wall, Duration processor) const {
  return threads_ - seconds(processor) / seconds(wall);
}

bool ThreadPace::hopeless(Duration wall, Duration processor) const {
  return wall >= window && threads_ > 1 && missing(wall, processor) > hopeless_min;
}

void ThreadPace::note(Duration wall, Duration processor) {
  if (wall >= window) begin_window();  // it speaks for itself
  wall_ += wall;
  processor_ += processor;
  if (wall_ < window) return;
  const double too_many = missing(wall_, processor_);
  calm_ += wall_;
  begin_window();
  const bool tried = std::exchange(trying_, false);
  if (too_many > missing_max) {
    const int fewer = std::max(1, static_cast<int>(std::lround(too_many)));
    threads_ = std::max(1, threads_ - fewer);
    patience_ = tried ? std::min(2 * patience_, longest_patience) : shortest_patience;
    calm_ = Duration::zero();
    return;
  }
  if (tried) patience_ = shortest_patience;
  if (threads_ == most_ || calm_ < patience_) return;
  ++threads_;
  trying_ = true;
}

}  // namespace kai
