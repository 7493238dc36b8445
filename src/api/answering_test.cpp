// A protocol that cannot say what it should: a fault of kai's own, in the middle of a stream.
#include "api/answering.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Speechless final : public Dialect {
 public:
  std::string_view stream_type() const override { return "text/plain"; }
  std::string words(std::string_view, bool) override { throw std::runtime_error("no words"); }
  std::string silence() const override { return "…"; }
  std::string last(const Outcome&) override { return "end"; }
  std::string broken(const Error&) override { return "broken"; }
  std::string whole(const Outcome&) const override { return "whole"; }
  std::string refusal(const Error&) const override { return "refused"; }
};

class AnsweringTest : public testing_api::ApiTest {
 public:
  Task<Reply> converse(http::Exchange& exchange) {
    Speechless dialect;
    wire::ChatRequest request;
    request.model = "kai";
    request.messages = {{Role::user, "Why?"}};
    request.stream = true;
    try {
      co_return co_await answering.converse(exchange, dialect, std::move(request));
    } catch (const std::runtime_error& fault) {
      caught = fault.what();
    }
    co_return http::Response{500, "text/plain", "a fault", {}};
  }

  Answering answering{io.get_executor(), *clock, ServeOptions{}};
  std::string caught;
};

TEST_F(AnsweringTest, WhatThrowsWhileItsQuestionRunsEndsNeitherTheProcessNorTheOthers) {
  script = {event::Started{}, event::Draft{MemberId("small:1b"), "Par", false}};
  gated = true;
  answering.open(backend());
  start_tcp([this](http::Exchange& exchange) { return converse(exchange); });
  run([](AnsweringTest& test) -> Task<void> {
    const auto said = co_await test.post("/", "");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 500 ")) << said;
    EXPECT_EQ(test.caught, "no words");
    EXPECT_EQ(test.running, 0) << "its question was cancelled";
    EXPECT_EQ(test.answering.questions(), 0);
  }(*this));
}

}  // namespace
}  // namespace kai
