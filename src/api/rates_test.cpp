#include "api/rates.h"

#include <gtest/gtest.h>

#include "api/asked_by.h"
#include "api/logins.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class RatesTest : public testing::Test {
 protected:
  void pass(Duration length) {
    Wait wait;
    const auto alarm = clock_.ring_at(clock_.now() + length, wait);
    clock_.advance();
  }
  VirtualClock clock_;
  Rates rates_{clock_};
};

TEST_F(RatesTest, AllowsAMinutesWorthAtOnceAndThenOneByOne) {
  for (int left = 59; left >= 0; --left) {
    const auto verdict = rates_.take("a", 60);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
  }
  const auto refused = rates_.take("a", 60);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.wait, 1s);
  EXPECT_EQ(refused.full, 60s);
  EXPECT_TRUE(rates_.take("b", 60).allowed) << "each for itself";
  pass(1s);
  EXPECT_TRUE(rates_.take("a", 60).allowed);
  EXPECT_FALSE(rates_.take("a", 60).allowed);
  pass(10min);
  EXPECT_EQ(rates_.take("a", 60).remaining, 59);
}

TEST_F(RatesTest, WhoIsRefusedDoesNotWaitLongerForIt) {
  EXPECT_TRUE(rates_.take("a", 1).allowed);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(rates_.take("a", 1).allowed);
  pass(60s);
  EXPECT_TRUE(rates_.take("a", 1).allowed);
}

TEST_F(RatesTest, RemembersABoundedNumber) {
  for (int i = 0; i < 10; ++i) rates_.take("busy", 10);
  for (std::size_t i = 0; i < 3 * Rates::remembered_max; ++i) {
    rates_.take(std::to_string(i), 1'000'000);
    pass(1us);
  }
  EXPECT_LE(rates_.remembered(), Rates::remembered_max);
  EXPECT_FALSE(rates_.take("busy", 10).allowed) << "who used most is remembered longest";
}

TEST(Subject, IsAnAddressOrANetwork) {
  EXPECT_EQ(subject_of("192.168.0.2"), "192.168.0.2");
  EXPECT_EQ(subject_of("::ffff:192.168.0.2"), "192.168.0.2");
  EXPECT_EQ(subject_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(subject_of("2001:db8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_EQ(subject_of(""), "");
}

TEST_F(RatesTest, LoginsEnd) {
  Logins logins(clock_);
  const auto key = hash_of("key");
  const std::string id = logins.begin(key);
  EXPECT_EQ(logins.key_of(id), key);
  for (const auto* wrong : {"", "kai_", "x"}) EXPECT_FALSE(logins.key_of(wrong));
  EXPECT_FALSE(logins.key_of(std::string(8192, 'x')));
  logins.end(id);
  EXPECT_FALSE(logins.key_of(id));
  const std::string other = logins.begin(key);
  pass(Logins::lifetime);
  EXPECT_FALSE(logins.key_of(other));
  const std::string first = logins.begin(key);
  for (std::size_t i = 0; i < Logins::logins_max; ++i) {
    pass(1ms);
    logins.begin(hash_of(std::to_string(i)));
  }
  EXPECT_EQ(logins.size(), Logins::logins_max);
  EXPECT_FALSE(logins.key_of(first));
}

TEST_F(RatesTest, WhoLogsInAgainAndAgainEndsOwnLoginsAlone) {
  Logins logins(clock_);
  const std::string others = logins.begin(hash_of("other"));
  pass(1ms);
  const std::string first = logins.begin(hash_of("key"));
  for (int i = 0; i < 20; ++i) {
    pass(1ms);
    logins.begin(hash_of("key"));
  }
  EXPECT_FALSE(logins.key_of(first));
  EXPECT_TRUE(logins.key_of(others));
  EXPECT_EQ(logins.size(), 21u);
}

TEST(AskedBy, RemembersTheNewest) {
  AskedBy asked;
  asked.note("q_0", "a");
  EXPECT_TRUE(asked.is("q_0", "a"));
  EXPECT_FALSE(asked.is("q_0", "b"));
  asked.note("q_0", "b");
  EXPECT_TRUE(asked.is("q_0", "a")) << "who was first stays";
  for (std::size_t i = 1; i <= AskedBy::remembered_max; ++i) {
    asked.note("q_" + std::to_string(i), "a");
  }
  EXPECT_FALSE(asked.is("q_0", "a"));
  EXPECT_TRUE(asked.is("q_1", "a"));
}

}  // namespace
}  // namespace kai
