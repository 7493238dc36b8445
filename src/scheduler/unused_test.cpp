// Models that nobody uses any more.
#include <gtest/gtest.h>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
using Done = std::vector<std::string>;

// Unloads once; what leaves is left in `gone`.
Task<bool> unload_unused(Scheduler& scheduler, Duration after, Scheduler::Gone& gone) {
  gone = co_await scheduler.unload_unused(after, 5s);
  co_return true;
}

Scheduler::Gone unload(Desk& desk, Duration after) {
  Scheduler::Gone gone;
  desk.time.start(unload_unused(desk.scheduler, after, gone));
  desk.time.pass(1s);
  return gone;
}

TEST(Unused, LeavesOnceItsTimeIsOver) {
  Desk desk(2);
  desk.give_back(desk.get("a", 30));
  desk.time.pass(58s);
  const auto early = unload(desk, 1min);
  EXPECT_TRUE(early.models.empty());
  EXPECT_EQ(desk.held(), Bytes(30));
  desk.time.pass(early.look_again - desk.time.clock.now());
  const auto due = unload(desk, 1min);
  ASSERT_EQ(due.models.size(), 1U);
  EXPECT_EQ(due.models.front().model, ModelId("a"));
  EXPECT_EQ(desk.held(), Bytes(0));
  EXPECT_EQ(desk.residence.in_memory(), Bytes(0));
}

TEST(Unused, WhenOneWasUsedLastIsKnownWhileItLiesThere) {
  Desk desk(2);
  const DeviceId device("cpu");
  EXPECT_FALSE(desk.scheduler.last_used(device, ModelId("a")));
  Asking& asking = desk.get("a", 30);
  EXPECT_FALSE(desk.scheduler.last_used(device, ModelId("a")));  // it is in use
  desk.time.pass(5s);
  desk.give_back(asking);
  const Time used = desk.time.clock.now();
  desk.time.pass(5s);
  EXPECT_EQ(desk.scheduler.last_used(device, ModelId("a")), used);
  EXPECT_FALSE(desk.scheduler.last_used(device, ModelId("b")));
  desk.time.pass(1min);
  unload(desk, 1min);
  EXPECT_FALSE(desk.scheduler.last_used(device, ModelId("a")));
}

TEST(Unused, ItsWorkerRetiresWithTheLastModel) {
  Desk desk(1);
  desk.give_back(desk.get("a", 30));
  desk.time.pass(30s);
  desk.give_back(desk.get("b", 30));
  desk.residence.done.clear();
  desk.time.pass(40s);
  unload(desk, 1min);
  EXPECT_EQ(desk.residence.done, Done({"unload a on 0"}));
  desk.time.pass(1min);
  unload(desk, 1min);
  EXPECT_EQ(desk.residence.done, Done({"unload a on 0", "unload b on 0", "retire 0"}));
}

TEST(Unused, EachUseBeginsItsTimeAnew) {
  Desk desk(1);
  desk.give_back(desk.get("a", 30));
  for (int use = 0; use < 3; ++use) {
    desk.time.pass(50s);
    unload(desk, 1min);
    Asking& asking = desk.ask("a", 30);
    EXPECT_TRUE(asking.has_lease()) << use;
    desk.give_back(asking);
  }
}

TEST(Unused, WhoAnswersOrIsWaitedForStays) {
  Desk desk(1);
  desk.give_back(desk.get("waited", 30));
  Asking& answering = desk.get("answering", 30);
  Asking& waiting = desk.ask("waited", 30);
  desk.time.pass(2min);
  EXPECT_TRUE(unload(desk, 1min).models.empty());
  desk.give_back(answering);
  EXPECT_TRUE(waiting.has_lease());
}

// Its worker would hear of it behind a step, of a prompt some seconds.
TEST(Unused, ALaneThatAnswersIsLeftAlone) {
  Desk desk(1);
  desk.give_back(desk.get("a", 30));
  desk.time.pass(2min);
  Asking& answers = desk.get("b", 30);
  EXPECT_TRUE(unload(desk, 1min).models.empty());
  desk.give_back(answers);
  EXPECT_EQ(unload(desk, 1min).models.size(), 1U);
}

TEST(Unused, ALaneThatLoadsIsLeftAlone) {
  Desk desk(1);
  desk.give_back(desk.get("a", 30));
  desk.residence.load_time = 1h;
  desk.ask("b", 30);
  desk.time.pass(2min);
  const auto gone = unload(desk, 1min);
  EXPECT_TRUE(gone.models.empty());
  // Soon, since it is overdue.
  EXPECT_LE(gone.look_again - desk.time.clock.now(), 5s);
}

