// Any crowd of asks on few bytes and lanes, while loads fail, lanes die and users leave: nobody
// waits beyond a deadline, and memory never holds more than the device has.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;

constexpr Duration patience = 20s;

// Breaks things by chance, as a residence over real workers would.
void trouble(Desk& desk, Random& random) {
  const auto lose = [&desk](const LaneId& lane) {
    desk.residence.lose(lane);
    desk.scheduler.lane_lost(lane);
  };
  desk.residence.load_fails = [&random, lose](const LaneId& lane,
                                              const ModelId&) -> std::optional<Error> {
    if (random.chance(0.1)) return Error{ErrorCode::model_refused, "is damaged"};
    if (!random.chance(0.1)) return std::nullopt;
    lose(lane);
    return Error{ErrorCode::lane_lost, "died while loading"};
  };
  desk.residence.after_unload = [&random, lose](const LaneId& lane) {
    if (random.chance(0.2)) lose(lane);
  };
}

void act(Desk& desk, std::vector<Asking*>& crowd, Random& random) {
  if (random.chance(0.4)) {
    crowd.push_back(&desk.ask(std::string(1, static_cast<char>('a' + random.below(5))),
                              static_cast<std::int64_t>(1 + random.below(100)), patience,
                              static_cast<std::int64_t>(1 + random.below(3)),
                              static_cast<int>(1 + random.below(3))));
  } else if (!crowd.empty()) {
    Asking& one = *crowd[random.below(crowd.size())];
    if (one.has_lease()) {
      desk.give_back(one);
    } else if (one.waits() && random.chance(0.2)) {
      desk.leave(one);
    }
  }
  desk.time.pass(std::chrono::milliseconds(random.below(800)));
}

RC_GTEST_PROP(SchedulerProperty, MemoryStaysWithinTheDeviceAndNobodyWaitsForEver, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Random random(seed);
  Desk desk(static_cast<int>(1 + random.below(3)));
  trouble(desk, random);
  std::vector<Asking*> crowd;
  for (int count = 0; count < 60; ++count) {
    act(desk, crowd, random);
    RC_ASSERT(desk.held() <= Bytes(100));
    RC_ASSERT(desk.residence.in_memory() <= desk.held());
  }
  desk.time.pass(patience);
  RC_ASSERT(desk.time.group.running() == 0U);
  for (Asking* one : crowd) desk.give_back(*one);
  RC_ASSERT(desk.scheduler.rooms()[0].free == Bytes(100));  // nothing is in use any more
}

}  // namespace
}  // namespace kai
