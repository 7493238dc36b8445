#include "scheduler/backlog.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

DeviceRoom room_with(int turns, std::vector<AtWork> at_work, std::vector<Ahead> ahead) {
  DeviceRoom room;
  add_backlog(room, turns, at_work, ahead);
  return room;
}

Ahead waiting(const char* model, Duration load, Duration run) {
  return {ModelId(model), 1, load, run, Bytes(10)};
}

TEST(Backlog, NobodyTakesNothing) {
  const DeviceRoom room = room_with(2, {}, {});
  EXPECT_TRUE(room.taken.empty());
  EXPECT_EQ(room.loads_until, 0s);
}

TEST(Backlog, WhoAnswersHoldsATurnAndItsBytesUntilItsEnd) {
  const DeviceRoom room = room_with(1, {{3s, Bytes(40)}}, {});
  ASSERT_EQ(room.taken.size(), 1U);
  EXPECT_EQ(room.taken[0].until, 3s);
  EXPECT_EQ(room.taken[0].bytes, Bytes(40));
}

TEST(Backlog, ALoadBesideAnAnswerCostsOnlyWhatIsLonger) {
  const DeviceRoom room = room_with(1, {{3s, Bytes(40)}}, {waiting("b", 2s, 4s)});
  EXPECT_EQ(room.taken[0].until, 7s);
  EXPECT_EQ(room.loads_until, 2s);
  EXPECT_EQ(room_with(1, {{3s, Bytes(40)}}, {waiting("b", 5s, 4s)}).taken[0].until, 9s);
}

TEST(Backlog, LoadsFollowEachOther) {
  const DeviceRoom room = room_with(1, {}, {waiting("a", 2s, 1s), waiting("b", 4s, 1s)});
  EXPECT_EQ(room.loads_until, 6s);
  EXPECT_EQ(room.taken[0].until, 7s);
}

TEST(Backlog, AModelIsLoadedOnceForAllItsAsks) {
  const DeviceRoom room = room_with(1, {}, {waiting("a", 2s, 1s), waiting("a", 2s, 1s)});
  EXPECT_EQ(room.loads_until, 2s);
  EXPECT_EQ(room.taken[0].until, 4s);
}

TEST(Backlog, VoicesOfAModelAnswerTogether) {
  Ahead voice = waiting("a", 2s, 3s);
  voice.sequences = 2;
  EXPECT_EQ(room_with(1, {}, {voice, voice}).taken[0].until, 5s);
  EXPECT_EQ(room_with(1, {}, {voice, voice, voice}).taken[0].until, 8s);
}

TEST(Backlog, TheNextOneTakesTheTurnThatIsFreeFirst) {
  const DeviceRoom room = room_with(2, {{3s, Bytes(40)}, {9s, Bytes(20)}}, {waiting("c", 0s, 5s)});
  EXPECT_EQ(room.taken[0].until, 8s);
  EXPECT_EQ(room.taken[1].until, 9s);
}

}  // namespace
}  // namespace kai
