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
// Whoever made room when his time ran out still waits for the end of what he began.
constexpr Duration making_room_max = 1s;

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
  const int lanes = static_cast<int>(1 + random.below(3));
  const int running = static_cast<int>(1 + random.below(lanes));
  Desk desk(lanes, running);
  trouble(desk, random);
  std::vector<Asking*> crowd;
  for (int count = 0; count < 60; ++count) {
    act(desk, crowd, random);
    RC_ASSERT(desk.held() <= Bytes(100));
    RC_ASSERT(desk.residence.in_memory() <= desk.held());
  }
  desk.time.pass(patience + making_room_max);
  RC_ASSERT(desk.time.group.running() == 0U);
  for (Asking* one : crowd) desk.give_back(*one);
  RC_ASSERT(desk.scheduler.ledger().rooms()[0].free == Bytes(100));  // nothing is in use any more
}

constexpr Duration overtaken_max = 5s;
// An answer that runs when one is due, then its own load, during which it does not wait.
constexpr Duration under_way = 4s;

// Since when nobody older waited.
Time oldest_since(const std::vector<Asking*>& crowd, std::size_t who) {
  Time since = crowd[who]->asked;
  for (std::size_t older = 0; older < who; ++older) {
    since = std::max(since, *crowd[older]->ended);
  }
  return since;
}

// Answers take up to two seconds: who has his lease for longer gives it back.
void end_answers(Desk& desk, const std::vector<Asking*>& crowd, Random& random) {
  for (Asking* one : crowd) {
    if (!one->has_lease()) continue;
    const Duration answering = desk.time.clock.now() - *one->ended;
    if (answering > 2s || random.chance(0.3)) desk.give_back(*one);
  }
}

// Nothing breaks and nobody leaves: all are served, in whatever order of models, and who has been
// the oldest for long enough is not overtaken any more.
RC_GTEST_PROP(SchedulerProperty, AllAreServedAndNobodyIsOvertakenForLong, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Random random(seed);
  const int lanes = static_cast<int>(1 + random.below(3));
  // Where lanes answer beside each other, one may be due while others use the lanes it does not
  // wait for.
  const int running = lanes == 1 ? 1 : static_cast<int>(1 + random.below(lanes - 1));
  Desk desk(lanes, running, {.overtaken_max = overtaken_max, .overtaken_share = 1});
  std::vector<Asking*> crowd;
  const auto watch = [&] {
    end_answers(desk, crowd, random);
    desk.time.pass(std::chrono::milliseconds(random.below(500)));
    RC_ASSERT(desk.held() <= Bytes(100));
    RC_ASSERT(desk.residence.in_memory() <= desk.held());
    RC_ASSERT(desk.running() <= static_cast<std::size_t>(running));
  };
  for (int count = 0; count < 40; ++count) {
    const auto model = random.below(5);
    const auto bytes = static_cast<std::int64_t>(10 + model * 20 + random.below(10));
    crowd.push_back(&desk.ask(std::string(1, static_cast<char>('a' + model)), bytes, 1h,
                              static_cast<std::int64_t>(1 + random.below(3)),
                              static_cast<int>(1 + random.below(2))));
    watch();
  }
  const auto waits = [](Asking* one) { return one->waits(); };
  for (int count = 0; count < 2000 && std::ranges::any_of(crowd, waits); ++count) watch();
  if (running < lanes) RC_ASSERT(desk.residence.loads_max == 1);
  for (std::size_t who = 0; who < crowd.size(); ++who) {
    RC_ASSERT(crowd[who]->served);
    const Time due = oldest_since(crowd, who) + overtaken_max + under_way;
    for (std::size_t younger = who + 1; younger < crowd.size(); ++younger) {
      const Time served = *crowd[younger]->ended;
      RC_ASSERT(served <= due || served >= *crowd[who]->ended);
    }
  }
}

// A device that is too small for two, and lanes that die: whoever has time left is served.
RC_GTEST_PROP(SchedulerProperty, DeathsStopNobodyElse, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  Random random(seed);
  const int lanes = static_cast<int>(1 + random.below(3));
  Desk desk(lanes, static_cast<int>(1 + random.below(lanes)));
  trouble(desk, random);
  std::vector<Asking*> crowd;
  for (int count = 0; count < 30; ++count) {
    crowd.push_back(&desk.ask(std::string(1, static_cast<char>('a' + random.below(4))),
                              static_cast<std::int64_t>(51 + random.below(40)), 1h));
    end_answers(desk, crowd, random);
    desk.time.pass(std::chrono::milliseconds(random.below(500)));
  }
  const auto waits = [](Asking* one) { return one->waits(); };
  for (int count = 0; count < 2000 && std::ranges::any_of(crowd, waits); ++count) {
    end_answers(desk, crowd, random);
    desk.time.pass(500ms);
  }
  RC_ASSERT(std::ranges::none_of(crowd, waits));
  RC_ASSERT(
      std::ranges::none_of(crowd, [](Asking* one) { return one->error() == ErrorCode::deadline; }));
}

}  // namespace
}  // namespace kai
