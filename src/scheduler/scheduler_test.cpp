#include "scheduler/scheduler.h"

#include <gtest/gtest.h>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
using Done = std::vector<std::string>;

TEST(Scheduler, LoadsTheModelAndLeasesItsLane) {
  Desk desk(2);
  Asking& asking = desk.ask("a", 60);
  EXPECT_TRUE(asking.waits());
  desk.time.pass(1s);
  ASSERT_TRUE(asking.has_lease());
  const Lease& lease = **asking.got;
  EXPECT_EQ(lease.lane(), (LaneId{DeviceId("cpu"), 0}));
  EXPECT_EQ(lease.model(), ModelId("a"));
  EXPECT_EQ(lease.queued(), 0s);
  EXPECT_EQ(lease.loaded().load, 1s);
  EXPECT_EQ(lease.loaded().weights, Bytes(60));
  EXPECT_EQ(asking.queued, 0);
  EXPECT_EQ(asking.loading, std::vector{0.5});
  EXPECT_EQ(desk.held(), Bytes(60));
}

TEST(Scheduler, AResidentModelIsLeasedAtOnce) {
  Desk desk(1);
  desk.give_back(desk.get("a", 60));
  Asking& again = desk.ask("a", 60);
  ASSERT_TRUE(again.has_lease());
  EXPECT_EQ((*again.got)->loaded().load, 0s);
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0"}));
}

TEST(Scheduler, WaitsForTheLaneAndTellsItOnce) {
  Desk desk(1);
  Asking& first = desk.get("a", 60);
  Asking& second = desk.ask("b", 40);
  desk.time.pass(10s);
  EXPECT_TRUE(second.waits());
  EXPECT_EQ(second.queued, 1);
  desk.give_back(first);
  desk.time.pass(1s);
  ASSERT_TRUE(second.has_lease());
  EXPECT_EQ((*second.got)->queued(), 10s);
}

TEST(Scheduler, ALeaseThatDiesFreesItsLane) {
  Desk desk(1);
  Asking& first = desk.get("a", 60);
  Asking& second = desk.ask("a", 60);
  EXPECT_TRUE(second.waits());
  desk.give_back(first);
  EXPECT_TRUE(second.has_lease());
}

TEST(Scheduler, AMovedLeaseGivesBackOnce) {
  Desk desk(1);
  Asking& first = desk.get("a", 60);
  Asking& second = desk.ask("a", 60);
  {
    const Lease taken = std::move(**first.got);
    first.got.reset();
    desk.time.settle();
    EXPECT_TRUE(second.waits());
  }
  desk.time.settle();
  EXPECT_TRUE(second.has_lease());
  EXPECT_TRUE(desk.ask("a", 60).waits());
}

TEST(Scheduler, WhoAskedFirstIsServedFirst) {
  Desk desk(1);
  Asking& running = desk.get("a", 60);
  Asking& second = desk.ask("a", 60);
  Asking& third = desk.ask("a", 60);
  desk.give_back(running);
  EXPECT_TRUE(second.has_lease());
  EXPECT_TRUE(third.waits());
}

TEST(Scheduler, TheDeadlineEndsTheWait) {
  Desk desk(1);
  desk.get("a", 60);
  Asking& late = desk.ask("b", 60, 5s);
  desk.time.pass(5s - 1ns);
  EXPECT_TRUE(late.waits());
  desk.time.pass(1ns);
  EXPECT_EQ(late.error(), ErrorCode::deadline);
  EXPECT_EQ(desk.held(), Bytes(60));
}

TEST(Scheduler, ALoadThatTakesTooLongEndsAtTheDeadlineAndHoldsNothing) {
  Desk desk(1);
  Asking& late = desk.ask("a", 60, 500ms);
  desk.time.pass(500ms);
  EXPECT_EQ(late.error(), ErrorCode::deadline);
  EXPECT_EQ(desk.held(), Bytes(0));
}

TEST(Scheduler, CancellingEndsTheWaitAtOnce) {
  Desk desk(1);
  desk.get("a", 60);
  Asking& leaver = desk.ask("b", 60);
  desk.leave(leaver);
  EXPECT_EQ(leaver.error(), ErrorCode::cancelled);
}

