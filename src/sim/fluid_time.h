// FluidTime: works that tasks wait for, in the time of a clock. See Fluid for how they share.
#pragma once

#include <map>

#include "base/clock.h"
#include "base/task.h"
#include "sim/fluid.h"

namespace kai {

class FluidTime {
 public:
  // `clock` must outlive this, and stands at a time that all works come after.
  FluidTime(Clock& clock, const Shares& shared) : clock_(clock), fluid_(shared) {}

  // Returns at the work's end, at `until`, when the task is cancelled, or at a stop() of its group;
  // what is left of the work is dropped then. The caller looks which.
  Task<void> run(Work work, Time until, int group);
  void stop(int group);

  Seconds used(Part part);  // up to now

 private:
  struct Running {
    Wait* wait = nullptr;
    int group = 0;
  };
  void catch_up();
  void wake_all();

  Clock& clock_;
  Time start_ = clock_.now();
  Fluid fluid_;
  std::map<Fluid::Id, Running> running_;
};

}  // namespace kai
