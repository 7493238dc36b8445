// The rules of turns.h, one by one, on a ledger that a test has filled.
#include "scheduler/turns.h"

#include <gtest/gtest.h>

#include <deque>

namespace kai {
namespace {

using Kind = Room::Kind;

const DeviceId device("gpu0");
const Time now{std::chrono::hours(1)};

// A device of 100 bytes and those that wait for it.
struct Hall {
  Hall(int lanes, int running)
      : ledger(std::vector<Device>{{device, DeviceKind::gpu, "", Bytes(100), lanes, 1, running}}) {}

  // Loaded and idle on a lane.
  void bring(int lane, const std::string& name, std::int64_t bytes, std::int64_t context = 10) {
    const auto held = ledger.hold({Kind::load, {device, lane}, {}},
                                  {device, ModelId(name), Bytes(bytes), Tokens(context), 1});
    ledger.loaded(held, Bytes(bytes), std::chrono::seconds(1));
  }
  std::uint64_t run(int lane, const std::string& name) {
    return ledger.begin({device, lane}, ModelId(name));
  }
  void want(const std::string& name, std::int64_t bytes, Time due = Time::max(),
            std::int64_t context = 10) {
    claims.push_back({device, ModelId(name), Bytes(bytes), Tokens(context), 1});
    wants.push_back({&claims.back(), due, false});
  }
  // "b loads on 1, for a c", "a begins on 0", "nobody".
  std::string next() const {
    const auto turn = next_turn(ledger, wants, now);
    if (!turn) return "nobody";
    const std::string& who = wants[turn->who].claim->model.text;
    const std::string lane = std::to_string(turn->room.lane.index);
    if (turn->room.kind == Kind::never) return who + " never";
    if (turn->room.kind == Kind::ready) return who + " begins on " + lane;
    std::string evicted;
    for (const auto& one : turn->room.evict) evicted += " " + one.model.text;
    return who + " loads on " + lane + (evicted.empty() ? "" : ", for" + evicted);
  }

