// A device whose memory others take while kai uses it.
#include <gtest/gtest.h>

#include "scheduler/memory_watch.h"
#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
using Done = std::vector<std::string>;

TEST(LessMemory, IdleModelsGoUntilItHolds) {
  Desk desk(2);
  desk.give_back(desk.get("a", 30));
  desk.give_back(desk.get("b", 30));
  desk.give_back(desk.get("c", 30));
  desk.give_back(desk.get("b", 30));
  desk.give_back(desk.get("c", 30));
  desk.resize(65);
  EXPECT_EQ(desk.held(), Bytes(60));
  EXPECT_EQ(desk.residence.done.back(), "unload a on 0");  // used once: of least worth
}

TEST(LessMemory, WhoRunsIsNeverEvicted) {
  Desk desk(2);
  Asking& running = desk.get("a", 60);
  desk.resize(10);
  EXPECT_EQ(desk.held(), Bytes(60));
  EXPECT_TRUE(running.has_lease());
  desk.give_back(running);
  desk.resize(10);
  EXPECT_EQ(desk.held(), Bytes(0));
}

TEST(LessMemory, WhatSomebodyWaitsForStays) {
  Desk desk(1);
  desk.give_back(desk.get("b", 30));
  Asking& running = desk.get("a", 60);
  Asking& waiting = desk.ask("b", 30);
  desk.resize(50);
  EXPECT_EQ(desk.held(), Bytes(90));
  desk.give_back(running);
  EXPECT_TRUE(waiting.has_lease());
}

TEST(LessMemory, WhoNoLongerFitsIsToldAtOnce) {
  Desk desk(1);
  Asking& running = desk.get("a", 60);
  Asking& large = desk.ask("b", 70);
  Asking& small = desk.ask("c", 40);
  desk.resize(60);
  EXPECT_EQ(large.error(), ErrorCode::nothing_fits);
  EXPECT_TRUE(small.waits());
  desk.give_back(running);
  desk.time.pass(2s);
  EXPECT_TRUE(small.has_lease());
}

TEST(LessMemory, WhoIsAskedElsewhereLeavesTheQueue) {
  Desk desk(1);
  Asking& running = desk.get("a", 60);
  Asking& waiting = desk.ask("b", 60);
  waiting.elsewhere = true;
  desk.resize(90);
  EXPECT_EQ(waiting.error(), ErrorCode::no_memory);
  EXPECT_EQ(desk.residence.done, (Done{"load a 10x1 on 0"}));
  desk.give_back(running);
}

const Error no_memory{ErrorCode::no_memory, "no memory"};

// As if others had taken what was free.
std::optional<Error> taken(const ModelId& model, const ModelId& victim, int& times) {
  return model == victim && times-- > 0 ? std::optional(no_memory) : std::nullopt;
}

TEST(LessMemory, ALoadThatFindsTooLittleEvictsMoreAndTriesOnceMore) {
  Desk desk(2);
  desk.give_back(desk.get("idle", 40));
  int times = 1;
  desk.residence.load_fails = [&](const LaneId&, const ModelId& model) {
    return taken(model, ModelId("a"), times);
  };
  Asking& asking = desk.ask("a", 50);
  desk.time.pass(3s);
  EXPECT_TRUE(asking.has_lease());
  EXPECT_EQ(desk.residence.done, (Done{"load idle 10x1 on 0", "load a 10x1 on 1",
                                       "unload idle on 0", "load a 10x1 on 1"}));
  EXPECT_LT(desk.scheduler.ledger().capacity(DeviceId("cpu")), Bytes(90));
}

TEST(LessMemory, TwiceTooLittleIsSaidWithItsReason) {
  Desk desk(1);
  int times = 9;
  desk.residence.load_fails = [&](const LaneId&, const ModelId& model) {
    return taken(model, ModelId("a"), times);
  };
  Asking& asking = desk.ask("a", 50);
  desk.time.pass(5s);
  EXPECT_EQ(asking.error(), ErrorCode::no_memory);
  EXPECT_EQ(times, 8);  // alone on the device, there was nothing to evict
  // A smaller one still fits.
  Asking& small = desk.ask("b", 40);
  desk.time.pass(2s);
  EXPECT_TRUE(small.has_lease());
}

// What had to go for the second try was there, so that there is room for it.
TEST(LessMemory, WhatWasThereBeforeFitsAgain) {
  Desk desk(1);
  desk.give_back(desk.get("b", 60));
  int times = 2;
  desk.residence.load_fails = [&](const LaneId&, const ModelId& model) {
    return taken(model, ModelId("a"), times);
  };
  Asking& asking = desk.ask("a", 40);
  desk.time.pass(5s);
  EXPECT_EQ(asking.error(), ErrorCode::no_memory);
  Asking& again = desk.ask("b", 60);
  desk.time.pass(2s);
  EXPECT_TRUE(again.has_lease());
}

