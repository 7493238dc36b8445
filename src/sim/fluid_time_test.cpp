#include "sim/fluid_time.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "base/task_group.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr Work second_of_gpu{.alone = Seconds(1), .use = {.gpu = 1, .cpu = 0, .link = 0}};

// Works as tasks; when each came back.
class Works {
 public:
  void start(Work work, Time until = Time::max(), int which = 1) {
    ends.emplace_back(-1s);
    group.start(run(work, until, which, ends.size() - 1));
    settle();
  }
  void settle() {
    io.restart();
    io.poll();
  }
  void play() {
    while (group.running() > 0) {
      ASSERT_TRUE(clock.advance());
      settle();
    }
  }

  boost::asio::io_context io{1};
  VirtualClock clock;
  FluidTime time{clock, {.gpu = 1, .cpu = 1, .link = 1}};
  TaskGroup<bool> group{io.get_executor()};
  std::vector<Duration> ends;

 private:
  Task<bool> run(Work work, Time until, int which, std::size_t index) {
    co_await time.run(work, until, which);
    ends[index] = clock.now() - Time{};
    co_return true;
  }
};

TEST(FluidTime, AWorkAloneReturnsAtItsEnd) {
  Works works;
  works.start(second_of_gpu);
  works.play();
  EXPECT_EQ(works.ends[0], 1s);
  EXPECT_DOUBLE_EQ(works.time.used(Part::gpu).count(), 1);
}

TEST(FluidTime, TwoShareAndTheOneLeftSpeedsUp) {
  Works works;
  works.start(second_of_gpu);
  works.start({.alone = Seconds(2), .use = {.gpu = 1, .cpu = 0, .link = 0}});
  works.play();
  EXPECT_EQ(works.ends, (std::vector<Duration>{2s, 3s}));
}

TEST(FluidTime, ADeadlineDropsWhatIsLeftForTheOthers) {
  Works works;
  works.start(second_of_gpu, works.clock.now() + 500ms);
  works.start(second_of_gpu);
  works.play();
  EXPECT_EQ(works.ends, (std::vector<Duration>{500ms, 1250ms}));
  EXPECT_NEAR(works.time.used(Part::gpu).count(), 1.25, 1e-9);
}

TEST(FluidTime, ACancelledTaskStopsItsWorkAtOnce) {
  Works works;
  works.start(second_of_gpu);
  works.start({.alone = Seconds(0.5), .use = {}});
  ASSERT_TRUE(works.clock.advance());
  works.settle();
  works.group.cancel(0);
  works.settle();
  EXPECT_EQ(works.group.running(), 0u);
  EXPECT_EQ(works.ends, (std::vector<Duration>{500ms, 500ms}));
  EXPECT_NEAR(works.time.used(Part::gpu).count(), 0.5, 1e-9);
}

TEST(FluidTime, AGroupIsStoppedTogether) {
  Works works;
  works.start(second_of_gpu, Time::max(), 1);
  works.start(second_of_gpu, Time::max(), 2);
  works.start(second_of_gpu, Time::max(), 1);
  works.start({.alone = Seconds(0.3), .use = {}}, Time::max(), 3);
  ASSERT_TRUE(works.clock.advance());
  works.settle();
  works.time.stop(1);
  works.settle();
  works.play();
  EXPECT_EQ(works.ends, (std::vector<Duration>{300ms, 1200ms, 300ms, 300ms}));
}

TEST(FluidTime, WorkOfNoTimeReturnsAtOnce) {
  Works works;
  works.start({});
  works.play();
  EXPECT_EQ(works.ends[0], 0s);
}

}  // namespace
}  // namespace kai
