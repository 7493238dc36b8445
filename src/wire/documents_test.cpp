#include "wire/documents.h"

#include <gtest/gtest.h>
#include <utf8.h>

#include <limits>

namespace kai {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Ask ask_of(const char* member, const char* model, int sample, double weight) {
  Ask ask;
  ask.member = MemberId(member);
  ask.model = ModelId(model);
  ask.sample = sample;
  ask.device = DeviceId("cpu");
  ask.weight = weight;
  ask.prompt = Tokens(20);
  ask.answer_max = Tokens(128);
  ask.prefill = milliseconds(40);
  ask.decode = milliseconds(160);
  return ask;
}

Answer answer_of(const Ask& ask, Ending ending, const char* text) {
  Answer answer;
  answer.member = ask.member;
  answer.model = ask.model;
  answer.sample = ask.sample;
  answer.device = ask.device;
  answer.ending = ending;
  answer.text = text;
  return answer;
}

// Three members: one agrees, one fails, one was planned and never ran.
Outcome small_outcome() {
  Outcome outcome;
  outcome.query.id = QueryId("q_01JAAAAAAAAAAAAAAAAAAAAAAA");
  outcome.query.messages = {{Role::user, "What is the capital of France?"}};
  outcome.query.seed = std::numeric_limits<std::uint64_t>::max();
  outcome.query.asked = Time(std::chrono::seconds(100));
  outcome.asked = WallTime(milliseconds(1'772'366'400'250));
  outcome.complexity = {0.125, Tier::simple, "short"};
  Plan plan;
  plan.asks = {ask_of("a", "a", 1, 0.75), ask_of("b", "b", 1, 0.5), ask_of("a#2", "a", 2, 0.25)};
  plan.left_out = {{ModelId("c"), "needs 9 GiB, 4 GiB are free"}};
  plan.deadline = outcome.query.asked + std::chrono::seconds(30);
  plan.predicted = milliseconds(400);
  plan.predicted_p90 = milliseconds(500);
  outcome.plans = {plan};
  Answer good = answer_of(plan.asks[0], Ending::complete, "Paris.");
  good.timings = {microseconds(1'500), milliseconds(200), milliseconds(40),
                  milliseconds(100),   milliseconds(260), microseconds(341'500)};
  good.usage = {Tokens(21), Tokens(3)};
  good.logprob_mean = -0.25;
  Answer bad = answer_of(plan.asks[1], Ending::failed, "");
  bad.error = Error{ErrorCode::lane_lost, "the worker of b died"};
  outcome.answers = {bad, good};
  outcome.verdict.shape = Shape::short_text;
  outcome.verdict.text = "Paris.";
  outcome.verdict.author = MemberId("a");
  outcome.verdict.groups = {{"paris", {MemberId("a")}, 0.75}};
  outcome.verdict.agreement = 1;
  outcome.verdict.voters = 1;
  outcome.verdict.agreeing = 1;
  outcome.verdict.method = "vote";
  outcome.stop_why = "nothing left could change the answer";
  outcome.latency = microseconds(350'250);
  return outcome;
}

constexpr const char* golden = R"({
  "schema": "kai.answer.v1",
  "id": "q_01JAAAAAAAAAAAAAAAAAAAAAAA",
  "asked": "2026-03-01T12:00:00.250Z",
  "question": "What is the capital of France?",
  "text": "Paris.",
  "author": "a",
  "drafted_by": null,
  "agreement": 1,
  "confidence": null,
  "error": null,
  "partial": false,
  "stop_why": "nothing left could change the answer",
  "asked_why": null,
  "latency_ms": 350.25,
  "tier": "simple",
  "models_asked": ["b","a"],
  "models_answered": ["a"],
  "query": {
    "messages": 1,
    "tier": null,
    "mode": "adaptive",
    "models": [],
    "seed": "18446744073709551615",
    "time_limit_ms": null,
    "answer_max": null
  },
  "complexity": {"difficulty":0.125,"tier":"simple","why":"short"},
  "plan": {
    "tier": "simple",
    "mode": "adaptive",
    "members": 3,
    "predicted_ms": 400,
    "predicted_p90_ms": 500,
    "deadline_ms": 30000,
    "fallbacks": 0,
    "left_out": [
      {"model":"c","why":"needs 9 GiB, 4 GiB are free"}
    ]
  },
  "verdict": {
    "shape": "short",
    "method": "vote",
    "text": "Paris.",
    "author": "a",
    "agreement": 1,
    "confidence": null,
    "voters": 1,
    "agreeing": 1,
    "groups": [
      {
        "answer": "paris",
        "members": ["a"],
        "weight": 0.75
      }
    ],
    "dissent": [],
    "abstained": []
  },
  "synthesis": null,
  "members": [
    {
      "member": "b",
      "model": "b",
      "model_digest": null,
      "sample": 1,
      "device": "cpu",
      "ending": "failed",
      "error": {"code":"lane_lost","message":"the worker of b died"},
      "text": "",
      "queued_ms": 0,
      "load_ms": 0,
      "prefill_ms": 0,
      "decode_ms": 0,
      "ttft_ms": null,
      "total_ms": 0,
      "prompt_tokens": 0,
      "answer_tokens": 0,
      "tokens_per_second": null,
      "logprob_mean": null,
      "answered": false,
      "stance": "none",
      "round": 0,
      "order": 1,
      "weight": 0.5,
      "predicted_ms": 200
    },
    {
      "member": "a",
      "model": "a",
      "model_digest": null,
      "sample": 1,
      "device": "cpu",
      "ending": "complete",
      "error": null,
      "text": "Paris.",
      "queued_ms": 1.5,
      "load_ms": 200,
      "prefill_ms": 40,
      "decode_ms": 100,
      "ttft_ms": 260,
      "total_ms": 341.5,
      "prompt_tokens": 21,
      "answer_tokens": 3,
      "tokens_per_second": 30,
      "logprob_mean": -0.25,
      "answered": true,
      "stance": "agrees",
      "round": 0,
      "order": 0,
      "weight": 0.75,
      "predicted_ms": 200
    },
    {
      "member": "a#2",
      "model": "a",
      "model_digest": null,
      "sample": 2,
      "device": "cpu",
      "ending": "not_run",
      "error": null,
      "text": "",
      "queued_ms": 0,
      "load_ms": 0,
      "prefill_ms": 0,
      "decode_ms": 0,
      "ttft_ms": null,
      "total_ms": 0,
      "prompt_tokens": 0,
      "answer_tokens": 0,
      "tokens_per_second": null,
      "logprob_mean": null,
      "answered": false,
      "stance": "none",
      "round": 0,
      "order": 2,
      "weight": 0.25,
      "predicted_ms": 200
    }
  ]
})";

TEST(Documents, OutcomeIsTheGoldenOne) {
  EXPECT_EQ(wire::pretty(wire::encode_outcome(small_outcome())), golden);
}

TEST(Documents, OutcomeIsOneLine) {
  const std::string line = wire::encode_outcome(small_outcome());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(line.starts_with(R"({"schema":"kai.answer.v1","id":"q_01)"));
}

TEST(Documents, FailedQuestionHasNoTextButItsError) {
  Outcome outcome = small_outcome();
  outcome.error = Error{ErrorCode::deadline, "no member answered in time"};
  const std::string line = wire::encode_outcome(outcome);
  EXPECT_NE(line.find(R"("text":null,"author":null,)"), std::string::npos);
  EXPECT_NE(line.find(R"("error":{"code":"deadline","message":"no member answered in time"})"),
            std::string::npos);
}

TEST(Documents, OutcomeBeforeAnyPlanIsWhole) {
  const std::string line = wire::encode_outcome(Outcome{});
  EXPECT_NE(line.find(R"("plan":null)"), std::string::npos);
  EXPECT_NE(line.find(R"("members":[])"), std::string::npos);
}

TEST(Documents, FallbackMembersNameTheirRound) {
  Outcome outcome = small_outcome();
  Plan again;
  again.asks = {ask_of("a", "a", 1, 0.5)};
  again.left_out = {{ModelId("b"), "failed before"}, outcome.plans[0].left_out[0]};
  outcome.plans.push_back(again);
  outcome.answers.push_back(answer_of(again.asks[0], Ending::token_limit, "Paris"));
  const std::string line = wire::encode_outcome(outcome);
  EXPECT_NE(line.find(R"("fallbacks":1,"left_out":[{"model":"c","why":"needs 9 GiB, 4 GiB are )"
                      R"(free"},{"model":"b","why":"failed before"}])"),
            std::string::npos);
  EXPECT_NE(line.find(R"("round":1,"order":0,"weight":0.5,)"), std::string::npos);
}

TEST(Documents, CutAnswerCountsAsAnsweredOnlyWhereItVoted) {
  Outcome outcome = small_outcome();
  outcome.answers[1].ending = Ending::deadline;
  EXPECT_NE(wire::encode_outcome(outcome).find(R"("answered":true)"), std::string::npos);
  outcome.verdict.groups.clear();
  EXPECT_EQ(wire::encode_outcome(outcome).find(R"("answered":true)"), std::string::npos);
}

TEST(Documents, InvalidUtf8BecomesReplacementCharacters) {
  const char* broken[] = {
      "a\xFFz",    "a\xC3z", "a\xED\xA0\x80z", "a\xF8\x88\x80\x80\x80z", "a\xC0\xAFz",
      "a\xE2\x82", "\x80"};
  for (const char* text : broken) {
    Outcome outcome = small_outcome();
    outcome.verdict.text = text;
    outcome.query.messages[0].text = text;
    outcome.answers[0].error->message = text;
    outcome.answers[1].text = text;
    const std::string line = wire::encode_outcome(outcome);
    EXPECT_TRUE(utf8::is_valid(line.begin(), line.end())) << text;
    EXPECT_NE(line.find("\xEF\xBF\xBD"), std::string::npos) << text;
  }
}

TEST(Documents, TerminalControlsAreEscaped) {
  struct Case {
    const char* text;
    const char* escaped;
  };
  const Case cases[] = {{"\x1B[2J", "\\u001b[2J"},  // escape sequence
                        {"\xC2\x9B"
                         "2J",
                         "\\u009b2J"},                // the same as one character
                        {"\x7F", "\\u007f"},          // delete
                        {"\xE2\x80\xAE", "\\u202e"},  // right-to-left override
                        {"\xE2\x81\xA6", "\\u2066"},  // isolate
                        {"\xC3\xA9\xE2\x82\xAC", "\xC3\xA9\xE2\x82\xAC"}};  // é€ stay
  for (const auto& [text, escaped] : cases) {
    EXPECT_EQ(wire::encode_error({ErrorCode::internal, text}),
              std::string(R"({"error":{"code":"internal","message":")") + escaped + "\"}}");
  }
}

TEST(Documents, NumbersThatAreNotFiniteBecomeNull) {
  Outcome outcome = small_outcome();
  outcome.verdict.agreement = std::numeric_limits<double>::quiet_NaN();
  outcome.verdict.confidence = std::numeric_limits<double>::infinity();
  EXPECT_NE(wire::encode_outcome(outcome).find(R"("agreement":null,"confidence":null)"),
            std::string::npos);
}

TEST(Documents, EveryEventHasItsGoldenLine) {
  Complexity hard{0.5, Tier::medium, "two parts"};
  Plan plan;
  plan.asks = {ask_of("a", "a", 1, 0.75)};
  plan.predicted = milliseconds(200);
  plan.predicted_p90 = milliseconds(300);
  Verdict verdict;
  verdict.shape = Shape::number;
  const std::string plan_json =
      R"({"tier":"simple","mode":"adaptive","predicted_ms":200,"predicted_p90_ms":300,)"
      R"("asks":[{"member":"a","model":"a",)"
      R"("sample":1,"device":"cpu","share":1,"weight":0.75,"prompt_tokens":20,"answer_max":128,)"
      R"("start_ms":0,"load_ms":0,"wait_ms":0,"prefill_ms":40,"decode_ms":160}],"left_out":[]})";
  struct Case {
    Event event;
    std::string line;
  };
  const Case cases[] = {
      {{microseconds(1'250), event::Started{QueryId("q_1"), hard, plan}},
       R"({"type":"query.started","t_ms":1.25,"id":"q_1","complexity":{"difficulty":0.5,)"
       R"("tier":"medium","why":"two parts"},"plan":)" +
           plan_json + "}"},
      {{milliseconds(2), event::Fallback{"no valid answer", plan}},
       R"({"type":"query.fallback","t_ms":2,"why":"no valid answer","plan":)" + plan_json + "}"},
      {{milliseconds(3), event::DeviceChanged{"gpu0: full", {{MemberId("a"), DeviceId("cpu")}}}},
       R"({"type":"device.changed","t_ms":3,"what":"gpu0: full",)"
       R"("moves":[{"member":"a","device":"cpu"}]})"},
      {{milliseconds(3), event::Waiting{"another kai holds cpu"}},
       R"({"type":"query.waiting","t_ms":3,"why":"another kai holds cpu"})"},
      {{milliseconds(4), event::Queued{MemberId("a")}},
       R"({"type":"member.queued","t_ms":4,"member":"a"})"},
      {{milliseconds(5), event::Loading{MemberId("a"), 0.5}},
       R"({"type":"member.loading","t_ms":5,"member":"a","progress":0.5})"},
      {{milliseconds(6), event::Prefill{MemberId("a"), 1}},
       R"({"type":"member.prefill","t_ms":6,"member":"a","progress":1})"},
      {{milliseconds(7), event::Token{MemberId("a"), " \"Paris\"\n"}},
       R"({"type":"member.token","t_ms":7,"member":"a","text":" \"Paris\"\n"})"},
      {{milliseconds(8), event::Ended{answer_of(plan.asks[0], Ending::cancelled, "Par")}},
       R"({"type":"member.ended","t_ms":8,"member":"a","model":"a","model_digest":null,)"
       R"("sample":1,"device":"cpu",)"
       R"("ending":"cancelled","error":null,"text":"Par","queued_ms":0,"load_ms":0,)"
       R"("prefill_ms":0,"decode_ms":0,"ttft_ms":null,"total_ms":0,"prompt_tokens":0,)"
       R"("answer_tokens":0,"tokens_per_second":null,"logprob_mean":null})"},
      {{milliseconds(9), event::Agreement{verdict, 3, 1}},
       R"({"type":"agreement.updated","t_ms":9,"asked":3,"answered":1,"verdict":{)"
       R"("shape":"number","method":null,"text":null,"author":null,"agreement":0,)"
       R"("confidence":null,"voters":0,"agreeing":0,"groups":[],"dissent":[],"abstained":[]}})"},
      {{milliseconds(10), event::EarlyStop{"settled"}},
       R"({"type":"query.early_stop","t_ms":10,"why":"settled"})"},
      {{milliseconds(11), event::Completed{small_outcome()}},
       R"({"type":"query.completed","t_ms":11,"outcome":)" + wire::encode_outcome(small_outcome()) +
           "}"},
  };
  for (const auto& [event, line] : cases) EXPECT_EQ(wire::encode_event(event), line);
}

TEST(Documents, PrettyLeavesWhatIsNotJson) {
  EXPECT_EQ(wire::pretty("{oh"), "{oh");
  EXPECT_EQ(wire::pretty(std::string(100'000, '[')), std::string(100'000, '['));
  EXPECT_EQ(wire::pretty(R"({"a":[{"b":[]}]})"), R"({
  "a": [
    {
      "b": []
    }
  ]
})");
}

}  // namespace
}  // namespace kai