TEST(Scheduler, CancellingALoadGivesItsBytesBack) {
  Desk desk(1);
  Asking& leaver = desk.ask("a", 60);
  EXPECT_EQ(desk.held(), Bytes(60));
  desk.leave(leaver);
  EXPECT_EQ(leaver.error(), ErrorCode::cancelled);
  EXPECT_EQ(desk.held(), Bytes(0));
  EXPECT_EQ(desk.residence.in_memory(), Bytes(0));
}

TEST(Scheduler, WhatTheDeviceCannotHoldIsRefusedAtOnce) {
  Desk desk(1);
  Asking& huge = desk.ask("a", 101);
  ASSERT_EQ(huge.error(), ErrorCode::nothing_fits);
  EXPECT_NE(huge.got->error().message.find("a needs"), std::string::npos);
}

TEST(Scheduler, IdleModelsGoBeforeTheNewOneIsLoaded) {
  Desk desk(1);
  desk.give_back(desk.get("a", 60));
  Asking& asking = desk.get("b", 60);
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0", "unload a on 0", "load b 10x1 on 0"}));
  EXPECT_EQ((*asking.got)->loaded().load, 1100ms);  // both
  EXPECT_EQ((*asking.got)->queued(), 0s);
  EXPECT_EQ(desk.held(), Bytes(60));
}

TEST(Scheduler, BytesBeingFreedAreNotGivenTwice) {
  Desk desk(2);
  desk.give_back(desk.get("a", 60));
  Asking& first = desk.ask("b", 60);
  Asking& second = desk.ask("c", 60);
  EXPECT_EQ(desk.held(), Bytes(60));
  desk.time.pass(5s);
  EXPECT_TRUE(first.has_lease());
  EXPECT_TRUE(second.waits());
}

TEST(Scheduler, ALargerContextIsLoadedAnew) {
  Desk desk(1);
  desk.give_back(desk.get("a", 60, 10));
  desk.get("a", 60, 20);
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0", "load a 20x1 on 0"}));
}

TEST(Scheduler, SamplesOfOneModelShareItsLoad) {
  Desk desk(2);
  Asking& first = desk.ask("a", 60, 1h, 10, 2);
  Asking& second = desk.ask("a", 60, 1h, 10, 2);
  desk.time.pass(1s);
  EXPECT_TRUE(first.has_lease());
  EXPECT_TRUE(second.has_lease());
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x2 on 0"}));
}

TEST(Scheduler, ARefusedModelHoldsNothingAndWakesTheNext) {
  Desk desk(1);
  desk.residence.load_fails = [](const LaneId&, const ModelId& model) {
    return model == ModelId("bad") ? std::optional(Error{ErrorCode::model_refused, "is damaged"})
                                   : std::nullopt;
  };
  Asking& bad = desk.ask("bad", 60);
  Asking& good = desk.ask("good", 60);
  desk.time.pass(1s);
  EXPECT_EQ(bad.error(), ErrorCode::model_refused);
  desk.time.pass(1s);
  EXPECT_TRUE(good.has_lease());
}

TEST(Scheduler, ALostLaneIsFreeForWhoWaits) {
  Desk desk(1);
  Asking& first = desk.get("a", 60);
  Asking& second = desk.ask("b", 60);
  desk.scheduler.lane_lost((*first.got)->lane());
  desk.time.pass(1s);
  EXPECT_TRUE(second.has_lease());
  desk.give_back(first);  // of the dead lane: frees nothing of the new one
  EXPECT_TRUE(desk.ask("b", 60).waits());
}

// A worker that hung or died idle is found out by its unload; the load that wanted the room goes
// on with a fresh worker.
TEST(Scheduler, ALaneLostWhileMakingRoomIsLoadedAllTheSame) {
  Desk desk(1);
  desk.give_back(desk.get("a", 60));
  desk.residence.after_unload = [&](const LaneId& lane) { desk.scheduler.lane_lost(lane); };
  Asking& asking = desk.ask("b", 60);
  desk.time.pass(5s);
  EXPECT_TRUE(asking.has_lease());
  EXPECT_EQ(desk.held(), Bytes(60));
}

