#include "api/admission.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>

#include "base/task_group.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// Questions that come one after the other, in virtual time.
class AdmissionTest : public testing::Test {
 protected:
  struct Guest {
    std::optional<Result<Admission::Turn>> got;
    std::size_t task = 0;
    bool in() const { return got && got->has_value(); }
    ErrorCode why() const { return got && !*got ? got->error().code : ErrorCode::internal; }
  };

  ~AdmissionTest() override {
    group_.cancel_all();
    settle();
  }

  Guest& come(Duration patience = 1h) { return come_as("", patience); }
  Guest& come_as(std::string caller, Duration patience = 1h) {
    Guest& guest = guests_.emplace_back();
    guest.task = group_.start(enter(guest, std::move(caller), clock_.now() + patience));
    settle();
    return guest;
  }
  Task<bool> enter(Guest& guest, std::string caller, Time until) {
    guest.got.emplace(co_await admission_.enter(std::move(caller), until));
    co_return true;
  }
  void settle() {
    io_.restart();
    io_.poll();
  }
  void go(Guest& guest) {
    guest.got.reset();
    settle();
  }

  boost::asio::io_context io_{1};
  VirtualClock clock_;
  Admission admission_{clock_, 2, 2};
  TaskGroup<bool> group_{io_.get_executor()};
  std::deque<Guest> guests_;
};

TEST_F(AdmissionTest, PlacesThatAreAddedGoToWhoWaits) {
  come();
  come();
  Guest& c = come();
  Guest& d = come();
  admission_.allow(3, 2);
  settle();
  EXPECT_TRUE(c.in());
  EXPECT_FALSE(d.got);
  EXPECT_EQ(admission_.running(), 3);
}

TEST_F(AdmissionTest, PlacesThatAreTakenAwayAreNotPassedOn) {
  Guest& a = come();
  Guest& b = come();
  Guest& c = come();
  admission_.allow(1, 2);
  go(a);
  EXPECT_FALSE(c.got);
  EXPECT_EQ(admission_.running(), 1);
  go(b);
  EXPECT_TRUE(c.in());
  EXPECT_EQ(admission_.running(), 1);
}

TEST_F(AdmissionTest, WhoComesFirstIsServedFirst) {
  Guest& a = come();
  Guest& b = come();
  Guest& c = come();
  Guest& d = come();
  EXPECT_TRUE(a.in() && b.in());
  EXPECT_FALSE(c.got || d.got);
  EXPECT_EQ(admission_.waiting(), 2);
  go(b);
  EXPECT_TRUE(c.in());
  EXPECT_FALSE(d.got);
  go(a);
  EXPECT_TRUE(d.in());
  EXPECT_EQ(admission_.running(), 2);
  go(c);
  go(d);
  EXPECT_EQ(admission_.running(), 0);
}

TEST_F(AdmissionTest, TooManyAreRefusedAtOnce) {
  for (int guest = 0; guest < 4; ++guest) come();
  EXPECT_EQ(come().why(), ErrorCode::overloaded);
}

TEST_F(AdmissionTest, NobodyWaitsBeyondItsPatience) {
  come();
  come();
  Guest& late = come(5s);
  while (!late.got && clock_.advance()) settle();
  EXPECT_EQ(late.why(), ErrorCode::overloaded);
  EXPECT_EQ(admission_.waiting(), 0);
}

TEST_F(AdmissionTest, WhoLeavesLosesNoPlaceOfOthers) {
  Guest& a = come();
  come();
  Guest& leaves = come();
  Guest& stays = come();
  group_.cancel(leaves.task);
  settle();
  EXPECT_EQ(leaves.why(), ErrorCode::cancelled);
  go(a);
  EXPECT_TRUE(stays.in());
}

TEST_F(AdmissionTest, CallersThatWaitGetTurnsInRotation) {
  admission_.allow(1, 32);
  Guest& first = come_as("a");
  Guest& a1 = come_as("a");
  Guest& a2 = come_as("a");
  Guest& a3 = come_as("a");
  Guest& b1 = come_as("b");
  Guest& b2 = come_as("b");
  Guest& c1 = come_as("c");
  Guest* before = &first;
  for (Guest* next : {&a1, &b1, &c1, &a2, &b2, &a3}) {
    go(*before);
    ASSERT_TRUE(next->in());
    EXPECT_EQ(admission_.running(), 1);
    before = next;
  }
  EXPECT_EQ(admission_.waiting(), 0);
}

TEST_F(AdmissionTest, WhoGivesUpHoldsNoTurnForItsOthers) {
  admission_.allow(1, 32);
  Guest& first = come_as("a");
  Guest& a1 = come_as("a");
  Guest& b1 = come_as("b");
  Guest& c1 = come_as("c");
  group_.cancel(a1.task);
  group_.cancel(b1.task);
  settle();
  Guest& b2 = come_as("b");
  Guest& a2 = come_as("a");
  Guest* before = &first;
  for (Guest* next : {&c1, &b2, &a2}) {
    go(*before);
    ASSERT_TRUE(next->in());
    before = next;
  }
}

TEST_F(AdmissionTest, NobodyFillsAllPlaces) {
  admission_.allow(1, 8);
  come_as("a");
  const auto waiting_of = [&](const std::string& caller) {
    int in = 0;
    while (!admission_.full(caller)) {
      EXPECT_FALSE(come_as(caller).got);
      ++in;
    }
    EXPECT_EQ(come_as(caller).why(), ErrorCode::overloaded);
    return in;
  };
  EXPECT_EQ(waiting_of("a"), 4);
  EXPECT_EQ(waiting_of("b"), 2);
  EXPECT_EQ(waiting_of("c"), 1);
  EXPECT_EQ(admission_.waiting(), 7);
  EXPECT_FALSE(admission_.full("d")) << "one is left for whoever comes";
}

TEST_F(AdmissionTest, TheOneUserOfThisMachineMayFillThem) {
  admission_.allow(1, 8);
  for (int guest = 0; guest < 9; ++guest) {
    EXPECT_FALSE(admission_.full("")) << guest;
    come();
  }
  EXPECT_TRUE(admission_.full(""));
}

TEST_F(AdmissionTest, SaysWhenToComeAgain) {
  for (int turn = 0; turn < 100; ++turn) admission_.note(10s);
  EXPECT_EQ(admission_.come_again(), 4s) << "10 s for one of two at a time, and rounding";
  for (int turn = 0; turn < 100; ++turn) admission_.note(1h);
  EXPECT_EQ(admission_.come_again(), 60s);
  for (int turn = 0; turn < 100; ++turn) admission_.note(1ms);
  EXPECT_EQ(admission_.come_again(), 1s);
}

}  // namespace
}  // namespace kai
