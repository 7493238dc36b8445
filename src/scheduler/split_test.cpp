// Models that lie in part on a GPU and in part in the memory of the CPU.
#include <gtest/gtest.h>

#include "scheduler/scheduler.h"
#include "scheduler/testing.h"

namespace kai {
namespace {

using namespace testing_scheduler;
using Done = std::vector<std::string>;

const DeviceId gpu("gpu0"), cpu("cpu");

// A GPU of 100 bytes with two lanes, and a CPU of 100 bytes with two or one.
class Laptop {
 public:
  explicit Laptop(int cpu_lanes = 2)
      : devices_{{gpu, DeviceKind::gpu, "", Bytes(100), 2, 1, 1},
                 {cpu, DeviceKind::cpu, "", Bytes(100), cpu_lanes, 1, cpu_lanes}} {}
  ~Laptop() {
    time.group.cancel_all();
    time.settle();
    while (time.group.running() > 0 && time.clock.advance()) time.settle();
    askings_.clear();
  }

  Asking& ask(const std::string& name, const DeviceId& device, std::int64_t bytes,
              double share = 1) {
    Ask ask;
    ask.member = MemberId(name);
    ask.model = ModelId(name);
    ask.device = device;
    ask.share = share;
    if (share < 1) ask.beside = cpu;
    ask.context = Tokens(10);
    ask.deadline = time.clock.now() + 1h;
    Model& model = models_.emplace_back();
    model.id = ask.model;
    model.facts.weights = Bytes(bytes);
    Asking& asking = askings_.emplace_back();
    time.start(acquire(asking, std::move(ask), model));
    return asking;
  }
  Asking& get(const std::string& name, const DeviceId& device, std::int64_t bytes,
              double share = 1) {
    Asking& asking = ask(name, device, bytes, share);
    time.pass(2s);
    EXPECT_TRUE(asking.has_lease()) << name;
    return asking;
  }
  void give_back(Asking& asking) {
    asking.got.reset();
    time.settle();
  }
  Task<bool> settle(DeviceId device) {
    co_await scheduler.settle(device, time.clock.now() + 5s);
    co_return true;
  }
  Bytes held(const DeviceId& device) const { return scheduler.ledger().held(device); }

 private:
  Task<bool> acquire(Asking& asking, Ask ask, const Model& model) {
    const CostCard card{ask.model, ask.device, model.facts.weights, {}, {}, {}, 1, 1, 0};
    asking.got.emplace(co_await scheduler.acquire(
        ask, model, card, {[] {}, [](double) {}, [&asking] { return asking.elsewhere; }}));
    asking.ended = time.clock.now();
    co_return true;
  }

  std::deque<Model> models_;
  std::vector<Device> devices_;

 public:
  VirtualTime time;
  FakeResidence residence{time.clock};
  Scheduler scheduler{devices_, residence, time.clock};

