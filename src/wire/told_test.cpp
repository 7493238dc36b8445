// What a server tells, read back: the same as was told, as far as it is shown.
#include "wire/told.h"

#include <gtest/gtest.h>

#include "wire/documents.h"
#include "wire/native_api.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Time asked{5s};

Plan small_plan() {
  Plan plan;
  plan.tier = Tier::expert;
  Ask ask;
  ask.member = MemberId("a#2");
  ask.model = ModelId("a");
  ask.device = DeviceId("cpu");
  plan.asks = {ask};
  plan.left_out = {{ModelId("b"), "too big"}};
  plan.deadline = asked + 30s;
  plan.predicted = 1500ms;
  return plan;
}

// Told again it says the same.
void expect_same(const Event& event) {
  const wire::EventPlace place{7, QueryId("q_1"), asked};
  const std::string text = wire::encode_event(event, place);
  const auto back = wire::decode_event(text, asked);
  ASSERT_TRUE(back) << back.error().message << text;
  ASSERT_TRUE(*back) << text;
  EXPECT_EQ(wire::encode_event(**back, place), text);
}

TEST(Told, EveryStepReadsBackAsItWas) {
  Complexity complexity{0.5, Tier::medium, "two steps"};
  Answer answer;
  answer.member = MemberId("a#2");
  answer.model = ModelId("a");
  answer.device = DeviceId("cpu");
  answer.ending = Ending::failed;
  answer.error = Error{ErrorCode::lane_lost, "it died"};
  answer.timings = {.queued = 1ms, .load = 2ms, .prefill = 3ms, .ttft = 6ms, .total = 9ms};
  Verdict verdict;
  verdict.shape = Shape::number;
  verdict.text = "9.9";
  verdict.author = MemberId("a#2");
  verdict.groups = {{"9.9", {MemberId("a#2")}, 0.7}};
  verdict.agreement = 1;
  verdict.voters = verdict.agreeing = 1;
  verdict.confidence = 0.8;
  verdict.dissent = {{MemberId("b"), "9.11"}};
  verdict.method = "vote";
  const Event events[] = {
      {1ms, event::Waiting{"another kai"}},
      {2ms, event::Queued{MemberId("a#2")}},
      {3ms, event::Loading{MemberId("a#2"), 0.25}},
      {4ms, event::Prefill{MemberId("a#2"), 1}},
      {5ms, event::Token{MemberId("a#2"), "ü\n"}},
      {6ms, event::Draft{MemberId("a#2"), "words", true}},
      {7ms, event::Testing{MemberId("a#2")}},
      {9ms, event::Agreement{verdict, 2, 1}},
      {10ms, event::EarlyStop{"settled"}},
  };
  for (const auto& event : events) expect_same(event);
  const auto started = wire::decode_event(
      wire::encode_event({1ms, event::Started{QueryId("q_1"), complexity, small_plan()}},
                         {7, QueryId("q_1"), asked}),
      asked);
  ASSERT_TRUE(started && *started);
  const Plan& plan = std::get<event::Started>((*started)->what).plan;
  EXPECT_EQ(plan.deadline, asked + 30s);
  EXPECT_EQ(plan.asks[0].member, MemberId("a#2"));
  EXPECT_EQ(plan.left_out[0].why, "too big");
  const auto ended = wire::decode_event(
      wire::encode_event({8ms, event::Ended{answer}}, {7, QueryId("q_1"), asked}), asked);
  ASSERT_TRUE(ended && *ended);
  const Answer& read = std::get<event::Ended>((*ended)->what).answer;
  EXPECT_EQ(read.error->code, ErrorCode::lane_lost);
  EXPECT_EQ(read.timings.total, 9ms);
  EXPECT_EQ(read.timings.ttft, 6ms);
}

TEST(Told, AnOutcomeAsFarAsItIsShown) {
  Outcome outcome;
  outcome.query.id = QueryId("q_1");
  outcome.query.messages = {{Role::user, "Why?"}};
  outcome.error = Error{ErrorCode::deadline, "late"};
  outcome.partial = true;
  outcome.stop_why = "enough";
  outcome.latency = 1234ms;
  outcome.synthesis = Synthesis{.answer = {}, .merged = 2, .refused = "empty"};
  const auto back = wire::decode_event(
      wire::encode_event({1s, event::Completed{outcome}}, {7, QueryId("q_1"), asked}), asked);
  ASSERT_TRUE(back && *back) << back.error().message;
  const Outcome& read = std::get<event::Completed>((*back)->what).outcome;
  EXPECT_EQ(read.error->code, ErrorCode::deadline);
  EXPECT_EQ(read.error->message, "late");
  EXPECT_TRUE(read.partial);
  EXPECT_EQ(read.stop_why, "enough");
  EXPECT_EQ(read.latency, 1234ms);
  EXPECT_EQ(read.synthesis->refused, "empty");
}

TEST(Told, WhatIsNotShownAndWhatIsNoEvent) {
  const auto newer = wire::decode_event(R"({"type":"query.dreamt","seq":1,"t_ms":2})", asked);
  ASSERT_TRUE(newer);
  EXPECT_FALSE(*newer);
  EXPECT_FALSE(wire::decode_event("{}", asked));
  EXPECT_FALSE(wire::decode_event("nonsense", asked));
  EXPECT_FALSE(wire::decode_event(R"({"type":"member.token","member":3})", asked));
}

TEST(Told, AQuestionIsAskedAsItWasMeant) {
  Query query;
  query.messages = {{Role::user, "Why?"}};
  query.tier = Tier::complex;
  query.mode = Mode::all;
  query.models = {ModelId("a")};
  query.time_limit = 1500ms;
  query.synthesize = true;
  query.seed = 18446744073709551615u;
  const auto asking = wire::native::decode_asking(wire::native::encode_asking(query, true));
  ASSERT_TRUE(asking) << asking.error().message;
  EXPECT_EQ(asking->chat.messages[0].text, "Why?");
  EXPECT_EQ(asking->chat.tier, Tier::complex);
  EXPECT_EQ(asking->chat.mode, Mode::all);
  EXPECT_EQ(asking->chat.members, query.models);
  EXPECT_EQ(asking->chat.deadline, query.time_limit);
  EXPECT_EQ(asking->chat.seed, query.seed);
  EXPECT_TRUE(asking->synthesize);
  EXPECT_FALSE(wire::native::decode_asking(wire::native::encode_asking(query, false))->chat.seed);
  EXPECT_EQ(wire::native::decode_taken(wire::native::encode_taken(QueryId("q_1"))), QueryId("q_1"));
  const auto error =
      wire::native::decode_refusal(wire::encode_error({ErrorCode::nothing_fits, "too big"}));
  EXPECT_EQ(error.code, ErrorCode::nothing_fits);
  EXPECT_EQ(error.message, "too big");
  EXPECT_EQ(wire::native::decode_refusal("<html>").code, ErrorCode::internal);
}

}  // namespace
}  // namespace kai
