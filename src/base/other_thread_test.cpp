#include "base/other_thread.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <new>

namespace kai {
namespace {

using namespace std::chrono_literals;

// What `work` gave on a thread of its own within ten seconds.
template <class Work>
std::optional<int> given_by(Work work) {
  boost::asio::io_context io{1};
  const auto clock = make_real_clock(io.get_executor());
  std::optional<int> given;
  boost::asio::co_spawn(io, on_thread_of_its_own(*clock, clock->now() + 10s, std::move(work)),
                        [&given](std::exception_ptr fault, std::optional<int> value) {
                          EXPECT_FALSE(fault);
                          given = value;
                        });
  io.run();
  return given;
}

TEST(OtherThread, GivesWhatItsWorkGives) {
  EXPECT_EQ(given_by([] { return 7; }), 7);
}

// Not the end of the program, as an exception that leaves a thread is otherwise.
TEST(OtherThread, WorkThatThrowsGivesNothing) {
  EXPECT_FALSE(given_by([]() -> int { throw std::bad_alloc(); }));
}

}  // namespace
}  // namespace kai
