#include "wire/recorded.h"

#include <gtest/gtest.h>

#include "wire/documents.h"

namespace kai {
namespace {

Ask ask_of(const std::string& name, double weight) {
  Ask ask;
  ask.member = MemberId(name);
  ask.model = ModelId(name.substr(0, name.find('#')));
  ask.sample = name.contains('#') ? 2 : 1;
  ask.weight = weight;
  return ask;
}

Answer answer_of(const Ask& ask, const std::string& text, Ending ending = Ending::complete) {
  Answer answer;
  answer.member = ask.member;
  answer.model = ask.model;
  answer.sample = ask.sample;
  answer.digest = "0123456789abcdef";
  answer.ending = ending;
  answer.text = text;
  return answer;
}

// Two plans; of the second, one member never ran.
Outcome outcome() {
  Outcome outcome;
  outcome.query.id = QueryId("q_1");
  outcome.query.messages = {{Role::user, "How much is 7 + 5?"}};
  outcome.plans.resize(2);
  outcome.plans[0].asks = {ask_of("a", 0.1)};
  outcome.plans[1].asks = {ask_of("b", 0.442026), ask_of("c", 1), ask_of("b#2", 0.442026)};
  outcome.answers = {answer_of(outcome.plans[0].asks[0], "", Ending::failed),
                     answer_of(outcome.plans[1].asks[2], "12"),
                     answer_of(outcome.plans[1].asks[0], "It is\n\x1b[1m twelve \xE2\x9C\x93")};
  outcome.verdict.shape = Shape::number;
  outcome.verdict.text = "12";
  outcome.verdict.author = MemberId("b#2");
  outcome.verdict.groups = {{"12", {MemberId("b#2"), MemberId("b")}, 0.663039}};
  outcome.verdict.voters = outcome.verdict.agreeing = 2;
  outcome.verdict.agreement = 1;
  outcome.verdict.method = "vote";
  outcome.verdict.confidence = 0.75;
  outcome.verdict.dissent = {{MemberId("c"), "13"}};
  outcome.verdict.abstained = {MemberId("d")};
  return outcome;
}

TEST(Recorded, ComesBackFromItsDocument) {
  const auto recorded = wire::decode_recorded(wire::encode_outcome(outcome()));
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_EQ(recorded->id.text, "q_1");
  EXPECT_EQ(recorded->question, "How much is 7 + 5?");
  EXPECT_EQ(recorded->shape, Shape::number);
  ASSERT_EQ(recorded->asks.size(), 3u);  // of the last plan, in its order
  EXPECT_EQ(recorded->asks[0].member.text, "b");
  EXPECT_EQ(recorded->asks[1].member.text, "c");
  EXPECT_EQ(recorded->asks[2].member.text, "b#2");
  EXPECT_EQ(recorded->asks[2].weight, 0.442026);
  ASSERT_EQ(recorded->answers.size(), 3u);  // what never ran has none
  EXPECT_EQ(recorded->answers[0].ending, Ending::failed);
  EXPECT_EQ(recorded->answers[2].text, "It is\n\x1b[1m twelve \xE2\x9C\x93");
  EXPECT_EQ(recorded->answers[2].digest, "0123456789abcdef");
  EXPECT_EQ(wire::encode_verdict(recorded->verdict), wire::encode_verdict(outcome().verdict));
}

TEST(Recorded, TellsWhatWasPredictedAndWhatItTook) {
  Outcome whole = outcome();
  whole.plans[0].predicted = std::chrono::milliseconds(1500);
  whole.plans[0].predicted_p90 = std::chrono::milliseconds(2500);
  whole.latency = std::chrono::milliseconds(2000);
  const auto prediction = wire::decode_prediction(wire::encode_outcome(whole));
  ASSERT_TRUE(prediction) << prediction.error().message;
  EXPECT_EQ(prediction->predicted, std::chrono::milliseconds(1500));
  EXPECT_EQ(prediction->predicted_p90, std::chrono::milliseconds(2500));
  EXPECT_EQ(prediction->latency, std::chrono::milliseconds(2000));
  EXPECT_EQ(prediction->asked, 4);  // one failed, one never ran
  EXPECT_EQ(prediction->whole, 2);
  whole.plans.clear();
  EXPECT_FALSE(wire::decode_prediction(wire::encode_outcome(whole)));
}

TEST(Recorded, KeepsWhatCameOfRunningItsCode) {
  Outcome tested = outcome();
  tested.answers[1].run = {.passed = 2, .failed = 1, .why = "f(2) == 4: gave 5", .outputs = "0a"};
  tested.answers[2].run = RunResult{};
  const auto recorded = wire::decode_recorded(wire::encode_outcome(tested));
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_EQ(recorded->answers[0].run, std::nullopt);
  EXPECT_EQ(recorded->answers[1].run, tested.answers[1].run);
  EXPECT_EQ(recorded->answers[2].run, tested.answers[2].run);
}

// Though it had stated an answer by then, it was not heard.
TEST(Recorded, WhoWasStoppedHasNoAnswer) {
  Outcome stopped = outcome();
  stopped.answers.push_back(answer_of(stopped.plans[1].asks[1], "13.", Ending::cancelled));
  const auto recorded = wire::decode_recorded(wire::encode_outcome(stopped));
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_EQ(recorded->answers.size(), 3u);
  EXPECT_EQ(recorded->asks.size(), 3u);
}

TEST(Recorded, AQuestionThatNeverCameToAPlanHasNoAsks) {
  Outcome refused;
  refused.query.id = QueryId("q_2");
  refused.query.messages = {{Role::user, ""}};
  refused.error = Error{ErrorCode::invalid_request, "empty"};
  const auto recorded = wire::decode_recorded(wire::encode_outcome(refused));
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_TRUE(recorded->asks.empty());
  EXPECT_TRUE(recorded->answers.empty());
}

TEST(Recorded, OtherDocumentsAreRefused) {
  const std::string good = wire::encode_outcome(outcome());
  struct Case {
    const char* from;
    const char* to;
  };
  for (const auto& [from, to] :
       {Case{"kai.answer.v1", "kai.answer.v9"}, Case{R"("shape":"number")", R"("shape":"poem")"},
        Case{R"("ending":"failed")", R"("ending":"gone")"},
        Case{R"("weight":0.1)", R"("weight":-1)"}, Case{R"("order":0)", R"("order":-1)"},
        Case{R"("members":[{)", R"("members":[7,{)"},
        Case{R"("question":")", R"("question":7,"x":")"}}) {
    std::string text = good;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, std::string_view(from).size(), to);
    const auto recorded = wire::decode_recorded(text);
    ASSERT_FALSE(recorded) << from;
    EXPECT_EQ(recorded.error().code, ErrorCode::invalid_request);
  }
}

TEST(Recorded, FeedbackComesBack) {
  for (const auto& [kind, answer] : {std::pair{Feedback::Kind::good, ""},
                                     {Feedback::Kind::bad, ""},
                                     {Feedback::Kind::answer, "9.9 \"quoted\""}}) {
    const auto back = wire::decode_feedback(wire::encode_feedback({kind, answer}));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->kind, kind);
    EXPECT_EQ(back->answer, answer);
  }
  EXPECT_FALSE(wire::decode_feedback(R"({"kind":"maybe"})"));
  EXPECT_FALSE(wire::decode_feedback(R"({"kind":"answer"})"));
  EXPECT_FALSE(wire::decode_feedback(""));
}

}  // namespace
}  // namespace kai