TEST(Unused, LeavesAtOnceWhereSomebodySaysSo) {
  Desk desk(2);
  const auto unload_now = [](Scheduler& scheduler, ModelId model, bool& left) -> Task<bool> {
    left = co_await scheduler.unload_now(std::move(model), 5s);
    co_return true;
  };
  const auto left = [&](const char* model) {
    bool gone = false;
    desk.time.start(unload_now(desk.scheduler, ModelId(model), gone));
    desk.time.pass(1s);
    return gone;
  };
  Asking& asking = desk.get("a", 30);
  desk.give_back(desk.get("b", 20));
  EXPECT_FALSE(left("a"));  // it is in use
  EXPECT_FALSE(left("c"));  // it is not there
  EXPECT_TRUE(left("b"));
  EXPECT_EQ(desk.held(), Bytes(30));
  desk.give_back(asking);
  EXPECT_TRUE(left("a"));
  EXPECT_EQ(desk.held(), Bytes(0));
  EXPECT_EQ(desk.residence.in_memory(), Bytes(0));
}

TEST(Unused, ASplitModelLeavesWithItsRest) {
  std::vector<Device> devices{{DeviceId("gpu"), DeviceKind::gpu, "", Bytes(100), 2, 1, 1},
                              {DeviceId("cpu"), DeviceKind::cpu, "", Bytes(100), 1, 1, 1}};
  VirtualTime time;
  FakeResidence residence(time.clock);
  Scheduler scheduler(devices, residence, time.clock);
  Model model;
  model.id = ModelId("split");
  model.facts.weights = Bytes(60);
  Ask ask;
  ask.member = MemberId("split");
  ask.model = model.id;
  ask.device = DeviceId("gpu");
  ask.beside = DeviceId("cpu");
  ask.share = 0.5;
  ask.context = Tokens(10);
  ask.deadline = time.clock.now() + 1h;
  const CostCard card{model.id, ask.device, Bytes(60), {}, {}, {}, 1, 1, 0};
  const auto use = [](Scheduler& of, Ask asked, const Model& which, CostCard costs) -> Task<bool> {
    const auto lease = co_await of.acquire(std::move(asked), which, std::move(costs), {});
    co_return lease.has_value();
  };
  time.start(use(scheduler, ask, model, card));
  time.pass(2s);
  EXPECT_GT(scheduler.ledger().held(DeviceId("cpu")), Bytes(0));
  time.pass(1min);
  Scheduler::Gone gone;
  time.start(unload_unused(scheduler, 1min, gone));
  time.pass(1s);
  EXPECT_EQ(gone.models.size(), 1U);
  EXPECT_EQ(scheduler.ledger().held(DeviceId("gpu")), Bytes(0));
  EXPECT_EQ(scheduler.ledger().held(DeviceId("cpu")), Bytes(0));
}

TEST(Unused, WhomItWasSaidOfStaysAsLongAsThat) {
  Desk desk(3);
  for (const char* name : {"a", "b", "c"}) desk.give_back(desk.get(name, 20));
  desk.scheduler.stay(ModelId("a"), 0s);
  desk.scheduler.stay(ModelId("b"), Duration::max());
  EXPECT_EQ(desk.scheduler.stays(ModelId("a")), 0s);
  const auto at_once = unload(desk, 1min);
  ASSERT_EQ(at_once.models.size(), 1U);
  EXPECT_EQ(at_once.models[0].model, ModelId("a"));
  EXPECT_EQ(at_once.unused.size(), 1U);
  EXPECT_FALSE(desk.scheduler.stays(ModelId("a"))) << "it was said of the model that lay there";
  desk.time.pass(2min);
  const auto usual = unload(desk, 1min);
  ASSERT_EQ(usual.models.size(), 1U);
  EXPECT_EQ(usual.models[0].model, ModelId("c"));
  desk.time.pass(24h);
  EXPECT_TRUE(unload(desk, 1min).models.empty()) << "b stays";
  desk.scheduler.stay(ModelId("b"), std::nullopt);
  EXPECT_EQ(unload(desk, 1min).models.size(), 1U) << "as all do";
}

TEST(Unused, WhereNobodyLeavesByItselfOneMayByWord) {
  Desk desk(2);
  desk.give_back(desk.get("a", 30));
  desk.time.pass(24h);
  const auto gone = unload(desk, Duration::max());
  EXPECT_TRUE(gone.models.empty());
  EXPECT_EQ(gone.look_again, Time::max());
  desk.scheduler.stay(ModelId("a"), 1h);
  EXPECT_EQ(unload(desk, Duration::max()).models.size(), 1U);
}

TEST(Unused, WhoIsInUseStaysWhateverWasSaid) {
  Desk desk(2);
  Asking& asking = desk.get("a", 30);
  desk.scheduler.stay(ModelId("a"), 0s);
  EXPECT_TRUE(unload(desk, 1min).models.empty());
  desk.give_back(asking);
  EXPECT_EQ(unload(desk, 1min).models.size(), 1U);
}

}  // namespace
}  // namespace kai
