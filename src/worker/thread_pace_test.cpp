#include "worker/thread_pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kai {
namespace {

using namespace std::chrono_literals;

// Cores that other programs' busy threads share fairly with ours, for steps that take 10 ms of one
// core's time each, and as long as the slowest of the threads.
struct Machine {
  int cores = 8;
  int others = 0;  // busy threads
  Duration passed{};

  void step(ThreadPace& pace) {
    const int ours = pace.threads();
    const double each = std::min(1.0, static_cast<double>(cores) / (ours + others));
    const Duration wall = from_seconds(0.01 / (ours * each));
    pace.note(wall, from_seconds(seconds(wall) * each * ours));
    passed += wall;
  }
  void run(ThreadPace& pace, Duration time) {
    for (const Duration end = passed + time; passed < end;) step(pace);
  }
};

TEST(ThreadPace, AQuietMachineLendsAllItsCores) {
  ThreadPace pace(8);
  Machine quiet;
  quiet.run(pace, 10s);
  EXPECT_EQ(pace.threads(), 8);
}

TEST(ThreadPace, WhatOthersUseIsLeftToThem) {
  for (const int others : {1, 2, 4}) {
    ThreadPace pace(8);
    Machine busy{.others = others};
    busy.run(pace, 2s);
    EXPECT_LE(pace.threads(), 8 - others + 1) << others;
    EXPECT_GE(pace.threads(), 8 - others - 1) << others;
  }
}

TEST(ThreadPace, AStepIsGivenUpOnlyForFewerThreads) {
  ThreadPace pace(8);
  EXPECT_FALSE(pace.hopeless(10ms, 10ms));  // too short to say
  EXPECT_FALSE(pace.hopeless(100ms, 780ms));
  EXPECT_FALSE(pace.hopeless(1s, 6s));  // too late: a good part of it may be done
  EXPECT_TRUE(pace.hopeless(100ms, 600ms));
  pace.note(59ms, 59ms * 8);  // what was well does not hide it
  for (int given_up = 0; pace.hopeless(100ms, 40ms); ++given_up) {
    const int before = pace.threads();
    pace.note(100ms, 40ms);
    ASSERT_LT(pace.threads(), before);
    ASSERT_LT(given_up, 8);
  }
  EXPECT_EQ(pace.threads(), 1);
}

TEST(ThreadPace, OneThreadAlwaysStays) {
  ThreadPace pace(2);
  Machine swamped{.cores = 2, .others = 20};
  swamped.run(pace, 5s);
  EXPECT_EQ(pace.threads(), 1);
}

TEST(ThreadPace, TheCoresComeBackOnceTheOthersAreDone) {
  ThreadPace pace(8);
  Machine machine{.others = 6};
  machine.run(pace, 5s);
  EXPECT_LT(pace.threads(), 5);
  machine.others = 0;
  machine.run(pace, 10s);
  EXPECT_EQ(pace.threads(), 8);
}

// A large model's step takes seconds.
TEST(ThreadPace, LongStepsTakeThemBackInFewSteps) {
  ThreadPace pace(8);
  pace.note(1s, 1s);
  ASSERT_EQ(pace.threads(), 1);
  int steps = 0;
  for (; pace.threads() < 8 && steps < 100; ++steps) pace.note(2s, 2s * pace.threads());
  EXPECT_LE(steps, 5);
}

TEST(ThreadPace, AfterARestNobodyKnowsOfOthers) {
  ThreadPace pace(8);
  pace.note(1s, 1s);
  pace.rested(1s);
  EXPECT_EQ(pace.threads(), 1);
  pace.rested(10s);
  EXPECT_EQ(pace.threads(), 8);
}

TEST(ThreadPace, WhatIsAllowedChangesAndOthersKeepTheirs) {
  ThreadPace pace(8);
  pace.note(1s, 5s);
  ASSERT_EQ(pace.threads(), 5);
  pace.allow(4);
  EXPECT_EQ(pace.threads(), 4);
  pace.note(1s, 2s);
  ASSERT_EQ(pace.threads(), 2);
  pace.allow(8);
  EXPECT_EQ(pace.threads(), 6);
  pace.allow(8);
  EXPECT_EQ(pace.threads(), 6);
}

// Else every eighth of a second would be a slow one for as long as a compiler runs beside.
TEST(ThreadPace, TryingInVainBecomesRare) {
  ThreadPace pace(8);
  Machine busy{.others = 4};
  busy.run(pace, 30s);
  Duration slow{};
  const Duration begin = busy.passed;
  while (busy.passed < begin + 60s) {
    const Duration before = busy.passed;
    const bool too_many = pace.threads() > 8 - busy.others;
    busy.step(pace);
    if (too_many) slow += busy.passed - before;
  }
  EXPECT_LT(slow, 3s);
}

TEST(ThreadPace, StartingTheThreadsOfASmallStepIsNoContention) {
  ThreadPace pace(8);
  // Each starts 20 us after the one before, for 2 ms.
  for (int step = 0; step < 5000; ++step) {
    const int ours = pace.threads();
    const Duration wall = 2ms + ours * 20us;
    pace.note(wall, ours * 2ms + ours * (ours - 1) / 2 * 20us);
  }
  EXPECT_GE(pace.threads(), 6);
}

}  // namespace
}  // namespace kai