TEST(LessMemory, ADoubtPasses) {
  Desk desk(1);
  int times = 1;
  desk.residence.load_fails = [&](const LaneId&, const ModelId& model) {
    return taken(model, ModelId("a"), times);
  };
  Asking& first = desk.ask("a", 50);
  desk.time.pass(5s);
  EXPECT_EQ(first.error(), ErrorCode::no_memory);
  EXPECT_EQ(desk.scheduler.rooms(Time::max()).front().free, Bytes(49));
  desk.time.pass(1min);
  EXPECT_EQ(desk.scheduler.rooms(Time::max()).front().free, Bytes(100));
  Asking& again = desk.ask("a", 50);
  desk.time.pass(2s);
  EXPECT_TRUE(again.has_lease());
}

class FakeGauge final : public MemoryGauge {
 public:
  explicit FakeGauge(Clock& clock) : clock_(clock) {}
  Task<std::vector<MemoryReading>> read(Time until) override {
    ++reads;
    if (hangs) co_await clock_.sleep_until(until);
    co_return readings;
  }
  std::vector<MemoryReading> readings;
  bool hangs = false;
  int reads = 0;

 private:
  Clock& clock_;
};

class Watching : public testing::Test {
 protected:
  static MemoryReading reading(std::int64_t free, std::int64_t total = 100) {
    return {DeviceId("gpu0"), Bytes(free), Bytes(total), 0, ""};
  }
  MemoryWatch::News look(MemoryWatch::Haste haste = MemoryWatch::Haste::usual) {
    MemoryWatch::News news;
    time.start(looked(news, haste));
    time.pass(1s);
    for (const auto& change : news.changes) ledger.set_capacity(change.device, change.capacity);
    return news;
  }
  Task<bool> looked(MemoryWatch::News& news, MemoryWatch::Haste haste) {
    news = co_await watch.look(ledger, haste);
    co_return true;
  }

  std::vector<Device> devices{{DeviceId("gpu0"), DeviceKind::gpu, "", Bytes(100), 2, 1, 1}};
  VirtualTime time;
  Ledger ledger{devices};
  FakeGauge gauge{time.clock};
  MemoryWatch watch{devices, gauge, time.clock};
};

TEST_F(Watching, WhatOthersTakeIsNewsOnce) {
  gauge.readings = {reading(40)};
  const auto news = look();
  ASSERT_EQ(news.changes.size(), 1u);
  EXPECT_EQ(news.changes[0].capacity, Bytes(40));
  EXPECT_EQ(news.changes[0].others, Bytes(60));
  EXPECT_TRUE(look().changes.empty());
}

TEST_F(Watching, ALieChangesNothingAndIsSaidOnce) {
  for (const auto& lie : {reading(101), reading(-1), reading(0, 0), reading(0, -5)}) {
    gauge.readings = {reading(100)};
    EXPECT_TRUE(look().faults.empty());
    gauge.readings = {lie};
    EXPECT_EQ(look().faults.size(), 1u);
    EXPECT_TRUE(look().faults.empty());
    EXPECT_EQ(ledger.capacity(DeviceId("gpu0")), Bytes(100));
  }
}

TEST_F(Watching, AFaultChangesNothingAndIsSaidOnce) {
  gauge.readings = {reading(10)};
  gauge.readings[0].fault = "the driver does not answer";
  const auto news = look();
  ASSERT_EQ(news.faults.size(), 1u);
  EXPECT_NE(news.faults[0].find("gpu0"), std::string::npos);
  EXPECT_NE(news.faults[0].find("the driver does not answer"), std::string::npos);
  EXPECT_TRUE(look().faults.empty());
  EXPECT_TRUE(look().changes.empty());
}

TEST_F(Watching, AGaugeThatHangsIsWaitedForOnceAtATime) {
  gauge.hangs = true;
  MemoryWatch::News first, second;
  time.start(looked(first, MemoryWatch::Haste::usual));
  time.start(looked(second, MemoryWatch::Haste::now));
  EXPECT_EQ(gauge.reads, 1);
  time.pass(1s);
  EXPECT_TRUE(first.changes.empty());
}

TEST_F(Watching, LooksThatComeTogetherAreOne) {
  gauge.readings = {reading(100)};
  MemoryWatch::News news;
  time.start(looked(news, MemoryWatch::Haste::usual));
  time.start(looked(news, MemoryWatch::Haste::usual));
  EXPECT_EQ(gauge.reads, 1);
  time.start(looked(news, MemoryWatch::Haste::now));
  EXPECT_EQ(gauge.reads, 2);
}

TEST_F(Watching, WhatKaiDoesNotUseIsNoNews) {
  gauge.readings = {reading(10)};
  gauge.readings[0].device = DeviceId("gpu7");
  const auto news = look();
  EXPECT_TRUE(news.changes.empty());
  EXPECT_TRUE(news.faults.empty());
}

}  // namespace
}  // namespace kai
