// Hosts: so many questions at once, whichever models they ask; nothing is evicted there.
#include <gtest/gtest.h>

#include "scheduler/scheduler.h"
#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;

struct HostDesk : Desk {
  explicit HostDesk(int at_once) : Desk(at_once, 0, {}, DeviceKind::remote) {}
};

TEST(HostTurns, AreSoManyAtOnceWhicheverTheModel) {
  HostDesk desk(3);
  Asking& first = desk.get("a", 0);
  Asking& second = desk.get("a", 0);
  Asking& third = desk.get("b", 0);
  Asking& fourth = desk.ask("a", 0);
  Asking& fifth = desk.ask("c", 0);
  desk.time.pass(5s);
  EXPECT_TRUE(fourth.waits());
  EXPECT_TRUE(fifth.waits());
  EXPECT_EQ(fourth.queued, 1);
  desk.give_back(third);
  desk.time.pass(5s);
  EXPECT_TRUE(fourth.has_lease());
  EXPECT_TRUE(fifth.waits());
  desk.give_back(first);
  desk.give_back(second);
  desk.time.pass(5s);
  EXPECT_TRUE(fifth.has_lease());
}

TEST(HostTurns, LoadAModelOnce) {
  HostDesk desk(2);
  desk.give_back(desk.get("a", 0));
  Asking& again = desk.ask("a", 0, 1h, 999, 4);  // a longer context, more voices: the host's affair
  ASSERT_TRUE(again.has_lease());
  EXPECT_EQ(desk.residence.done, (std::vector<std::string>{"load a 10x1 on 0"}));
}

TEST(HostTurns, LeaveWhatItKeepsToIt) {
  HostDesk desk(2);
  desk.give_back(desk.get("a", 0));
  desk.time.pass(1h);
  desk.time.start([](Scheduler& scheduler) -> Task<bool> {
    const auto gone = co_await scheduler.unload_unused(1min, 5s);
    EXPECT_TRUE(gone.models.empty());
    co_return true;
  }(desk.scheduler));
  desk.time.pass(10s);
  EXPECT_EQ(desk.residence.done.size(), 1u);
  EXPECT_TRUE(desk.scheduler.shelves().empty());  // nothing is loaded ahead there
}

TEST(HostTurns, APlanKnowsEachOfThem) {
  HostDesk desk(2);
  Asking& first = desk.get("a", 0);
  Asking& second = desk.get("a", 0);
  const auto rooms = desk.scheduler.rooms(Time::max());
  ASSERT_EQ(rooms.size(), 1u);
  EXPECT_EQ(rooms[0].taken.size(), 2u);
  desk.give_back(first);
  desk.give_back(second);
}

}  // namespace
}  // namespace kai