  Ledger ledger;
  std::deque<Claim> claims;
  std::vector<Want> wants;
};

TEST(Turns, NobodyWaitsNobodyGoes) {
  EXPECT_EQ(Hall(1, 1).next(), "nobody");
}

TEST(Turns, WhoAskedFirstGoesFirst) {
  Hall hall(2, 1);
  hall.want("a", 40);
  hall.want("b", 40);
  EXPECT_EQ(hall.next(), "a loads on 0");
  hall.bring(0, "a", 40);
  hall.bring(1, "b", 40);
  EXPECT_EQ(hall.next(), "a begins on 0");
}

TEST(Turns, WhatIsLargerThanTheDeviceIsToldSo) {
  Hall hall(1, 1);
  hall.bring(0, "a", 100);
  hall.run(0, "a");
  hall.want("b", 50);
  hall.want("c", 101);
  EXPECT_EQ(hall.next(), "c never");
}

TEST(Turns, TheNextIsLoadedWhileAnotherAnswersAndBeginsAfterIt) {
  Hall hall(2, 1);
  hall.bring(0, "a", 40);
  const auto holding = hall.run(0, "a");
  hall.want("b", 40);
  EXPECT_EQ(hall.next(), "b loads on 1");
  hall.bring(1, "b", 40);
  EXPECT_EQ(hall.next(), "nobody");
  hall.ledger.end({device, 0}, ModelId("a"), holding);
  EXPECT_EQ(hall.next(), "b begins on 1");
}

// b is loaded and comes next; c would keep its lane busy.
TEST(Turns, NobodyLoadsOnTheLaneWhereTheNextIsReady) {
  Hall hall(2, 1);
  hall.bring(0, "a", 40);
  hall.run(0, "a");
  hall.bring(1, "b", 40);
  hall.want("b", 40);
  hall.want("c", 20);
  EXPECT_EQ(hall.next(), "nobody");
}

// c is ready on the only lane that is free, but comes later.
TEST(Turns, ALoadAheadTakesTheLaneOfALaterOneThatIsReady) {
  Hall hall(2, 1);
  hall.bring(0, "a", 40);
  hall.run(0, "a");
  hall.bring(1, "c", 20);
  hall.want("b", 40);
  hall.want("c", 20);
  EXPECT_EQ(hall.next(), "b loads on 1");
}

TEST(Turns, ButRatherAnother) {
  Hall hall(2, 1);
  hall.bring(0, "old", 20);
  hall.bring(0, "older", 20);
  hall.bring(1, "c", 20);
  hall.want("b", 40);
  hall.want("c", 20);
  EXPECT_EQ(hall.next(), "b loads on 0");
}

TEST(Turns, LoadsGoInTheOrderOfAsking) {
  for (const int running : {1, 2}) {
    Hall hall(2, running);
    hall.bring(0, "a", 60);
    hall.run(0, "a");
    hall.want("large", 60);
    hall.want("small", 20);
    EXPECT_EQ(hall.next(), "nobody");  // small would fit, but large comes first
  }
}

// b has the other lane to itself: what a waits for is not taken.
TEST(Turns, WhoWaitsToBeEnlargedHoldsUpNobody) {
  Hall hall(2, 2);
  hall.bring(0, "a", 30);
  hall.run(0, "a");
  hall.want("a", 40, Time::max(), 20);
  hall.want("b", 30);
  EXPECT_EQ(hall.next(), "b loads on 1");
}

TEST(Turns, IdleModelsThatNobodyWantsGoForALoadAhead) {
  Hall hall(2, 1);
  hall.bring(0, "a", 40);
  hall.bring(0, "old", 50);
  hall.run(0, "a");
  hall.want("b", 60);
  EXPECT_EQ(hall.next(), "b loads on 1, for old");
}

TEST(Turns, WhoFindsHisModelLoadedGoesBeforeItIsEvicted) {
  Hall hall(1, 1);
  hall.bring(0, "a", 60);
  hall.want("b", 60);
  hall.want("a", 60);
  EXPECT_EQ(hall.next(), "a begins on 0");
  hall.wants.pop_back();
  EXPECT_EQ(hall.next(), "b loads on 0, for a");
}

// a waits for its lane; c may load on the other, but not at its cost.
TEST(Turns, WhatAnEarlierOneWantsIsNotEvictedForALaterOne) {
  Hall hall(2, 2);
  hall.bring(0, "a", 60);
  hall.bring(0, "b", 20);
  hall.run(0, "b");
  hall.want("a", 60);
  hall.want("c", 40);
  EXPECT_EQ(hall.next(), "nobody");
  hall.wants.erase(hall.wants.begin());
  EXPECT_EQ(hall.next(), "c loads on 1, for a");
}

// Not even where it must be enlarged first.
TEST(Turns, WhatAnEarlierOneWantsLargerIsNotEvictedEither) {
  Hall hall(2, 2);
  hall.bring(0, "a", 30);
  hall.bring(1, "b", 50);
  hall.run(1, "b");
  hall.want("a", 60, Time::max(), 20);
  hall.want("c", 30);
  EXPECT_EQ(hall.next(), "nobody");
}

TEST(Turns, ALargeOneWaitsForASmallOneThatIsReady) {
  Hall hall(2, 1);
  hall.bring(0, "a", 40);
  const auto holding = hall.run(0, "a");
  hall.bring(1, "small", 20);
  hall.want("large", 100);
  hall.want("small", 20);
  EXPECT_EQ(hall.next(), "nobody");
  hall.ledger.end({device, 0}, ModelId("a"), holding);
  EXPECT_EQ(hall.next(), "small begins on 1");
}

TEST(Turns, OnceDueTheOldestIsNotOvertaken) {
  Hall hall(2, 1);
  hall.bring(1, "small", 20);
  hall.want("large", 100, now);
  hall.want("small", 20);
  EXPECT_EQ(hall.next(), "large loads on 0, for small");
  hall.wants[0].due = now + Duration(1);
  EXPECT_EQ(hall.next(), "small begins on 1");
}

TEST(Turns, OnceOneIsDueNobodyJoinsTheModelThatRuns) {
  Hall hall(1, 1);
  hall.claims.push_back({device, ModelId("a"), Bytes(60), Tokens(10), 2});
  const auto held = hall.ledger.hold({Kind::load, {device, 0}, {}}, hall.claims.back());
  hall.ledger.loaded(held, Bytes(60), Duration(0));
  hall.run(0, "a");
  hall.claims.clear();
  hall.want("b", 60, now);
  hall.want("a", 60);
  EXPECT_EQ(hall.next(), "nobody");
  hall.wants[0].due = now + Duration(1);
  EXPECT_EQ(hall.next(), "a begins on 0");
}

// It waits for its lane alone, which the others do not take.
TEST(Turns, ADueOneDoesNotStopTheOtherLanes) {
  Hall hall(2, 2);
  hall.bring(0, "a", 40);
  hall.bring(0, "b", 20);
  hall.run(0, "b");
  hall.want("a", 40, now);
  hall.want("c", 40);
  EXPECT_EQ(hall.next(), "c loads on 1");
}

TEST(Turns, WhoLoadsStandsInNobodysWay) {
  Hall hall(2, 2);
  hall.ledger.hold({Kind::load, {device, 0}, {}}, {device, ModelId("a"), Bytes(40), Tokens(10), 1});
  hall.want("a", 40, now);
  hall.wants[0].loading = true;
  hall.want("b", 40);
  EXPECT_EQ(hall.next(), "b loads on 1");
}

}  // namespace
}  // namespace kai
