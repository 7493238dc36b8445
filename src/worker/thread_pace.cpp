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
constexpr Duration hopeless_latest = std::chrono::milliseconds(500);
// More that were too many are tried again after twice as long.
constexpr Duration longest_patience = std::chrono::seconds(8);

}  // namespace

void ThreadPace::begin_window() {
  wall_ = processor_ = Duration::zero();
}

void ThreadPace::forget() {
  begin_window();
  calm_ = Duration::zero();
  patience_ = shortest_patience;
  more_ = 1;
  trying_ = false;
}

// More at once, since the others are done; fewer at once, since they begin. What other programs use
// stays theirs.
void ThreadPace::allow(int most) {
  const int before = std::exchange(most_, most);
  if (before == most) return;
  threads_ = most < before ? std::min(threads_, most) : std::min(threads_ + most - before, most);
  forget();
}

void ThreadPace::rested(Duration time) {
  if (time < longest_patience) return;
  threads_ = most_;
  forget();
}

// Threads that would not have been missed.
double ThreadPace::missing(Duration wall, Duration processor) const {
  return threads_ - seconds(processor) / seconds(wall);
}

bool ThreadPace::hopeless(Duration wall, Duration processor) const {
  return threads_ > 1 && wall >= window && wall < hopeless_latest &&
         missing(wall, processor) > hopeless_min;
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
    if (tried) patience_ = std::min(2 * patience_, longest_patience);
    calm_ = Duration::zero();
    more_ = 1;
    return;
  }
  if (tried) {  // not in vain
    patience_ = shortest_patience;
    more_ *= 2;
  }
  if (threads_ == most_ || calm_ < patience_) return;
  threads_ = std::min(threads_ + more_, most_);
  trying_ = true;
}

}  // namespace kai
