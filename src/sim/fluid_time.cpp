#include "sim/fluid_time.h"

#include <algorithm>
#include <cmath>

namespace kai {

// Whenever a work starts or ends the speeds of all change: each looks anew when it is going to end.
Task<void> FluidTime::run(Work work, Time until) {
  catch_up();
  Wait wait;
  const Fluid::Id id = fluid_.start(work);
  wake_all();
  waits_[id] = &wait;
  while (waits_.contains(id)) {
    const auto ends = std::ceil(fluid_.end_of(id).count() * 1e9);  // nanoseconds
    const Time end = start_ + Duration(static_cast<std::int64_t>(ends));
    co_await clock_.sleep_on(wait, std::min(until, end));
    const bool left = co_await cancelled();
    catch_up();
    if ((left || clock_.now() >= until) && waits_.erase(id) > 0) {
      fluid_.stop(id);
      wake_all();
    }
  }
}

Seconds FluidTime::used(Part part) {
  catch_up();
  return fluid_.used(part);
}

void FluidTime::catch_up() {
  const auto ended = fluid_.advance_to(std::max(fluid_.now(), Seconds(clock_.now() - start_)));
  if (ended.empty()) return;
  wake_all();
  for (const Fluid::Id id : ended) waits_.erase(id);
}

void FluidTime::wake_all() {
  for (const auto& [id, wait] : waits_) wait->resume();
}

}  // namespace kai
