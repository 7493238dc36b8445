// Questions to which nobody's answer counts, told whole in virtual time: what was cut at the length
// allowed, or ended by a stop string, is an answer all the same, and nothing is claimed for it.
#include <gtest/gtest.h>

#include "sim/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_sim::Stage;

constexpr Faults silent{.empty = 1};
const std::vector<Message> essay{{Role::user, "Explain at length how the tides come about"}};

void expect_unvoted(const Outcome& outcome, const std::string& text, const std::string& author) {
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.text, text);
  EXPECT_EQ(outcome.verdict.author, MemberId(author));
  EXPECT_EQ(outcome.verdict.voters, 0);
  EXPECT_EQ(outcome.verdict.agreeing, 0);
  EXPECT_EQ(outcome.verdict.agreement, 0);
  EXPECT_FALSE(outcome.verdict.confidence);
  EXPECT_TRUE(outcome.verdict.groups.empty());
}

TEST(Uncounted, AClosedAnswerCutAtTheClientsLength) {
  Stage stage;
  stage.model("weak", "Well it is Paris", 0.3).model("strong", "The capital is Paris", 0.7);
  const Outcome outcome = stage.ask({.answer_max = Tokens(2)});
  expect_unvoted(outcome, "The capital", "strong");
  EXPECT_EQ(Stage::answer_of(outcome, "strong").ending, Ending::token_limit);
  EXPECT_EQ(outcome.plans.size(), 1u) << "the length is the client's: nobody else is tried";
}

TEST(Uncounted, AnOpenAnswerThatHasHardlyBegun) {
  Stage stage;
  stage.model("a", "The moon pulls at the seas");
  const Outcome outcome = stage.ask({.messages = essay, .answer_max = Tokens(1)});
  expect_unvoted(outcome, "The", "a");
}

TEST(Uncounted, OneAskedAloneKeepsTheWordsThatWereShown) {
  Stage stage;
  stage.model("a", "The capital is Paris").model("b", "Paris");
  const Outcome outcome = stage.ask({.answer_max = Tokens(1), .models = {ModelId("a")}});
  expect_unvoted(outcome, "The", "a");
  EXPECT_EQ(outcome.drafted, MemberId("a"));
  EXPECT_FALSE(outcome.revised());
  EXPECT_EQ(stage.count<event::Draft>(), 1);
}

TEST(Uncounted, WordsGoBeforeStrength) {
  Stage stage;
  stage.model("thinks", "<think> about it", 0.9).model("writes", "The capital", 0.2);
  expect_unvoted(stage.ask({.answer_max = Tokens(1)}), "The", "writes");
}

TEST(Uncounted, ThoughtsMayTakeTheWholeLength) {
  Stage stage;
  stage.model("a", "<think> about it for long");
  expect_unvoted(stage.ask({.answer_max = Tokens(2)}), "", "a");
}

TEST(Uncounted, WhoSaysEnoughVotes) {
  Stage stage;
  stage.model("a", "Well it is").model("b", "Paris", 0.3);
  const Outcome outcome = stage.ask({.hear_all = true, .answer_max = Tokens(2)});
  EXPECT_EQ(outcome.verdict.text, "Paris");
  EXPECT_EQ(outcome.verdict.voters, 1);
}

TEST(Uncounted, AStopStringAtTheStartLeavesNoWords) {
  Stage stage;
  stage.model("a", "Paris", 0.5, silent).model("b", "Paris", 0.3, silent);
  expect_unvoted(stage.ask({.stop = {"The"}}), "", "a");
}

TEST(Uncounted, AModelAskedByNameMaySayNothing) {
  Stage stage;
  stage.model("a", "Paris", 0.5, silent).model("b", "Paris");
  const Outcome outcome = stage.ask({.models = {ModelId("a")}});
  expect_unvoted(outcome, "", "a");
  EXPECT_EQ(outcome.answers.size(), 1u);
}

TEST(Uncounted, SilenceThatNobodyAskedForIsNoAnswer) {
  Stage stage;
  stage.model("a", "Paris", 0.5, silent).model("b", "Paris", 0.5, silent);
  EXPECT_FALSE(stage.ask().answered());
}

TEST(Uncounted, WhatTheDeadlineCutsIsNoAnswer) {
  Stage stage;
  stage.model("a", "Well it is surely Paris", 0.5, {}, 1);
  const Outcome outcome = stage.ask({.time_limit = 3s, .models = {ModelId("a")}});
  ASSERT_FALSE(outcome.answered());
  EXPECT_EQ(outcome.error->code, ErrorCode::deadline);
}

}  // namespace
}  // namespace kai
