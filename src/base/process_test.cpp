#include "base/process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kai {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> shell(const std::string& commands) {
  return {"/bin/sh", "-c", commands};
}

TEST(RunProcess, GivesOutputAndStatus) {
  struct Case {
    const char* commands;
    const char* text;
    int status;
  };
  const Case cases[] = {{"echo one; echo two", "one\ntwo\n", 0},
                        {"printf half; exit 3", "half", 3},
                        {"kill -KILL $$", "", 128 + SIGKILL},
                        {"echo seen; echo unseen >&2", "seen\n", 0},
                        {"cat", "", 0}};  // its input is empty
  for (const auto& [commands, text, status] : cases) {
    const auto output = run_process(shell(commands), 10s);
    ASSERT_TRUE(output) << commands << ": " << output.error().message;
    EXPECT_EQ(output->text, text) << commands;
    EXPECT_EQ(output->status, status) << commands;
  }
}

TEST(RunProcess, WhatCannotStartIsSaid) {
  const auto output = run_process({"/nowhere/at-all"}, 10s);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::lane_lost);
  EXPECT_NE(output.error().message.find("/nowhere/at-all"), std::string::npos);
}

TEST(RunProcess, EndsAtItsLimitWhateverTheProcessDoes) {
  for (const char* commands : {"exec sleep 60",                         // silent
                               "while :; do echo x; sleep 0.01; done",  // never done
                               "exec >&-; exec sleep 60"}) {  // its output ends, it does not
    const auto start = std::chrono::steady_clock::now();
    const auto output = run_process(shell(commands), 200ms);
    ASSERT_FALSE(output) << commands;
    EXPECT_EQ(output.error().code, ErrorCode::deadline) << commands;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s) << commands;
  }
}

TEST(RunProcess, TooMuchOutputEndsIt) {
  const auto output = run_process(shell("exec yes"), 10s, 100'000);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::internal);
}

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() {
    std::string name = (std::filesystem::temp_directory_path() / "kai-process-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~ProcessTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Process> start(const std::string& commands) {
    auto process = Process::start(shell(commands), log());
    EXPECT_TRUE(process);
    return std::move(*process);
  }
  std::string log() const { return folder_ + "/log"; }
  // What it writes until its output ends; at most ten seconds between two words.
  static std::string read_all(const Process& process) {
    std::string text;
    for (;;) {
      pollfd ready{process.output(), POLLIN, 0};
      if (::poll(&ready, 1, 10'000) <= 0) return text + " and then nothing";
      char bytes[256];
      const ssize_t count = ::read(process.output(), bytes, sizeof bytes);
      if (count <= 0) return text;
      text.append(bytes, static_cast<std::size_t>(count));
    }
  }

  std::string folder_;
};

TEST_F(ProcessTest, ItsErrorsGoToAPrivateLog) {
  const auto process = start("echo out; echo err >&2");
  EXPECT_EQ(read_all(*process), "out\n");
  std::stringstream text;
  text << std::ifstream(log()).rdbuf();
  EXPECT_EQ(text.str(), "err\n");
  struct stat found{};
  ASSERT_EQ(::stat(log().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(ProcessTest, KillingItIsCertain) {
  const auto process = start("trap '' TERM INT HUP; echo ready; while :; do sleep 1; done");
  char bytes[6];
  ASSERT_EQ(::read(process->output(), bytes, 6), 6);
  EXPECT_FALSE(process->dead());
  process->kill();
  EXPECT_TRUE(process->dead());
}

TEST_F(ProcessTest, DestroyingItEndsIt) {
  auto process = start("cat; echo over");
  const int output = ::dup(process->output());
  EXPECT_FALSE(process->dead());
  process.reset();  // kills it: nothing more comes
  pollfd ready{output, POLLIN, 0};
  ASSERT_EQ(::poll(&ready, 1, 10'000), 1);
  char byte = 0;
  EXPECT_EQ(::read(output, &byte, 1), 0);
  ::close(output);
}

TEST_F(ProcessTest, AnEndByItselfIsNoticed) {
  const auto process = start("exit 0");
  read_all(*process);
  for (int turn = 0; turn < 1000 && !process->dead(); ++turn) ::poll(nullptr, 0, 10);
  EXPECT_TRUE(process->dead());
}

}  // namespace
}  // namespace kai
