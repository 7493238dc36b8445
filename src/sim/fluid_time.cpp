#include "sim/fluid_time.h"

#include <algorithm>
#include <cmath>

namespace kai {

// Whenever a work starts or ends the speeds of all change: each looks anew when it is going to end.
Task<void> FluidTime::run(Work work, Time until, int group) {
  catch_up();
  Wait wait;
  const Fluid::Id id = fluid_.start(work);
  wake_all();
  running_[id] = {&wait, group};
  while (running_.contains(id)) {
    const auto ends = std::ceil(fluid_.end_of(id).count() * 1e9);  // nanoseconds
    const Time end = start_ + Duration(static_cast<std::int64_t>(ends));
    co_await clock_.sleep_on(wait, std::min(until, end));
    const bool left = co_await cancelled();
    catch_up();
    if ((left || clock_.now() >= until) && running_.erase(id) > 0) {
      fluid_.stop(id);
      wake_all();
    }
  }
}

void FluidTime::stop(int group) {
  catch_up();
  wake_all();
  std::erase_if(running_, [&](const auto& each) {
    const bool stops = each.second.group == group;
    if (stops) fluid_.stop(each.first);
    return stops;
  });
}

Seconds FluidTime::used(Part part) {
  catch_up();
  return fluid_.used(part);
}

void FluidTime::catch_up() {
  const auto ended = fluid_.advance_to(std::max(fluid_.now(), Seconds(clock_.now() - start_)));
  if (ended.empty()) return;
  wake_all();
  for (const Fluid::Id id : ended) running_.erase(id);
}

void FluidTime::wake_all() {
  for (const auto& [id, work] : running_) work.wait->resume();
}

}  // namespace kai
