// What running an answer's code means for the verdict, and for when it may end.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "consensus/consensus.h"
#include "consensus/replay.h"
#include "consensus/testing.h"

namespace kai {
namespace {

using namespace testing_consensus;

const std::string question = "Write a Python function f such that f(2) == 4.";

std::string code(const std::string& body) {
  return "```python\ndef f(x):\n    return " + body + "\n```";
}

const RunResult passed{.passed = 1, .failed = 0, .why = "", .outputs = ""};
const RunResult failed{.passed = 0, .failed = 1, .why = "f(2) == 4: gave 5", .outputs = ""};
const RunResult not_run{.passed = 0, .failed = 0, .why = "there is no Python in it", .outputs = ""};

RunResult passed_with(const std::string& outputs) {
  return {.passed = 1, .failed = 0, .why = "", .outputs = outputs};
}

struct Ran : Panel {
  Ran& ran(const std::string& name, double weight, const std::string& body,
           std::optional<RunResult> run) {
    said(name, weight, code(body));
    answers.back().run = std::move(run);
    return *this;
  }
  Ran& waits_for(const std::string& name, double weight) {
    asked(name, weight);
    return *this;
  }
  Verdict verdict() const { return decide(Shape::code, question); }
  bool stops(const StopRule& rule = {}) const {
    return may_stop(verdict(), asks, answers, rule).now;
  }
};

TEST(Runs, WithoutThemItIsAVote) {
  const auto verdict =
      Ran().ran("a", 1, "x", {}).ran("b", 1, "x", {}).ran("c", 1.5, "x * x", {}).verdict();
  EXPECT_EQ(verdict.method, "vote");
  EXPECT_EQ(verdict.author.text, "a");
  EXPECT_EQ(verdict.agreeing, 2);
}

TEST(Runs, WhoPassedWinsOverTheHeaviestWhoFailed) {
  const auto verdict = Ran()
                           .ran("a", 9, "x + 3", failed)
                           .ran("b", 9, "x + 3", failed)
                           .ran("c", 0.1, "x * x", passed)
                           .verdict();
  EXPECT_EQ(verdict.author.text, "c");
  EXPECT_EQ(verdict.method, "tests");
  EXPECT_EQ(verdict.voters, 3);
  EXPECT_EQ(verdict.agreeing, 1);
  ASSERT_EQ(verdict.dissent.size(), 2u);
  EXPECT_TRUE(verdict.dissent[0].words.contains("x + 3")) << verdict.dissent[0].words;
  EXPECT_TRUE(verdict.dissent[0].words.starts_with("fails f(2) == 4: gave 5 · "));
}

TEST(Runs, OneFailureOutweighsWhatPassed) {
  const RunResult half{.passed = 9, .failed = 1, .why = "f(3) == 9: gave 6", .outputs = ""};
  const auto verdict = Ran().ran("a", 2, "x * 2", half).ran("b", 1, "x * x", passed).verdict();
  EXPECT_EQ(verdict.author.text, "b");
}

TEST(Runs, WhoWasNotRunStandsBetween) {
  Ran panel;
  panel.ran("a", 3, "x + 3", failed).ran("b", 1, "y", not_run);
  EXPECT_EQ(panel.verdict().author.text, "b");
  EXPECT_EQ(panel.verdict().method, "tests");
  panel.ran("c", 0.5, "x * x", passed);
  EXPECT_EQ(panel.verdict().author.text, "c");
  EXPECT_FALSE(panel.verdict().dissent[0].words.contains("fails"));
}

TEST(Runs, WhereNobodyPassedTheVoteCounts) {
  const auto all_failed = Ran()
                              .ran("a", 1, "x + 3", failed)
                              .ran("b", 1, "x + 3", failed)
                              .ran("c", 1.5, "x", failed)
                              .verdict();
  EXPECT_EQ(all_failed.author.text, "a");
  EXPECT_EQ(all_failed.method, "vote");
  EXPECT_EQ(Ran().ran("a", 1, "x", not_run).verdict().method, "single");
  EXPECT_EQ(Ran().ran("a", 1, "x", passed).verdict().method, "tests");
}

TEST(Runs, ThoseThatDoTheSameAgreeAndTheStrongestSpeaks) {
  const auto verdict = Ran()
                           .ran("a", 1.4, "{2: 4}[x]", passed_with("1"))
                           .ran("b", 0.8, "x * x", passed_with("2"))
                           .ran("c", 1, "x ** 2", passed_with("2"))
                           .verdict();
  EXPECT_EQ(verdict.author.text, "c");
  EXPECT_EQ(verdict.agreeing, 2);
  EXPECT_EQ(verdict.groups[0].members.size(), 2u);
  EXPECT_EQ(verdict.dissent[0].member.text, "a");
}

TEST(Runs, CountForCodeAlone) {
  Panel panel;
  panel.said("a", 2, "5").said("b", 1, "4");
  panel.answers[0].run = failed;
  panel.answers[1].run = passed;
  EXPECT_EQ(panel.decide(Shape::number).author.text, "a");
}

// The curve was fitted to votes.
TEST(Runs, WhatTestsDecidedHasNoConfidence) {
  Learned learned;
  learned.confidence.labels = 50;
  const auto confidence = [&](const Ran& panel) {
    return decide(Shape::code, question, panel.asks, panel.answers, {}, learned).confidence;
  };
  EXPECT_FALSE(confidence(Ran().ran("a", 1, "x * x", passed)));
  EXPECT_TRUE(confidence(Ran().ran("a", 1, "x * x", {})));
}

TEST(Runs, ALeaderThatDidNotPassIsNotSettled) {
  for (const auto& run : {failed, not_run}) {
    EXPECT_FALSE(Ran().ran("a", 9, "x + 3", run).waits_for("b", 0.1).stops()) << run.why;
  }
  EXPECT_TRUE(Ran().ran("a", 9, "x + 3", {}).waits_for("b", 0.1).stops());
}

TEST(Runs, ALeaderThatPassedHasOnlyRivalsThatPassed) {
  EXPECT_TRUE(
      Ran().ran("a", 2, "x * x", passed).ran("b", 9, "x + 3", failed).waits_for("c", 1).stops());
  EXPECT_FALSE(
      Ran().ran("a", 2, "x * x", passed).ran("b", 1.5, "x ** 2", passed).waits_for("c", 1).stops());
  EXPECT_FALSE(Ran().ran("a", 1, "x * x", passed).waits_for("c", 1).stops());
}

TEST(Runs, NoLearnedRuleCounts) {
  StopRule always{.learned = true, .stays = {}, .stay_min = 0.5};
  always.stays.theta[0] = 9;
  EXPECT_FALSE(Ran().ran("a", 1, "x + 3", failed).waits_for("b", 1).stops(always));
  EXPECT_TRUE(Ran().ran("a", 1, "x + 3", {}).waits_for("b", 1).stops(always));
}

TEST(Runs, AReplayDecidesAsItWasDecided) {
  const Ran panel = Ran()
                        .ran("a", 9, "x + 3", failed)
                        .ran("b", 1, "x * x", passed_with("1"))
                        .ran("c", 0.5, "x ** 2", passed_with("1"));
  Recorded recorded;
  recorded.question = question;
  recorded.shape = Shape::code;
  recorded.asks = panel.asks;
  recorded.answers = panel.answers;
  const Verdict again = replay(recorded).verdict;
  EXPECT_EQ(again.author.text, "b");
  EXPECT_EQ(again.agreeing, 2);
}

// A program by chance: what it does decides whether it passes and what it gives.
void run_by_chance(Answer& answer) {
  const int behaviour = *rc::gen::inRange(0, 6);
  answer.ending = Ending::complete;
  // Two wordings of one behaviour.
  answer.text = code(fmt::format("{} + {}", behaviour, *rc::gen::inRange(0, 2)));
  answer.run = behaviour < 2    ? failed
               : behaviour == 2 ? not_run
               : behaviour == 3 ? passed
                                : passed_with(std::to_string(behaviour));
}

RC_GTEST_PROP(Runs, AWinnerPassedWhereAnybodyDidWhateverTheOrder, ()) {
  Panel panel = *any_panel();
  for (auto& answer : panel.answers) run_by_chance(answer);
  const auto before = panel.decide(Shape::code, question);
  const bool somebody =
      std::ranges::any_of(panel.answers, [](const Answer& one) { return one.run->passed > 0; });
  const auto author = std::ranges::find(panel.answers, before.author, &Answer::member);
  RC_ASSERT(author != panel.answers.end());
  RC_ASSERT(!somebody || (author->run->passed > 0 && author->run->failed == 0));
  RC_ASSERT(before.agreeing + static_cast<int>(before.dissent.size()) == before.voters);
  std::ranges::reverse(panel.answers);
  const auto after = panel.decide(Shape::code, question);
  RC_ASSERT(before.author == after.author);
  RC_ASSERT(before.text == after.text);
  RC_ASSERT(before.method == after.method);
  RC_ASSERT(before.groups.size() == after.groups.size());
  for (std::size_t at = 0; at < before.groups.size(); ++at) {
    RC_ASSERT(before.groups[at].answer == after.groups[at].answer);
    RC_ASSERT(before.groups[at].weight == after.groups[at].weight);
  }
}

RC_GTEST_PROP(Runs, StopsOnlyWhereNothingLeftCanChangeTheWinner, ()) {
  Panel panel = *any_panel();
  for (auto& answer : panel.answers) run_by_chance(answer);
  const auto answers = panel.answers;
  const auto size = static_cast<int>(answers.size());
  const int taken = std::max(0, size - *rc::gen::inRange(1, 3));
  panel.answers.assign(answers.begin(), answers.begin() + taken);
  const auto verdict = panel.decide(Shape::code, question);
  const bool stops = may_stop(verdict, panel.asks, panel.answers).now;
  RC_CLASSIFY(stops, "stops");
  if (!stops) return;
  panel.answers = answers;
  const auto members = panel.decide(Shape::code, question).groups[0].members;
  RC_ASSERT(std::ranges::find(members, verdict.author) != members.end());
}

}  // namespace
}  // namespace kai
