#include "base/telling_faults.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <vector>

namespace kai {
namespace {

Task<bool> works() {
  co_return true;
}
Task<bool> throws() {
  throw std::runtime_error("out of paper");
  co_return true;
}

bool run(Task<bool> task) {
  boost::asio::io_context io;
  bool value = false;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr fault, bool result) {
    EXPECT_FALSE(fault);
    value = result;
  });
  io.run();
  return value;
}

TEST(TellingFaults, ATaskThatThrowsSaysSo) {
  std::vector<std::string> told;
  const auto tell = [&](std::string words) { told.push_back(std::move(words)); };
  EXPECT_TRUE(run(telling_faults(works(), "no models leave", tell)));
  EXPECT_TRUE(told.empty());
  EXPECT_FALSE(run(telling_faults(throws(), "no models leave", tell)));
  EXPECT_EQ(told, std::vector<std::string>{"a fault of kai's own, please report it: out of paper; "
                                           "no models leave until it is started again"});
  EXPECT_FALSE(run(telling_faults(throws(), "", {}))) << "nobody to tell";
}

TEST(TellingFaults, AStepThatThrowsIsToldAndTheNextOneComes) {
  std::vector<std::string> told;
  const auto tell = [&](std::string words) { told.push_back(std::move(words)); };
  tell_faults([] { throw std::runtime_error("the disk is gone"); }, tell);
  tell_faults([] {}, tell);
  EXPECT_EQ(told,
            std::vector<std::string>{"a fault of kai's own, please report it: the disk is gone"});
}

}  // namespace
}  // namespace kai
