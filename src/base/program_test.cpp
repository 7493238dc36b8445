#include "base/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>

#include "base/task_group.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// Runs shell commands; cancels them after `patience` where that is positive.
Result<ProcessOutput> run(const std::string& commands, std::string input = "", Duration limit = 10s,
                          std::size_t bytes_max = 1 << 20, Duration patience = {}) {
  boost::asio::io_context io;
  const auto clock = make_real_clock(io.get_executor());
  std::optional<Result<ProcessOutput>> result;
  TaskGroup<Result<ProcessOutput>> group(io.get_executor());
  const Time start = clock->now();
  group.start(run_program(
      io.get_executor(), *clock,
      {{"/bin/sh", "-c", commands}, std::move(input), clock->now() + limit, bytes_max}));
  boost::asio::co_spawn(io, group.next(*clock, patience > 0s ? start + patience : Time::max()),
                        [&](std::exception_ptr, auto done) {
                          if (done) result = std::move(done->value);
                        });
  io.run_for(patience > 0s ? patience + 50ms : limit + 5s);
  if (!result) {
    boost::asio::co_spawn(io, group.join(), [&](std::exception_ptr, auto rest) {
      result = std::move(rest.front().value);
    });
    io.restart();
    io.run_for(5s);
  }
  EXPECT_LT(clock->now() - start, limit + 1s);
  // Nothing is left of it.
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  return *result;
}

TEST(RunProgram, GivesOutputAndStatus) {
  struct Case {
    const char* commands;
    const char* input;
    const char* text;
    int status;
  };
  const Case cases[] = {{"echo one; echo two >&2", "", "one\ntwo\n", 0},
                        {"cat; exit 3", "words in", "words in", 3},
                        {"kill -KILL $$", "", "", 128 + 9},
                        {"exec >&- 2>&-; sleep 0.05; exit 4", "", "", 4}};
  for (const auto& [commands, input, text, status] : cases) {
    const auto output = run(commands, input);
    ASSERT_TRUE(output) << commands << ": " << output.error().message;
    EXPECT_EQ(output->text, text) << commands;
    EXPECT_EQ(output->status, status) << commands;
  }
}

TEST(RunProgram, TakesInputLargerThanAPipe) {
  const std::string input(1 << 19, 'x');
  const auto output = run("wc -c", input);
  ASSERT_TRUE(output);
  EXPECT_EQ(std::stoi(output->text), 1 << 19);
}

TEST(RunProgram, EndsAtItsLimitWhateverItDoes) {
  for (const char* commands :
       {"exec sleep 60", "while :; do echo x; sleep 0.01; done", "exec >&- 2>&-; exec sleep 60"}) {
    const auto output = run(commands, "", 200ms);
    ASSERT_FALSE(output) << commands;
    EXPECT_EQ(output.error().code, ErrorCode::deadline) << commands;
  }
}

TEST(RunProgram, TooMuchOutputEndsIt) {
  const auto output = run("exec yes", "", 10s, 100'000);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::internal);
}

TEST(RunProgram, WhatCannotStartIsSaid) {
  boost::asio::io_context io;
  const auto clock = make_real_clock(io.get_executor());
  std::optional<Error> error;
  boost::asio::co_spawn(
      io, run_program(io.get_executor(), *clock, {{"/nowhere/at-all"}, "", clock->now() + 10s}),
      [&](std::exception_ptr, auto output) { error = output.error(); });
  io.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::lane_lost);
  EXPECT_NE(error->message.find("/nowhere/at-all"), std::string::npos);
}

TEST(RunProgram, CancellingKillsIt) {
  const auto output = run("exec sleep 60", "", 10s, 1 << 20, 100ms);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::cancelled);
}

// What a followed program told, and how that ended; it is cancelled after `patience`.
struct Followed {
  std::vector<std::string> lines;
  Result<int> end = 0;
};
Followed follow(const std::string& commands, Duration silence_max, Duration patience = 5s,
                std::size_t line_max = 1000) {
  boost::asio::io_context io;
  const auto clock = make_real_clock(io.get_executor());
  Followed followed;
  TaskGroup<Result<int>> group(io.get_executor());
  group.start(follow_program(io.get_executor(), *clock,
                             {{"/bin/sh", "-c", commands}, silence_max, line_max},
                             [&](std::string line) { followed.lines.push_back(std::move(line)); }));
  bool over = false;
  boost::asio::co_spawn(
      io,
      [](TaskGroup<Result<int>>& all, Clock& time, Time until) -> Task<Result<int>> {
        if (auto ended = co_await all.next(time, until)) co_return std::move(ended->value);
        auto rest = co_await all.join();
        co_return std::move(rest.front().value);
      }(group, *clock, clock->now() + patience),
      [&](std::exception_ptr, Result<int> end) {
        followed.end = std::move(end);
        over = true;
      });
  io.run_for(patience + 5s);
  EXPECT_TRUE(over);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  return followed;
}

using Lines = std::vector<std::string>;

TEST(FollowProgram, HandsOverEachLineAsItComes) {
  const auto followed = follow("echo one; printf 'tw'; sleep 0.05; echo o; printf cut; exit 3", 4s);
  EXPECT_EQ(followed.lines, (Lines{"one", "two"}));
  EXPECT_EQ(followed.end, 3);
}

TEST(FollowProgram, KillsWhatFallsSilent) {
  const auto followed = follow("echo one; exec sleep 60", 200ms);
  EXPECT_EQ(followed.lines, Lines{"one"});
  ASSERT_FALSE(followed.end);
  EXPECT_EQ(followed.end.error().code, ErrorCode::deadline);
}

TEST(FollowProgram, LinesAreBounded) {
  const auto followed = follow("yes | tr -d '\\n'", 4s);
  ASSERT_FALSE(followed.end);
  EXPECT_EQ(followed.end.error().code, ErrorCode::internal);
}

TEST(FollowProgram, CancellingKillsIt) {
  const auto followed = follow("while :; do echo x; sleep 0.01; done", 4s, 200ms);
  EXPECT_GT(followed.lines.size(), 2u);
  ASSERT_FALSE(followed.end);
  EXPECT_EQ(followed.end.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace kai
