#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "base/task_group.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// Runs one task to its end in virtual time.
template <class MakeTask>
auto run(VirtualClock& clock, MakeTask make) {
  boost::asio::io_context io;
  using T = typename decltype(make(io.get_executor()))::value_type;
  std::optional<T> result;
  boost::asio::co_spawn(io, make(io.get_executor()), [&](std::exception_ptr error, T value) {
    if (error) std::rethrow_exception(error);
    result = std::move(value);
  });
  while (!result) {
    io.restart();
    io.poll();
    if (!result && !clock.advance()) break;
  }
  return result;
}

Task<int> after(Clock& clock, Duration pause, int value) {
  co_await clock.sleep_until(clock.now() + pause);
  co_return co_await cancelled() ? -value : value;
}

TEST(TaskGroup, GivesResultsInTheOrderOfFinishing) {
  VirtualClock clock;
  const auto order = run(clock, [&](Executor executor) -> Task<std::vector<int>> {
    TaskGroup<int> group(executor);
    group.start(after(clock, 3s, 3));
    group.start(after(clock, 1s, 1));
    group.start(after(clock, 2s, 2));
    std::vector<int> values;
    while (auto done = co_await group.next(clock, Time::max())) values.push_back(done->value);
    co_return values;
  });
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
  EXPECT_EQ(clock.now().time_since_epoch(), 3s);
}

TEST(TaskGroup, StopsWaitingAtTheDeadlineAndCancelsTheRest) {
  VirtualClock clock;
  const auto values = run(clock, [&](Executor executor) -> Task<std::vector<int>> {
    TaskGroup<int> group(executor);
    group.start(after(clock, 1s, 1));
    group.start(after(clock, 1h, 2));
    std::vector<int> seen;
    while (auto done = co_await group.next(clock, Time(5s))) seen.push_back(done->value);
    for (auto& rest : co_await group.join()) seen.push_back(rest.value);
    co_return seen;
  });
  EXPECT_EQ(values, (std::vector{1, -2}));
  EXPECT_EQ(clock.now().time_since_epoch(), 5s);
}

TEST(TaskGroup, ACancelBeforeTheFirstStepIsNotLost) {
  VirtualClock clock;
  const auto value = run(clock, [&](Executor executor) -> Task<int> {
    TaskGroup<int> group(executor);
    group.cancel(group.start(after(clock, 1h, 7)));
    co_return (co_await group.next(clock, Time::max()))->value;
  });
  EXPECT_EQ(value, -7);
  EXPECT_EQ(clock.now().time_since_epoch(), 0s);
}

TEST(TaskGroup, ACancelForLaterMayFindTheGroupGone) {
  VirtualClock clock;
  boost::asio::io_context io;
  alignas(TaskGroup<int>) std::array<std::byte, sizeof(TaskGroup<int>)> place{};
  auto* group = new (place.data()) TaskGroup<int>(io.get_executor());
  group->start(after(clock, 0s, 1));
  while (group->running() > 0) {
    io.restart();
    io.poll();
    clock.advance();
  }
  group->cancel_soon(0);
  group->~TaskGroup();
  place.fill({});  // where there was a group is nothing to be cancelled
  io.restart();
  EXPECT_NO_THROW(io.poll());
}

TEST(TaskGroup, CancellingTheOwnerReachesItsTasks) {
  VirtualClock clock;
  const auto inner = [&](Executor executor) -> Task<int> {
    TaskGroup<int> group(executor);
    group.start(after(clock, 1h, 5));
    const auto done = co_await group.next(clock, Time::max());
    if (done) co_return 0;
    co_return (co_await group.join()).at(0).value;
  };
  const auto value = run(clock, [&](Executor executor) -> Task<int> {
    TaskGroup<int> outer(executor);
    const auto index = outer.start(inner(executor));
    co_await clock.sleep_until(Time(1s));
    outer.cancel(index);
    co_return (co_await outer.next(clock, Time::max()))->value;
  });
  EXPECT_EQ(value, -5);
  EXPECT_EQ(clock.now().time_since_epoch(), 1s);
}

TEST(TaskGroup, AfterAJoinTheOwnerCanBeCancelledStill) {
  VirtualClock clock;
  const auto inner = [&](Executor executor) -> Task<int> {
    TaskGroup<int> group(executor);
    group.start(after(clock, 1h, 5));
    co_await group.join();
    co_await clock.sleep_until(Time(1h));
    co_return co_await cancelled() ? 1 : 0;
  };
  const auto value = run(clock, [&](Executor executor) -> Task<int> {
    TaskGroup<int> outer(executor);
    const auto index = outer.start(inner(executor));
    co_await clock.sleep_until(Time(1s));
    outer.cancel(index);
    co_return (co_await outer.next(clock, Time::max()))->value;
  });
  EXPECT_EQ(value, 1);
  EXPECT_EQ(clock.now().time_since_epoch(), 1s);
}

Task<int> failing(Clock& clock, Duration pause) {
  co_await clock.sleep_until(clock.now() + pause);
  throw std::runtime_error("a fault");
}

