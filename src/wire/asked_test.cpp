#include "wire/asked.h"

#include <gtest/gtest.h>

#include "wire/documents.h"

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

Outcome an_outcome() {
  Outcome outcome;
  outcome.query.id = QueryId("q_1");
  outcome.query.messages = {{Role::user, "What is 7 + 5?"}};
  outcome.query.mode = Mode::all;
  outcome.query.tier = Tier::medium;
  outcome.latency = 2500ms;
  outcome.verdict.shape = Shape::number;
  outcome.verdict.agreement = 0.5;
  Plan plan;
  plan.tier = Tier::medium;
  for (const char* name : {"a", "b", "c", "d"}) {
    Ask ask;
    ask.member = MemberId(name);
    ask.model = ModelId(name);
    plan.asks.push_back(ask);
    if (name == std::string("d")) break;  // it never ran
    Answer answer;
    answer.member = ask.member;
    answer.model = ModelId(name == std::string("c") ? "b" : name);
    answer.device = DeviceId("cpu");
    answer.ending = name == std::string("a") ? Ending::cancelled : Ending::complete;
    answer.timings.load = name == std::string("a") ? 0ms : 300ms;
    answer.timings.prefill = 100ms;
    answer.timings.decode = 400ms;
    outcome.answers.push_back(answer);
  }
  outcome.plans.push_back(plan);
  return outcome;
}

TEST(Asked, ReadsWhatAnOutcomeTook) {
  const auto asked = decode_asked(encode_outcome(an_outcome()));
  ASSERT_TRUE(asked.has_value()) << asked.error().message;
  EXPECT_EQ(asked->id, QueryId("q_1"));
  EXPECT_EQ(asked->tier, Tier::medium);
  EXPECT_EQ(asked->mode, Mode::all);
  EXPECT_EQ(asked->kind, Shape::number);
  EXPECT_FALSE(asked->members_chosen);
  EXPECT_TRUE(asked->answered);
  EXPECT_EQ(asked->latency, 2500ms);
  EXPECT_EQ(asked->asked, 4);
  EXPECT_EQ(asked->heard, 2);
  EXPECT_EQ(asked->work, 1500ms);
  ASSERT_EQ(asked->loaded.size(), 1u);  // two voices of one model load it once
  EXPECT_EQ(asked->loaded.front().first, ModelId("b"));
}

TEST(Asked, KnowsAFailureAndChosenMembers) {
  Outcome outcome = an_outcome();
  outcome.error = Error{ErrorCode::deadline, "late"};
  outcome.query.models = {ModelId("a")};
  const auto asked = decode_asked(encode_outcome(outcome));
  ASSERT_TRUE(asked.has_value());
  EXPECT_FALSE(asked->answered);
  EXPECT_TRUE(asked->members_chosen);
}

TEST(Asked, OfSomethingElseIsAnError) {
  for (const char* text : {"", "[]", "{}", R"({"id": "q", "tier": "none"})"}) {
    const auto asked = decode_asked(text);
    ASSERT_FALSE(asked.has_value()) << text;
    EXPECT_EQ(asked.error().code, ErrorCode::invalid_request);
  }
}

}  // namespace
}  // namespace kai::wire
