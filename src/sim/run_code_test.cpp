// The story of a question for code, where running code is switched on: the real coordinator and
// decisions, on models and a sandbox that a script plays.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_sim::AskOptions;
using testing_sim::Stage;

AskOptions code_question(std::string text = "Write a Python function f such that f(2) == 4.") {
  AskOptions options;
  options.messages = std::vector<Message>{{Role::user, std::move(text)}};
  return options;
}

std::string answer(const std::string& body) {
  return "Here:\n```python\ndef f(x): return " + body + "\n```\n";
}

// As the real one would find: squares pass.
RunResult tried(const std::string& program) {
  if (program.empty())
    return {.passed = 0, .failed = 0, .why = "there is no Python in it", .outputs = ""};
  if (program.contains("x * x")) return {.passed = 1, .failed = 0, .why = "", .outputs = "1"};
  return {.passed = 0, .failed = 1, .why = "f(2) == 4: gave 5", .outputs = ""};
}

TEST(RunCode, WhoPassesWinsOverTheMajority) {
  Stage stage({.lanes = 3});
  stage.model("strong", answer("x + 3"), 0.9).model("weak", answer("x * x"), 0.4);
  stage.model("lost", answer("x + 3"), 0.5).runs(tried);
  const Outcome outcome = stage.ask(code_question());
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.author, MemberId("weak"));
  EXPECT_EQ(outcome.verdict.method, "tests");
  EXPECT_EQ(outcome.verdict.dissent.size(), 2u);
  EXPECT_EQ(stage.count<event::Testing>(), 3);
  EXPECT_EQ(Stage::answer_of(outcome, "weak").run->passed, 1);
}

TEST(RunCode, WithoutASandboxItIsAVote) {
  Stage stage({.lanes = 3});
  stage.model("strong", answer("x + 3"), 0.9).model("weak", answer("x * x"), 0.4);
  stage.model("lost", answer("x + 3"), 0.5);
  const Outcome outcome = stage.ask(code_question());
  ASSERT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.verdict.author, MemberId("strong"));
  EXPECT_NE(outcome.verdict.method, "tests");
  EXPECT_EQ(stage.count<event::Testing>(), 0);
  EXPECT_FALSE(outcome.answers.front().run);
}

TEST(RunCode, OnlyWhereTheQuestionStatesExamples) {
  for (const char* question : {"Write a Python function f that squares its argument.",
                               "What is the capital of France? f(2) == 4"}) {
    Stage stage({.lanes = 3});
    stage.model("a", answer("x * x")).runs(tried);
    const Outcome outcome = stage.ask(code_question(question));
    EXPECT_EQ(stage.count<event::Testing>(), 0) << question;
    EXPECT_FALSE(outcome.answers.front().run) << question;
  }
}

TEST(RunCode, NobodyIsStoppedWhileTheLeaderHasNotPassed) {
  Stage stage({.lanes = 3});
  stage.model("strong", answer("x + 3"), 0.95);
  stage.model("slow", answer("x * x"), 0.3, {}, 2).runs(tried);
  const Outcome outcome = stage.ask(code_question());
  EXPECT_EQ(outcome.verdict.author, MemberId("slow"));
  EXPECT_TRUE(outcome.stop_why.empty());
}

TEST(RunCode, TheRestIsStoppedOnceTheLeaderPassed) {
  Stage stage({.lanes = 3});
  stage.model("strong", answer("x * x"), 0.95);
  stage.model("slow", answer("x + 3"), 0.3, {}, 2).runs(tried);
  const Outcome outcome = stage.ask(code_question());
  EXPECT_EQ(outcome.verdict.author, MemberId("strong"));
  EXPECT_FALSE(outcome.stop_why.empty());
  EXPECT_EQ(Stage::answer_of(outcome, "slow").ending, Ending::cancelled);
}

TEST(RunCode, ARunThatTakesTooLongHoldsNobodyUp) {
  Stage stage({.lanes = 3});
  stage.model("a", answer("x * x")).model("b", answer("x * x")).runs(tried, 5min);
  AskOptions options = code_question();
  options.time_limit = 10s;
  const Outcome outcome = stage.ask(options);
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_LE(outcome.latency, 11s);
  EXPECT_EQ(outcome.verdict.voters, 2);
  EXPECT_EQ(outcome.verdict.method, "vote");
  EXPECT_EQ(outcome.answers.front().run->why, "there was no time left to run it");
}

TEST(RunCode, TheUserLeavesDuringARun) {
  Stage stage({.lanes = 3});
  stage.model("a", answer("x * x")).runs(tried, 5min);
  AskOptions options = code_question();
  options.patience = 2s;
  const Outcome outcome = stage.ask(options);
  ASSERT_FALSE(outcome.answered());
  EXPECT_EQ(outcome.error->code, ErrorCode::cancelled);
  EXPECT_LE(outcome.latency, 3s);
}

TEST(RunCode, AnAnswerWithoutPythonIsHeardAllTheSame) {
  Stage stage({.lanes = 3});
  stage.model("prose", "I would square the number and return it to the caller.", 0.9);
  stage.model("coder", answer("x * x"), 0.3).runs(tried);
  const Outcome outcome = stage.ask(code_question());
  EXPECT_EQ(outcome.verdict.author, MemberId("coder"));
  EXPECT_EQ(outcome.verdict.voters, 2);
  EXPECT_EQ(Stage::answer_of(outcome, "prose").run->why, "there is no Python in it");
}

}  // namespace
}  // namespace kai