TEST(Scheduler, ALaneLostWhileMakingRoomIsNotGivenToTwo) {
  Desk desk(1);
  desk.give_back(desk.get("a", 60));
  desk.residence.after_unload = [&](const LaneId& lane) { desk.scheduler.lane_lost(lane); };
  Asking& first = desk.ask("b", 60);
  Asking& second = desk.ask("c", 60);
  desk.time.pass(10s);
  EXPECT_NE(first.has_lease(), second.has_lease());
  EXPECT_EQ(desk.held(), Bytes(60));
  EXPECT_EQ(desk.residence.in_memory(), Bytes(60));
}

TEST(Scheduler, OnAGpuTheNextIsLoadedWhileAnotherAnswers) {
  Desk desk(2, 1);
  Asking& first = desk.ask("a", 40);
  Asking& second = desk.ask("b", 40);
  Asking& third = desk.ask("c", 40);
  desk.time.pass(1s);
  EXPECT_TRUE(first.has_lease());
  desk.time.pass(1s);
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0", "load b 10x1 on 1"}));
  EXPECT_TRUE(second.waits());
  desk.give_back(first);
  ASSERT_TRUE(second.has_lease());  // at once: it was loaded ahead
  EXPECT_EQ((*second.got)->loaded().load, 1s);
  EXPECT_EQ((*second.got)->queued(), 1s);
  EXPECT_TRUE(third.waits());
  desk.time.pass(1100ms);
  EXPECT_EQ(desk.residence.done.back(), "load c 10x1 on 0");
  desk.give_back(second);
  EXPECT_TRUE(third.has_lease());
  EXPECT_EQ(desk.residence.loads_max, 1);
}

TEST(Scheduler, OneModelsRoomServesFiveInTurn) {
  Desk desk(2, 1);
  std::vector<Asking*> crowd;
  for (const auto* name : {"a", "b", "c", "d", "e"}) crowd.push_back(&desk.ask(name, 90));
  for (Asking* one : crowd) {
    desk.time.pass(1200ms);
    ASSERT_TRUE(one->has_lease());
    desk.give_back(*one);
  }
}

// The large one needs all there is; the small one is loaded already, so it goes first.
TEST(Scheduler, ALargeOneAndASmallOneThatIsLoadedDoNotBlockEachOther) {
  Desk desk(2, 1);
  desk.give_back(desk.get("small", 10));
  Asking& runs = desk.get("a", 40);
  Asking& large = desk.ask("large", 100);
  Asking& small = desk.ask("small", 10);
  desk.time.pass(2s);
  EXPECT_TRUE(large.waits());
  EXPECT_TRUE(small.waits());
  desk.give_back(runs);
  EXPECT_TRUE(small.has_lease());
  desk.give_back(small);
  desk.time.pass(2s);
  EXPECT_TRUE(large.has_lease());
}

TEST(Scheduler, QuestionsAreGroupedByModel) {
  Desk desk(1);
  std::vector<Asking*> crowd;
  for (int question = 0; question < 3; ++question) {
    for (const auto* name : {"a", "b", "c"}) crowd.push_back(&desk.ask(name, 60));
  }
  for (int served = 0; served < 9; ++served) {
    desk.time.pass(1200ms);
    const auto one = std::ranges::find_if(crowd, [](Asking* who) { return who->has_lease(); });
    ASSERT_NE(one, crowd.end());
    desk.give_back(**one);
    crowd.erase(one);
  }
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0", "unload a on 0", "load b 10x1 on 0",
                                       "unload b on 0", "load c 10x1 on 0"}));
}

// Somebody always wants the model that is loaded; the other comes to its turn all the same.
TEST(Scheduler, NobodyIsOvertakenForLongerThanStated) {
  Desk desk(1, 0, {.overtaken_max = 5s, .overtaken_share = 1});
  Asking* runs = &desk.get("a", 60);
  Asking& other = desk.ask("b", 60);
  Duration waited{};
  while (other.waits() && waited < 60s) {
    Asking& next = desk.ask("a", 60);
    desk.time.pass(1s);
    waited += 1s;
    if (runs->has_lease()) desk.give_back(*runs);
    runs = &next;
  }
  EXPECT_GE(waited, 5s);
  EXPECT_LE(waited, 8s);  // what ran then had to end, and the model to be loaded
}

