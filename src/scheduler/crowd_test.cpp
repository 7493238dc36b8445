// What a plan learns of a device that others use.
#include <gtest/gtest.h>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;

// Once all others have had their turns.
Bytes in_the_end(const DeviceRoom& room) {
  Bytes all = room.free;
  for (const auto& turn : room.taken) all += turn.bytes;
  return all;
}

TEST(Crowd, APlanHasTheWholeDeviceBehindTheOthers) {
  Desk desk(1);
  Asking& running = desk.ask_wanted("a", 40, 8s, 10s);
  desk.time.pass(2s);
  ASSERT_TRUE(running.has_lease());
  desk.ask_wanted("b", 70, 8s, 4s);
  const auto room = desk.scheduler.rooms(Time::max()).front();
  EXPECT_EQ(room.free, Bytes(60));
  EXPECT_EQ(in_the_end(room), Bytes(100));
}

TEST(Crowd, ALoadAheadTakesNothingFromAPlanForEver) {
  Desk desk(2, 1);
  Asking& running = desk.ask_wanted("a", 40, 8s, 10s);
  desk.time.pass(2s);
  ASSERT_TRUE(running.has_lease());
  Asking& loading = desk.ask_wanted("b", 50, 8s, 4s);
  desk.time.pass(500ms);
  EXPECT_TRUE(loading.waits());
  const auto room = desk.scheduler.rooms(Time::max()).front();
  EXPECT_EQ(room.free, Bytes(10));
  EXPECT_EQ(in_the_end(room), Bytes(100));
}

TEST(Crowd, WhoTakesLongerThanPredictedEndsSomeTime) {
  Desk desk(1);
  Asking& running = desk.ask_wanted("a", 80, 8s, 1s);
  desk.time.pass(1min);
  ASSERT_TRUE(running.has_lease());
  const auto room = desk.scheduler.rooms(Time::max()).front();
  ASSERT_EQ(room.taken.size(), 1U);
  EXPECT_GT(room.taken[0].until, 0s);
  EXPECT_EQ(in_the_end(room), Bytes(100));
}

TEST(Crowd, ADeviceThatShrankIsNoLargerForAPlan) {
  Desk desk(1);
  Asking& running = desk.ask_wanted("a", 40, 8s, 10s);
  desk.time.pass(2s);
  ASSERT_TRUE(running.has_lease());
  desk.scheduler.set_capacity(DeviceId("cpu"), Bytes(10));
  EXPECT_EQ(in_the_end(desk.scheduler.rooms(Time::max()).front()), Bytes(10));
}

}  // namespace
}  // namespace kai
