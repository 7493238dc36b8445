// Who leaves while models leave for it, and whose lane kai ends itself.
#include <gtest/gtest.h>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
using Done = std::vector<std::string>;

const DeviceId cpu("cpu");

TEST(Cut, AnEvictionIsFinishedForWhoeverLeavesMeanwhile) {
  Desk desk(1);
  desk.give_back(desk.get("b", 60));
  Asking& asking = desk.ask("c", 60);
  desk.time.pass(50ms);
  desk.leave(asking);
  desk.time.pass(1s);
  EXPECT_EQ(asking.error(), ErrorCode::cancelled);
  EXPECT_TRUE(desk.residence.unloads_cut.empty());
  EXPECT_EQ(desk.residence.done, Done({"load b 10x1 on 0", "unload b on 0"}));
  EXPECT_EQ(desk.held(), Bytes(0));
  EXPECT_EQ(desk.residence.in_memory(), Bytes(0));
}

TEST(Cut, WhatHasNotBegunToLeaveStays) {
  Desk desk(1);
  desk.give_back(desk.get("a", 40));
  desk.give_back(desk.get("b", 40));
  Asking& asking = desk.ask("c", 100);
  desk.time.pass(50ms);
  desk.leave(asking);
  desk.time.pass(1s);
  EXPECT_EQ(asking.error(), ErrorCode::cancelled);
  EXPECT_EQ(desk.residence.done.back(), "unload a on 0");
  EXPECT_EQ(desk.held(), Bytes(40));
  EXPECT_EQ(desk.residence.in_memory(), Bytes(40));
  desk.get("b", 40);  // as it lies there
  EXPECT_EQ(desk.residence.done.back(), "unload a on 0");
}

TEST(Cut, OneThatWasToBeEnlargedLeavesWithItsAsker) {
  Desk desk(1);
  desk.give_back(desk.get("a", 40));
  desk.give_back(desk.get("b", 60));
  Asking& asking = desk.ask("a", 60, 1h, 20);
  desk.time.pass(50ms);
  desk.leave(asking);
  desk.time.pass(1s);
  EXPECT_EQ(asking.error(), ErrorCode::cancelled);
  EXPECT_TRUE(desk.residence.unloads_cut.empty());
  EXPECT_EQ(desk.held(), desk.residence.in_memory());
}

TEST(Cut, OneWhoseEnlargingIsCutBeforeItBeganIsNotForgotten) {
  Desk desk(1);
  desk.give_back(desk.get("a", 40));
  desk.residence.unread_for = 200ms;
  Asking& asking = desk.ask("a", 60, 1h, 20);
  desk.time.pass(50ms);
  ASSERT_EQ(desk.residence.done.back(), "load a 20x1 on 0");
  desk.leave(asking);
  desk.time.pass(1s);
  EXPECT_EQ(asking.error(), ErrorCode::cancelled);
  EXPECT_EQ(desk.held(), desk.residence.in_memory());
  EXPECT_TRUE(desk.residence.unloads_cut.empty());
}

// One of two models on a lane answers; the other does not go, so that the lane is ended.
TEST(Cut, WhoseLaneKaiEndedIsToldApart) {
  Desk desk(2, 1, {}, DeviceKind::gpu);
  desk.give_back(desk.get("b", 20));
  desk.give_back(desk.get("x", 20));
  Asking& a = desk.get("a", 40);
  ASSERT_EQ((*a.got)->lane().index, 0);
  EXPECT_FALSE((*a.got)->lane_ended());
  desk.residence.unloads_end_lanes = true;
  desk.residence.after_unload = [&](const LaneId& lane) {
    desk.residence.lose(lane);
    desk.scheduler.lane_lost(lane);
  };
  desk.ask("c", 40);
  desk.time.pass(2s);
  ASSERT_EQ(desk.residence.done.at(3), "unload b on 0");
  EXPECT_TRUE((*a.got)->lane_ended());
}

// The same, but its worker dies under the one that answers while the other goes.
TEST(Cut, ADeathDuringAnUnloadIsNoEndOfKais) {
  Desk desk(2, 1, {}, DeviceKind::gpu);
  desk.give_back(desk.get("b", 20));
  desk.give_back(desk.get("x", 20));
  Asking& a = desk.get("a", 40);
  desk.residence.after_unload = [&](const LaneId& lane) {
    desk.residence.lose(lane);
    desk.scheduler.lane_lost(lane);
  };
  desk.ask("c", 40);
  desk.time.pass(2s);
  ASSERT_EQ(desk.residence.done.at(3), "unload b on 0");
  EXPECT_FALSE((*a.got)->lane_ended());
}

TEST(Cut, AWorkerThatDiedByItselfIsNoEndOfKais) {
  Desk desk(1);
  Asking& a = desk.get("a", 40);
  desk.residence.lose({cpu, 0});
  desk.scheduler.lane_lost({cpu, 0});
  EXPECT_FALSE((*a.got)->lane_ended());
}

}  // namespace
}  // namespace kai
