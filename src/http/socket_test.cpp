#include "http/socket.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "http/fixture.h"

namespace kai::http {
namespace {

using namespace std::chrono_literals;

struct Pair {
  std::unique_ptr<Socket> near;
  std::unique_ptr<Socket> far;
};

Pair connected(HttpTest& test) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  const Executor executor = test.io.get_executor();
  return {std::make_unique<Socket>(executor, ends[0], "near"),
          std::make_unique<Socket>(executor, ends[1], "far")};
}

Task<ErrorCode> read_code(HttpTest& test, Socket& socket, Time until) {
  const auto bytes = co_await socket.read(*test.clock, until);
  co_return bytes ? ErrorCode::internal : bytes.error().code;
}

TEST_F(HttpTest, WritingToAPeerThatLeftIsAnErrorAndNoSignal) {
  run([](HttpTest& test) -> Task<void> {
    const Pair pair = connected(test);
    pair.far->close();
    const auto sent = co_await pair.near->write(*test.clock, "anybody?", test.soon());
    EXPECT_TRUE(!sent && sent.error().code == ErrorCode::lane_lost);
  }(*this));
}

TEST_F(HttpTest, AWriteStopsAtItsDeadline) {
  run([](HttpTest& test) -> Task<void> {
    const Pair pair = connected(test);
    const auto sent =
        co_await pair.near->write(*test.clock, std::string(4 << 20, 'x'), test.clock->now() + 20ms);
    EXPECT_TRUE(!sent && sent.error().code == ErrorCode::deadline);
  }(*this));
}

TEST_F(HttpTest, ClosingWakesAReader) {
  run([](HttpTest& test) -> Task<void> {
    const Pair pair = connected(test);
    TaskGroup<ErrorCode> group(test.io.get_executor());
    group.start(read_code(test, *pair.near, test.soon()));
    co_await test.clock->sleep_until(test.clock->now() + 1ms);
    pair.near->close();
    const auto done = co_await group.next(*test.clock, test.soon());
    EXPECT_EQ(done->value, ErrorCode::lane_lost);
    co_await group.join();
  }(*this));
}

TEST_F(HttpTest, AnAbandonedReadLosesNothing) {
  run([](HttpTest& test) -> Task<void> {
    const Pair pair = connected(test);
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(co_await read_code(test, *pair.near, test.clock->now() + 1ms), ErrorCode::deadline);
    }
    co_await pair.far->write(*test.clock, "late", test.soon());
    EXPECT_EQ(co_await pair.near->read(*test.clock, test.soon()), "late");
  }(*this));
}

Task<int> accept_each(HttpTest& test, Socket& listener, int count, int& accepted) {
  for (accepted = 0; accepted < count; ++accepted) co_await listener.accept(*test.clock);
  co_return count;
}

Task<int> value_of(const int& number) {
  co_return number;
}

TEST_F(HttpTest, WhatComesTooLateForAReadIsStillRead) {
  run([](HttpTest& test) -> Task<void> {
    const Pair pair = connected(test);
    const Time past = test.clock->now() - 1s;
    co_await pair.far->write(*test.clock, "first", test.soon());
    EXPECT_EQ(co_await pair.near->read(*test.clock, test.soon()), "first");
    co_await pair.far->write(*test.clock, "second", test.soon());
    EXPECT_EQ(co_await pair.near->read(*test.clock, past), "second");
    EXPECT_EQ(co_await read_code(test, *pair.near, past), ErrorCode::deadline);
    EXPECT_EQ(co_await read_code(test, *pair.near, past), ErrorCode::deadline);
    pair.far->close();
    EXPECT_EQ(co_await pair.near->read(*test.clock, test.soon()), "");
  }(*this));
}

TEST_F(HttpTest, APeerThatNeverPausesLeavesTurnsToOthers) {
  run([](HttpTest& test) -> Task<void> {
    constexpr int count = 40;
    const auto listener = listen_at(test.io.get_executor(), test.path);
    std::vector<std::unique_ptr<Socket>> clients;
    for (int i = 0; i < count; ++i) clients.push_back(co_await test.connect());
    int accepted = 0;
    TaskGroup<int> group(test.io.get_executor());
    group.start(accept_each(test, **listener, count, accepted));
    const auto observer = group.start(value_of(accepted));
    const auto first = co_await group.next(*test.clock, test.soon());
    EXPECT_EQ(first->index, observer);
    EXPECT_LT(first->value, count);
    EXPECT_EQ((co_await group.next(*test.clock, test.soon()))->value, count);
    co_await group.join();
  }(*this));
}

TEST_F(HttpTest, AFullQueueIsWaitedForUntilTheDeadline) {
  run([](HttpTest& test) -> Task<void> {
    const auto listener = listen_at(test.io.get_executor(), test.path);
    EXPECT_EQ(::listen((*listener)->descriptor(), 0), 0);
    const auto first = co_await test.connect();
    const auto late = co_await connect_to(*test.clock, test.path, test.clock->now() + 20ms);
    EXPECT_TRUE(!late && late.error().code == ErrorCode::deadline);

    int accepted = 0;
    TaskGroup<int> group(test.io.get_executor());
    group.start(accept_each(test, **listener, 2, accepted));
    EXPECT_TRUE(co_await connect_to(*test.clock, test.path, test.soon()));
    co_await group.next(*test.clock, test.soon());
    co_await group.join();
  }(*this));
}

TEST_F(HttpTest, AcceptsAgainOnceDescriptorsAreFree) {
  run([](HttpTest& test) -> Task<void> {
    const auto listener = listen_at(test.io.get_executor(), test.path);
    const auto client = co_await test.connect();
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{.rlim_cur = 64, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    std::vector<int> spare;
    for (int copy = ::dup(0); copy >= 0; copy = ::dup(0)) spare.push_back(copy);

    int accepted = 0;
    TaskGroup<int> group(test.io.get_executor());
    group.start(accept_each(test, **listener, 1, accepted));
    co_await test.clock->sleep_until(test.clock->now() + 20ms);
    EXPECT_EQ(accepted, 0);
    for (const int copy : spare) ::close(copy);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(co_await group.next(*test.clock, test.soon()));
    EXPECT_EQ(accepted, 1);
    co_await group.join();
  }(*this));
}

}  // namespace
}  // namespace kai::http
