#include "cli/log_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <sstream>
#include <string>

namespace kai {
namespace {

enum class Kind { pipe, socket, terminal };

class LogOutputTo : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    std::array<int, 2> ends{-1, -1};
    if (GetParam() == Kind::pipe) {
      ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    } else if (GetParam() == Kind::socket) {
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    } else {
      ends[0] = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
      ASSERT_TRUE(ends[0] >= 0 && ::grantpt(ends[0]) == 0 && ::unlockpt(ends[0]) == 0);
      ends[1] = ::open(::ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    reader_ = ends[0];
    writer_ = ends[1];
    ASSERT_GE(writer_, 0);
  }
  void TearDown() override {
    ::close(reader_);
    ::close(writer_);
  }
  // All that is there.
  std::string read_all() const {
    std::string text;
    std::array<char, 65536> block;
    // A terminal passes on what was written a little later.
    constexpr int quiet_ms = 100;
    for (pollfd input{reader_, POLLIN, 0}; ::poll(&input, 1, quiet_ms) == 1;) {
      const ssize_t count = ::read(reader_, block.data(), block.size());
      if (count <= 0) break;
      text.append(block.data(), static_cast<std::size_t>(count));
    }
    std::erase(text, '\r');  // a terminal's
    return text;
  }

  int reader_ = -1, writer_ = -1;
};

TEST_P(LogOutputTo, WaitsForNobodyAndTellsWhatWasLost) {
  LogOutput log(writer_);
  log.line("first\n");
  EXPECT_EQ(read_all(), "first\n");
  const std::string long_line = std::string(999, 'x') + '\n';
  constexpr int lines = 2000;
  for (int line = 0; line < lines; ++line) log.line(long_line);
  const std::string read = read_all();
  log.line("last\n");
  const std::string rest = read_all();
  EXPECT_EQ(rest.starts_with('\n'), !read.ends_with('\n')) << "a line begins at its beginning";
  EXPECT_TRUE(rest.ends_with("nobody read\nlast\n")) << rest;
  // A terminal makes room now and then: it may be told more than once.
  int whole = 0, lost = 0;
  std::istringstream all(read + rest);
  for (std::string line; std::getline(all, line);) {
    if (line + '\n' == long_line) ++whole;
    if (line.starts_with("kai: ")) lost += std::stoi(line.substr(5));
  }
  EXPECT_GT(lost, 0);
  EXPECT_EQ(whole + lost, lines);
  log.line("more\n");
  EXPECT_EQ(read_all(), "more\n");
}

TEST_P(LogOutputTo, LeavesTheFlagsThatOthersShare) {
  LogOutput log(writer_);
  EXPECT_EQ(::fcntl(writer_, F_GETFL) & O_NONBLOCK, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, LogOutputTo,
                         testing::Values(Kind::pipe, Kind::socket, Kind::terminal));

}  // namespace
}  // namespace kai
