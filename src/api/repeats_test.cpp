#include "api/repeats.h"

#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

class RepeatsTest : public testing::Test {
 protected:
  std::string found(const Repeats::Request& request) {
    const auto question = repeats.find(request);
    return question ? question->text : question.error().message;
  }
  void wait_until(Time when) {
    Wait wait;
    const auto alarm = clock.ring_at(when, wait);
    clock.advance();
  }
  VirtualClock clock;
  Repeats repeats{clock};
};

TEST_F(RepeatsTest, KnowsARequestByItsCallerAndKey) {
  EXPECT_EQ(found({"a", "1", "body"}), "");
  repeats.note({"a", "1", "body"}, QueryId("q_1"));
  EXPECT_EQ(found({"a", "1", "body"}), "q_1");
  EXPECT_EQ(found({"b", "1", "body"}), "");
  EXPECT_EQ(found({"a", "2", "body"}), "");
  EXPECT_TRUE(found({"a", "1", "other"}).contains("another body"));
}

TEST_F(RepeatsTest, ForgetsAfterTenMinutesAndBeyondItsBound) {
  repeats.note({"a", "1", ""}, QueryId("q_1"));
  wait_until(clock.now() + Repeats::lifetime - Duration(1));
  EXPECT_EQ(found({"a", "1", ""}), "q_1");
  wait_until(clock.now() + Duration(1));
  EXPECT_EQ(found({"a", "1", ""}), "");
  for (std::size_t at = 0; at <= Repeats::remembered_max; ++at) {
    repeats.note({"b", std::to_string(at), ""}, QueryId("q_" + std::to_string(at)));
  }
  EXPECT_EQ(found({"b", "0", ""}), "");
  EXPECT_EQ(found({"b", "1", ""}), "q_1");
}

class RepeatsOverHttp : public testing_api::ApiTest {
 public:
  Task<std::string> ask(std::string header, std::string body) {
    return say("POST /api/v1/queries HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: " + header,
               std::move(body));
  }
};

TEST_F(RepeatsOverHttp, TheSameQuestionIsAskedOnce) {
  serve_api();
  run([](RepeatsOverHttp& test) -> Task<void> {
    const std::string why = R"({"question":"Why?"})";
    const auto first = co_await test.ask("\"one\"", why);
    EXPECT_TRUE(first.starts_with("HTTP/1.1 202 ") && first.contains(R"("q_1")")) << first;
    for (int again = 0; again < 99; ++again) {
      const auto same = co_await test.ask("\"one\"", why);
      EXPECT_TRUE(same.starts_with("HTTP/1.1 202 ") && same.contains(R"("q_1")")) << same;
    }
    EXPECT_EQ(test.asked, 1);
    const auto other = co_await test.ask("\"one\"", R"({"question":"How?"})");
    EXPECT_TRUE(other.starts_with("HTTP/1.1 422 ")) << other;
    EXPECT_TRUE(other.contains("Idempotency-Key was sent with another body")) << other;
    EXPECT_TRUE((co_await test.ask(std::string(256, 'k'), why)).starts_with("HTTP/1.1 400 "));
    EXPECT_EQ(test.asked, 1);
    EXPECT_TRUE((co_await test.ask("two", why)).contains(R"("q_2")"));
    test.api->close();
    co_await test.api->settle(test.soon());
  }(*this));
}

TEST_F(RepeatsOverHttp, WhatWasRefusedMayComeAgain) {
  gated = true;
  serve_api({.questions_max = 1, .waiting_max = 0});
  run([](RepeatsOverHttp& test) -> Task<void> {
    const std::string why = R"({"question":"Why?"})";
    co_await test.ask("one", why);
    while (test.running == 0)
      co_await test.clock->sleep_until(test.clock->now() + Duration(1000000));
    EXPECT_TRUE((co_await test.ask("two", why)).starts_with("HTTP/1.1 429 "));
    test.gated = false;
    test.gate.resume();
    while (test.running > 0)
      co_await test.clock->sleep_until(test.clock->now() + Duration(1000000));
    EXPECT_TRUE((co_await test.ask("two", why)).starts_with("HTTP/1.1 202 "));
    test.api->close();
    co_await test.api->settle(test.soon());
  }(*this));
}

}  // namespace
}  // namespace kai
