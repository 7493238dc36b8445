#include "wire/story.h"

#include <gtest/gtest.h>

#include "wire/documents.h"

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

Outcome outcome() {
  Outcome outcome;
  outcome.query.id = QueryId("q_01");
  outcome.query.messages = {{Role::user, "What is 7 + 5?"}};
  outcome.complexity = {0.1, Tier::simple, "asks for a fact"};
  Plan plan;
  plan.asks.emplace_back().member = MemberId("a:1b");
  plan.asks.emplace_back().member = MemberId("b:2b");
  plan.left_out = {{ModelId("c:70b"), "needs 40 GB"}};
  outcome.plans = {plan};
  Answer answer;
  answer.member = MemberId("a:1b");
  answer.ending = Ending::complete;
  answer.text = "It is 12.\nSurely.";
  answer.timings = {1s, 2s, 100ms, 500ms, 3s, 4s};
  answer.usage = {Tokens(20), Tokens(10)};
  outcome.answers = {answer};
  answer.member = MemberId("b:2b");
  answer.ending = Ending::failed;
  answer.error = Error{ErrorCode::lane_lost, "the worker died"};
  answer.text.clear();
  answer.usage = {};
  outcome.answers.push_back(answer);
  outcome.verdict.text = "12";
  outcome.verdict.author = MemberId("a:1b");
  outcome.verdict.groups = {{"12", {MemberId("a:1b")}, 1.0}};
  outcome.verdict.voters = outcome.verdict.agreeing = 1;
  outcome.verdict.method = "vote";
  outcome.latency = 4200ms;
  return outcome;
}

TEST(Story, TellsEverything) {
  const auto story = tell_story(encode_outcome(outcome()));
  ASSERT_TRUE(story) << story.error().message;
  for (const std::string_view part :
       {"q_01  ", "Question\n  What is 7 + 5?\n", "in the words of a:1b\n  12\n",
        "simple · 1 answer · by vote · 4.20 s", "complexity 0.10: asks for a fact", "\"12\": a:1b",
        "  a:1b  complete, agrees", "read 20 tokens in 0.10 s · wrote 10 in 0.50 s (20/s)",
        "    │ It is 12.\n    │ Surely.\n", "✗ the worker died (lane_lost)",
        "c:70b: needs 40 GB"}) {
    EXPECT_TRUE(story->contains(part)) << part << "\nis not in:\n" << *story;
  }
}

TEST(Story, TellsWhatCameOfRunningCode) {
  struct Case {
    std::optional<RunResult> run;
    std::string_view line;
  };
  const Case cases[] = {
      {RunResult{.passed = 2, .failed = 0, .why = "", .outputs = ""},
       "code: passes 2 of 2 examples\n"},
      {RunResult{.passed = 1, .failed = 1, .why = "f(2) == 4: gave 5", .outputs = ""},
       "code: passes 1 of 2 examples; fails f(2) == 4: gave 5\n"},
      {RunResult{.passed = 0, .failed = 0, .why = "cancelled", .outputs = ""},
       "code: not run: cancelled\n"}};
  for (const auto& [run, line] : cases) {
    Outcome ran = outcome();
    ran.answers.front().run = run;
    const auto story = tell_story(encode_outcome(ran));
    ASSERT_TRUE(story) << story.error().message;
    EXPECT_TRUE(story->contains(line)) << line << *story;
  }
  EXPECT_FALSE(tell_story(encode_outcome(outcome()))->contains("code:"));
}

TEST(Story, TellsAFailure) {
  Outcome failed;
  failed.query.messages = {{Role::user, ""}};
  failed.error = Error{ErrorCode::no_members, "no usable model"};
  const auto story = tell_story(encode_outcome(failed));
  ASSERT_TRUE(story) << story.error().message;
  EXPECT_TRUE(story->contains("Failed\n  no usable model (no_members)")) << *story;
}

TEST(Story, RefusesWhatIsNoDocument) {
  for (const std::string_view text : {"", "{", "[]", "{}", "{\"id\":1}"}) {
    EXPECT_FALSE(tell_story(text)) << text;
  }
}

}  // namespace
}  // namespace kai::wire
