#include "fleet/gpu_watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>

#include "base/task_group.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// A real worker over a library that behaves as FAKE_NVML says.
class GpuWatchTest : public testing::Test {
 protected:
  void SetUp() override { ::setenv("LD_LIBRARY_PATH", FAKE_NVML "/new", 1); }
  void TearDown() override {
    ::unsetenv("LD_LIBRARY_PATH");
    ::unsetenv("FAKE_NVML");
    group.cancel_all();
    run_until([&] { return group.running() == 0; });
    EXPECT_EQ(group.running(), 0u);
  }
  void watch() { group.start(watched.run()); }
  bool run_until(const std::function<bool()>& so, Duration limit = 10s) {
    const Time end = clock->now() + limit;
    while (!so() && clock->now() < end) {
      io.restart();
      io.run_for(5ms);
    }
    return so();
  }
  static GpuWatchOptions options() {
    return {.worker = KAI_WORKER,
            .every = 20ms,
            .silence_max = 500ms,
            .pause_first = 50ms,
            .pause_max = 100ms};
  }

  boost::asio::io_context io;
  std::unique_ptr<Clock> clock = make_real_clock(io.get_executor());
  GpuWatch watched{io.get_executor(), *clock, options()};
  TaskGroup<bool> group{io.get_executor()};
};

TEST_F(GpuWatchTest, ReadsAgainAndAgain) {
  watch();
  ASSERT_TRUE(run_until([&] { return !watched.readings().empty(); }));
  EXPECT_EQ(watched.readings().front().power, 123.456);
  EXPECT_EQ(watched.readings().front().utilization, 0.37);
}

TEST_F(GpuWatchTest, WhatALibraryLiesAboutIsAbsent) {
  ::setenv("FAKE_NVML", "lying", 1);
  watch();
  ASSERT_TRUE(run_until([&] { return !watched.readings().empty(); }));
  EXPECT_FALSE(watched.readings().front().utilization);
}

TEST_F(GpuWatchTest, EndsWhereThereIsNoGpu) {
  ::setenv("LD_LIBRARY_PATH", "/nowhere", 1);
  watch();
  EXPECT_TRUE(run_until([&] { return group.running() == 0; }));
  EXPECT_TRUE(watched.readings().empty());
}

TEST_F(GpuWatchTest, StartsOneAnewThatHungOrCrashed) {
  for (const char* behaviour : {"hanging", "crashing"}) {
    ::setenv("FAKE_NVML", behaviour, 1);
    GpuWatch other{io.get_executor(), *clock, options()};
    TaskGroup<bool> own{io.get_executor()};
    own.start(other.run());
    run_until([] { return false; }, 700ms);
    EXPECT_TRUE(other.readings().empty()) << behaviour;
    EXPECT_EQ(own.running(), 1u) << behaviour;
    ::unsetenv("FAKE_NVML");
    EXPECT_TRUE(run_until([&] { return !other.readings().empty(); })) << behaviour;
    own.cancel_all();
    EXPECT_TRUE(run_until([&] { return own.running() == 0; })) << behaviour;
  }
}

}  // namespace
}  // namespace kai