TEST(TaskGroup, AnExceptionIsItsOwnersOnceTheOthersHaveEnded) {
  VirtualClock clock;
  int left = -1;
  const auto said = run(clock, [&](Executor executor) -> Task<std::string> {
    TaskGroup<int> group(executor);
    group.start(after(clock, 1h, 1));
    group.start(failing(clock, 1s));
    try {
      co_await group.next(clock, Time::max());
    } catch (const std::runtime_error& error) {
      left = static_cast<int>(group.running());
      co_return error.what();
    }
    co_return "nothing was thrown";
  });
  EXPECT_EQ(said, "a fault");
  EXPECT_EQ(left, 0);
  EXPECT_EQ(clock.now().time_since_epoch(), 1s);
}

TEST(TaskGroup, AnExceptionComesOutOfAJoinToo) {
  VirtualClock clock;
  const auto said = run(clock, [&](Executor executor) -> Task<std::string> {
    TaskGroup<int> group(executor);
    group.start(failing(clock, 0s));
    co_await clock.sleep_until(Time(1s));
    try {
      co_await group.join();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing was thrown";
  });
  EXPECT_EQ(said, "a fault");
}

TEST(TaskGroup, WhatWasTakenIsKnownNoMoreAndNumbersGoOn) {
  VirtualClock clock;
  const auto last = run(clock, [&](Executor executor) -> Task<int> {
    TaskGroup<int> group(executor);
    std::size_t index = 0;
    for (int i = 0; i < 1000; ++i) {
      index = group.start(after(clock, 1s, i));
      co_await group.next(clock, Time::max());
    }
    EXPECT_EQ(index, 999u);
    EXPECT_EQ(group.known(), 0u);
    group.cancel(index);  // of no effect
    co_return static_cast<int>(group.running());
  });
  EXPECT_EQ(last, 0);
}

Task<int> shielded_for_a_while(Clock& clock) {
  co_await shield();
  co_await clock.sleep_until(clock.now() + 1s);
  co_await unshield();
  co_await clock.sleep_until(clock.now() + 1h);
  co_return co_await cancelled() ? 1 : 0;
}

TEST(TaskGroup, ACancelThatWasLostCanBeSaidAgain) {
  VirtualClock clock;
  const auto value = run(clock, [&](Executor executor) -> Task<int> {
    TaskGroup<int> group(executor);
    const auto index = group.start(shielded_for_a_while(clock));
    co_await clock.sleep_until(Time(500ms));
    group.cancel(index);
    co_await clock.sleep_until(Time(2s));
    group.cancel(index);
    co_return (co_await group.next(clock, Time::max()))->value;
  });
  EXPECT_EQ(value, 1);
  EXPECT_EQ(clock.now().time_since_epoch(), 2s);
}

TEST(Wait, RemembersOneResumeThatFoundNobody) {
  VirtualClock clock;
  Wait wait;
  wait.resume();
  const auto value = run(clock, [&](Executor) -> Task<int> {
    co_await wait.until_resumed();
    co_return 1;
  });
  EXPECT_EQ(value, 1);
}

Task<void> say(Wait& wait, std::string& said, char letter) {
  co_await wait.until_resumed();
  said += letter;
}

TEST(Turn, RunsWhoWasResumedBeforeItReturns) {
  boost::asio::io_context io(1);
  Wait first, second;
  std::string said;
  boost::asio::co_spawn(io, say(first, said, 'a'), boost::asio::detached);
  boost::asio::co_spawn(io, say(second, said, 'b'), boost::asio::detached);
  io.poll();
  boost::asio::post(io, [&] {
    first.resume();
    EXPECT_EQ(said, "");  // outside a turn it waits for its own
    in_one_turn([&] {
      second.resume();
      EXPECT_EQ(said, "");  // never below its waker
    });
    EXPECT_EQ(said, "b");
  });
  io.restart();
  io.poll();
  EXPECT_EQ(said, "ba");
}

Task<void> wake_each_other(Wait& mine, Wait& other, int& left) {
  while (left > 0) {
    co_await mine.until_resumed();
    --left;
    other.resume();
  }
}

TEST(Turn, LeavesTimeToOthersWhereItHasNoEnd) {
  boost::asio::io_context io(1);
  Wait one, other;
  int left = 1000;
  int left_then = 0;
  boost::asio::co_spawn(io, wake_each_other(one, other, left), boost::asio::detached);
  boost::asio::co_spawn(io, wake_each_other(other, one, left), boost::asio::detached);
  io.poll();
  boost::asio::post(io, [&] {
    in_one_turn([&] { one.resume(); });
    left_then = left;
  });
  io.restart();
  io.poll();
  EXPECT_GT(left_then, 900);
  EXPECT_LE(left, 0);
}

TEST(Turn, WhatIsThrownReachesTheCallerAndNobodyIsForgotten) {
  boost::asio::io_context io(1);
  Wait wait;
  std::string said;
  boost::asio::co_spawn(io, say(wait, said, 'a'), boost::asio::detached);
  io.poll();
  boost::asio::post(io, [&] {
    EXPECT_THROW(in_one_turn([&] {
                   wait.resume();
                   throw std::runtime_error("broken");
                 }),
                 std::runtime_error);
    EXPECT_EQ(said, "");
  });
  io.restart();
  io.poll();
  EXPECT_EQ(said, "a");
}

}  // namespace
}  // namespace kai
