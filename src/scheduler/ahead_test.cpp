// Loads that nobody asked for yet.
#include <gtest/gtest.h>

#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;

const DeviceId cpu("cpu");

// Loads a model ahead, gives up if told.
class Ahead {
 public:
  Ahead(Desk& desk, const std::string& name, std::int64_t bytes, std::int64_t context = 10)
      : desk_(desk) {
    model_.id = ModelId(name);
    model_.facts.weights = Bytes(bytes);
    task_ = desk_.time.start(
        load({cpu, model_.id, Bytes(bytes), Tokens(context), 1, 1, false, 1s, false}));
  }
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  // Its load holds on to it: it ends first.
  ~Ahead() {
    give_up();
    for (int waits = 0; waits < 20 && !ended; ++waits) desk_.time.pass(100ms);
    EXPECT_TRUE(ended.has_value());
  }
  void give_up() { desk_.time.cancel(task_); }

  std::optional<Result<Residence::Loaded>> ended;

 private:
  Task<bool> load(Claim claim) {
    ended = co_await desk_.scheduler.load_ahead(claim, model_, desk_.time.clock.now() + 1h);
    co_return true;
  }
  Desk& desk_;
  Model model_;
  std::size_t task_ = 0;
};

TEST(LoadAhead, TheAskerFindsItThere) {
  Desk desk(1);
  Ahead ahead(desk, "a", 30);
  desk.time.pass(2s);
  ASSERT_TRUE(ahead.ended && *ahead.ended);
  Asking& asking = desk.ask("a", 30);
  ASSERT_TRUE(asking.has_lease());
  EXPECT_EQ((*asking.got)->loaded().load, 0s);
}

TEST(LoadAhead, NothingIsEvictedForIt) {
  Desk desk(2);
  desk.give_back(desk.get("a", 80));
  Ahead ahead(desk, "b", 30);
  desk.time.pass(2s);
  ASSERT_TRUE(ahead.ended.has_value());
  EXPECT_EQ(ahead.ended->error().code, ErrorCode::no_memory);
  EXPECT_EQ(desk.held(), Bytes(80));
}

TEST(LoadAhead, WhoWantsTheSameWaitsForIt) {
  Desk desk(1);
  Ahead ahead(desk, "a", 30);
  desk.time.pass(500ms);
  Asking& asking = desk.ask("a", 30);
  EXPECT_FALSE(desk.scheduler.ahead_is_in_the_way());
  desk.time.pass(600ms);
  EXPECT_TRUE(asking.has_lease());
  EXPECT_EQ(desk.residence.done.size(), 1u);
}

TEST(LoadAhead, WhoWantsMoreOfItGoesFirst) {
  Desk desk(1);
  Ahead ahead(desk, "a", 30);
  desk.ask("a", 30, 1h, 20);
  EXPECT_TRUE(desk.scheduler.ahead_is_in_the_way());
}

TEST(LoadAhead, WhoWantsItsLaneGoesFirst) {
  int changes = 0;
  Desk desk(1);
  desk.scheduler.on_change([&] { ++changes; });
  Ahead ahead(desk, "a", 30);
  desk.time.pass(500ms);
  EXPECT_FALSE(desk.scheduler.ahead_is_in_the_way());
  Asking& asking = desk.ask("b", 30);
  EXPECT_TRUE(asking.waits());
  EXPECT_TRUE(desk.scheduler.ahead_is_in_the_way());
  EXPECT_GT(changes, 0);
  ahead.give_up();
  desk.time.pass(1100ms);
  EXPECT_TRUE(asking.has_lease());
  EXPECT_EQ(ahead.ended->error().code, ErrorCode::cancelled);
  EXPECT_EQ(desk.held(), Bytes(30));
}

TEST(LoadAhead, APlanMayCountOnItsRoom) {
  Desk desk(1);
  Ahead ahead(desk, "a", 30);
  const auto room = desk.scheduler.rooms(Time::max()).front();
  EXPECT_EQ(room.free, Bytes(100));
  EXPECT_TRUE(room.resident.empty());
  EXPECT_TRUE(room.taken.empty());
  EXPECT_EQ(desk.held(), Bytes(30));
}

// On a GPU the other lane loads while one answers; on a CPU it would take a core.
TEST(LoadAhead, BesideWhoAnswersOnAGpuAlone) {
  for (const auto kind : {DeviceKind::gpu, DeviceKind::cpu}) {
    Desk desk(2, kind == DeviceKind::gpu ? 1 : 2, {}, kind);
    Asking& running = desk.get("a", 30);
    EXPECT_EQ(desk.scheduler.shelves().front().open, kind == DeviceKind::gpu);
    desk.give_back(running);
    EXPECT_TRUE(desk.scheduler.shelves().front().open);
    Ahead ahead(desk, "b", 30);
    EXPECT_FALSE(desk.scheduler.shelves().front().open);
    Asking& again = desk.ask("a", 30);
    EXPECT_TRUE(again.has_lease());
    EXPECT_EQ(desk.scheduler.ahead_is_in_the_way(), kind == DeviceKind::cpu);
  }
}

TEST(LoadAhead, AHistoryOfUseSaysWhatIsWorthKeeping) {
  Desk desk(1);
  desk.scheduler.remember_use(cpu, ModelId("a"), 2s);
  desk.scheduler.remember_use(cpu, ModelId("b"), 1s);
  desk.scheduler.remember_use(DeviceId("gone"), ModelId("c"), 1s);
  const Ledger& ledger = desk.scheduler.ledger();
  EXPECT_GT(ledger.worth(cpu, ModelId("a"), Bytes(10)), ledger.worth(cpu, ModelId("b"), Bytes(10)));
  EXPECT_EQ(ledger.worth(cpu, ModelId("c"), Bytes(10)), 0);
}

}  // namespace
}  // namespace kai