 private:
  std::deque<Asking> askings_;
};

TEST(Split, HoldsItsBytesOnBothDevices) {
  Laptop laptop;
  laptop.get("large", gpu, 140, 0.5);
  EXPECT_EQ(laptop.held(gpu), Bytes(70));
  EXPECT_EQ(laptop.held(cpu), Bytes(70));
  EXPECT_EQ(laptop.residence.done, (Done{"load large 10x1 on 0"}));
  const auto split = laptop.scheduler.split(gpu, ModelId("large"));
  ASSERT_TRUE(split);
  EXPECT_EQ(split->here, Bytes(70));
  EXPECT_EQ(split->beside, cpu);
  EXPECT_EQ(split->there, Bytes(70));
  EXPECT_FALSE(laptop.scheduler.split(gpu, ModelId("small")));
  EXPECT_FALSE(laptop.scheduler.split(cpu, ModelId("large")));
}

TEST(Split, TakesALaneOfTheCpuAndLeavesTheOtherToOthers) {
  Laptop laptop;
  Asking& before = laptop.get("small", cpu, 20);
  Asking& large = laptop.get("large", gpu, 140, 0.5);  // beside it
  Asking& after = laptop.ask("other", cpu, 10);
  laptop.time.pass(5s);
  EXPECT_TRUE(after.waits());
  laptop.give_back(before);
  laptop.time.pass(2s);
  EXPECT_TRUE(after.has_lease());
  laptop.give_back(large);
}

TEST(Split, HasTheOnlyLaneToItself) {
  Laptop laptop(1);
  Asking& before = laptop.get("small", cpu, 20);
  Asking& large = laptop.ask("large", gpu, 140, 0.5);
  Asking& after = laptop.ask("other", cpu, 10);
  laptop.time.pass(5s);
  EXPECT_TRUE(large.waits());
  EXPECT_TRUE(after.waits());
  laptop.give_back(before);
  laptop.time.pass(2s);
  EXPECT_TRUE(large.has_lease());
  EXPECT_TRUE(after.waits());
  laptop.give_back(large);
  laptop.time.pass(2s);
  EXPECT_TRUE(after.has_lease());
}

TEST(Split, WaitsForAnotherOneAndHoldsNobodyUpMeanwhile) {
  Laptop laptop;
  Asking& first = laptop.get("large", gpu, 140, 0.5);
  Asking& second = laptop.ask("larger", gpu, 150, 0.5);
  Asking& small = laptop.get("small", cpu, 20);  // asked later
  EXPECT_TRUE(second.waits());
  laptop.time.pass(30s);  // it has long been due
  laptop.give_back(small);
  Asking& other = laptop.get("other", cpu, 10);
  laptop.give_back(first);
  laptop.time.pass(2s);
  EXPECT_TRUE(second.has_lease());
  laptop.give_back(other);
}

// The order of asking holds on the GPU too.
TEST(Split, GoesBeforeThoseWhoAskedLater) {
  Laptop laptop;
  Asking& first = laptop.get("large", gpu, 100, 0.5);
  Asking& second = laptop.ask("other", gpu, 100, 0.5);
  Asking& third = laptop.ask("whole", gpu, 60);  // no room beside the first
  laptop.time.pass(5s);
  EXPECT_TRUE(second.waits());
  EXPECT_TRUE(third.waits());
  laptop.give_back(first);
  laptop.time.pass(2s);
  EXPECT_TRUE(second.has_lease());
  EXPECT_TRUE(third.waits());
  laptop.give_back(second);
  laptop.time.pass(2s);
  EXPECT_TRUE(third.has_lease());
}

TEST(Split, StaysUntilItsPlaceIsNeededOnEitherDevice) {
  for (const DeviceId& device : {gpu, cpu}) {
    Laptop laptop;
    laptop.give_back(laptop.get("large", gpu, 140, 0.5));
    Asking& again = laptop.ask("large", gpu, 140, 0.5);
    ASSERT_TRUE(again.has_lease());  // at once: nothing was loaded
    laptop.give_back(again);
    laptop.get("other", device, 60);
    EXPECT_EQ(laptop.residence.done,
              (Done{"load large 10x1 on 0", "unload large on 0", "load other 10x1 on 1"}));
    EXPECT_LE(laptop.held(device), Bytes(100));
  }
}

TEST(Split, IsLoadedAnewWhereAnotherPartOfItIsWanted) {
  Laptop laptop;
  laptop.give_back(laptop.get("large", gpu, 90, 0.5));
  laptop.get("large", gpu, 90);
  EXPECT_EQ(laptop.residence.done, (Done{"load large 10x1 on 0", "load large 10x1 on 0"}));
  EXPECT_EQ(laptop.held(gpu), Bytes(90));
  // What it had beside is only a number now, and gives way.
  laptop.get("other", cpu, 90);
  EXPECT_EQ(laptop.residence.done.size(), 3u);
}

TEST(Split, WhoWaitsForItsRestCanBeAskedElsewhere) {
  Laptop laptop(1);
  laptop.get("small", cpu, 20);
  Asking& large = laptop.ask("large", gpu, 140, 0.5);
  laptop.time.pass(5s);
  EXPECT_TRUE(large.waits());
  large.elsewhere = true;
  laptop.time.start(laptop.settle(cpu));
  laptop.time.pass(1s);
  EXPECT_EQ(large.error(), ErrorCode::no_memory);
}

}  // namespace
}  // namespace kai
