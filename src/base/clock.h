// Clock: the one source of time. Real time in kai and its workers, virtual time in
// tests and in kai-sim: nothing else knows which.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "base/task.h"

namespace kai {

using Duration = std::chrono::nanoseconds;
using Time = std::chrono::time_point<std::chrono::steady_clock, Duration>;      // monotonic
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;  // for people

// As seconds, for arithmetic with rates and for print.
constexpr double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
// Clamped to +-292 years, so that a rate of nearly zero cannot overflow.
constexpr Duration from_seconds(double count) {
  constexpr double limit = 9.2e9;
  return Duration(static_cast<std::int64_t>((count > limit    ? limit
                                             : count < -limit ? -limit
                                                              : count) *
                                            1e9));
}

// Calls resume() on a Wait at its time; destroying it before takes the call back.
class Alarm {
 public:
  virtual ~Alarm() = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual WallTime wall() const = 0;
  // `wait` must outlive the alarm. A time in the past rings at once.
  virtual std::unique_ptr<Alarm> ring_at(Time when, Wait& wait) = 0;

  // Returns at `when`, or earlier if the running task is cancelled.
  Task<void> sleep_until(Time when);
  // Returns when `wait` was resumed, at `when`, or on cancellation; the caller looks which.
  Task<void> sleep_on(Wait& wait, Time when);
};

// The machine's own time; timers run on `executor`.
std::unique_ptr<Clock> make_real_clock(Executor executor);

// Time that stands still until advance() moves it to the next alarm. Starts at a fixed instant, so
// that a run's timestamps replay too.
class VirtualClock final : public Clock {
 public:
  Time now() const override { return now_; }
  WallTime wall() const override { return WallTime(now_.time_since_epoch()) + wall_offset; }
  std::unique_ptr<Alarm> ring_at(Time when, Wait& wait) override;

  // Jumps to the earliest alarm and rings it. False: nothing is waiting for time to pass.
  bool advance();

 private:
  class Ring;
  static constexpr Duration wall_offset = std::chrono::hours(24) * 365 * 56;

  Time now_{};
  std::uint64_t order_ = 0;  // alarms of one instant ring in the order they were set
  std::map<std::pair<Time, std::uint64_t>, Wait*> alarms_;
};

}  // namespace kai