TEST(Scheduler, ShortDeadlinesAreOvertakenForAShareOfThem) {
  Desk desk(1, 0, {.overtaken_max = 5s, .overtaken_share = 0.5});
  Asking& runs = desk.get("a", 60);
  Asking& other = desk.ask("b", 60, 4s);
  desk.time.pass(2s);
  Asking& late = desk.ask("a", 60);
  desk.give_back(runs);
  desk.time.pass(1100ms);
  EXPECT_TRUE(other.has_lease());
  EXPECT_TRUE(late.waits());
}

// Who has called the next one must not take the call with him.
TEST(Scheduler, ALeaverPassesHisTurnOn) {
  Desk desk(1);
  Asking& runs = desk.get("a", 60);
  Asking& leaver = desk.ask("b", 60);
  Asking& stays = desk.ask("c", 60);
  runs.got.reset();  // calls b …
  desk.leave(leaver);
  desk.time.pass(1200ms);
  EXPECT_TRUE(stays.has_lease());
}

TEST(Scheduler, ALoadThatOutlivesItsLaneIsALostLane) {
  Desk desk(1);
  Asking& asking = desk.ask("a", 60);
  desk.scheduler.lane_lost({DeviceId("cpu"), 0});
  desk.time.pass(1s);
  EXPECT_EQ(asking.error(), ErrorCode::lane_lost);
  EXPECT_EQ(desk.held(), Bytes(0));
}

TEST(Scheduler, WhoseQuestionIsWantedEarlierGoesFirst) {
  Desk desk(1);
  Asking& running = desk.get("a", 60);
  Asking& late = desk.ask_wanted("b", 60, 50s);
  Asking& soon = desk.ask_wanted("c", 60, 8s);
  Asking& as_late = desk.ask_wanted("d", 60, 50s);
  desk.give_back(running);
  desk.time.pass(2s);
  EXPECT_TRUE(soon.has_lease());
  desk.give_back(soon);
  desk.time.pass(2s);
  EXPECT_TRUE(late.has_lease());
  EXPECT_TRUE(as_late.waits());
}

TEST(Scheduler, ALongQuestionIsNotOvertakenOnceItIsWantedEarlier) {
  Desk desk(1);
  Asking& running = desk.get("a", 60);
  Asking& late = desk.ask_wanted("b", 60, 50s);
  desk.time.pass(43s);
  Asking& soon = desk.ask_wanted("c", 60, 8s);
  desk.give_back(running);
  desk.time.pass(2s);
  EXPECT_TRUE(late.has_lease());
  EXPECT_TRUE(soon.waits());
}

TEST(Scheduler, TellsAPlanWhatGoesBeforeIt) {
  Desk desk(1);
  Asking& running = desk.ask_wanted("a", 60, 8s, 10s);
  desk.time.pass(3s);  // a second of it to load
  ASSERT_TRUE(running.has_lease());
  desk.ask_wanted("b", 60, 8s, 4s);
  desk.ask_wanted("c", 60, 50s, 20s);
  const Time now = desk.time.clock.now();
  const auto soon = desk.scheduler.rooms(now + 8s).front();
  ASSERT_EQ(soon.taken.size(), 1U);
  EXPECT_EQ(soon.taken[0].until, 12s);  // 8 of a, 4 of b
  EXPECT_EQ(soon.taken[0].bytes, Bytes(60));
  EXPECT_EQ(desk.scheduler.rooms(now + 60s).front().taken[0].until, 32s);
  desk.give_back(running);
  desk.time.pass(1h);
  // b takes longer than predicted: a little more is thought to be left.
  EXPECT_EQ(desk.scheduler.rooms(now).front().taken[0].until, 1s);
}

}  // namespace
}  // namespace kai
