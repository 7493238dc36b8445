#include "cli/interrupts.h"

#include <gtest/gtest.h>

#include <chrono>

namespace kai {
namespace {

// The default is restored whatever the test was started with.
class InterruptsTest : public testing::Test {
 protected:
  InterruptsTest() : before_(std::signal(SIGHUP, SIG_DFL)) {}
  ~InterruptsTest() override { std::signal(SIGHUP, before_); }

  boost::asio::io_context io_;

 private:
  void (*before_)(int);
};

TEST_F(InterruptsTest, AHangupCounts) {
  const Interrupts interrupts(io_);
  ::raise(SIGHUP);
  io_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(interrupts.count(), 1);
  EXPECT_TRUE(interrupts.to_end());
}

TEST_F(InterruptsTest, UnderNohupAHangupIsNothing) {
  std::signal(SIGHUP, SIG_IGN);
  int hangups = 0;
  const Interrupts interrupts(io_, [&] { ++hangups; });
  ::raise(SIGHUP);
  ::raise(SIGTERM);
  io_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(hangups, 0);
  EXPECT_EQ(interrupts.count(), 1);
  EXPECT_TRUE(interrupts.to_end());
}

}  // namespace
}  // namespace kai
