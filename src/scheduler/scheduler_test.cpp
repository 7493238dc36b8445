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
  desk.get("b", 60);
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0", "unload a on 0", "load b 10x1 on 0"}));
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

TEST(Scheduler, ALoadThatOutlivesItsLaneIsALostLane) {
  Desk desk(1);
  Asking& asking = desk.ask("a", 60);
  desk.scheduler.lane_lost({DeviceId("cpu"), 0});
  desk.time.pass(1s);
  EXPECT_EQ(asking.error(), ErrorCode::lane_lost);
  EXPECT_EQ(desk.held(), Bytes(0));
}

}  // namespace
}  // namespace kai
