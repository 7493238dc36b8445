// Answers before everyone has ended: open text shown while it is written (R33), and closed answers
// read in the stream (R34).
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/testing.h"
#include "wire/documents.h"
#include "wire/recorded.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_sim::Stage;

constexpr std::string_view essay =
    "Tides come from the pull of the moon on the water of the oceans, and the sun helps a little.";
constexpr std::string_view other_essay =
    "A tide is when the sea rises since the moon and the sun draw the water towards themselves.";

testing_sim::AskOptions open_question() {
  return {.messages = {{{Role::user, "Explain how the tides come about"}}}};
}
testing_sim::AskOptions sum() {
  return {.messages = {{{Role::user, "How much is 7 + 5?"}}}};
}

// What somebody who watches has on the screen in the end, and how often it was begun anew.
struct Screen {
  std::string text;
  int anew = 0;
  Duration first{};
};
Screen screen_of(const Stage& stage) {
  Screen screen;
  for (const auto& [at, what] : stage.events) {
    const auto* draft = std::get_if<event::Draft>(&what);
    if (draft == nullptr) continue;
    if (screen.text.empty()) screen.first = at;
    if (draft->anew) {
      screen.text.clear();
      ++screen.anew;
    }
    screen.text += draft->text;
  }
  return screen;
}

TEST(Anytime, TheStrongestMembersWordsAreShownAsTheyAreWritten) {
  Stage stage({.lanes = 1});
  stage.model("weak", std::string(other_essay), 0.4).model("strong", std::string(essay), 0.8);
  const Outcome outcome = stage.ask(open_question());
  const Screen screen = screen_of(stage);
  EXPECT_EQ(screen.text, outcome.verdict.text);
  EXPECT_EQ(screen.text, essay);
  EXPECT_EQ(screen.anew, 0);
  EXPECT_EQ(outcome.drafted, MemberId("strong"));
  EXPECT_FALSE(outcome.revised());
  // Before anybody has ended: with one lane the strongest had to start first.
  const auto ended = std::ranges::find_if(stage.events, [](const Event& event) {
    return std::holds_alternative<event::Ended>(event.what);
  });
  EXPECT_LT(screen.first, ended->at);
}

TEST(Anytime, WhoseWriterFailsIsRevised) {
  Stage stage;
  stage.model("weak", std::string(other_essay), 0.4)
      .model("strong", std::string(essay), 0.8, {.writing_dies = 1});
  const Outcome outcome = stage.ask(open_question());
  const Screen screen = screen_of(stage);
  EXPECT_EQ(screen.text, other_essay);
  EXPECT_EQ(outcome.verdict.text, other_essay);
  EXPECT_GE(screen.anew, 1);
  EXPECT_EQ(outcome.drafted, MemberId("strong"));
  EXPECT_TRUE(outcome.revised());
}

TEST(Anytime, ReasoningIsNotShown) {
  Stage stage;
  stage.model("a", "<think> the moon? </think> " + std::string(essay));
  stage.ask(open_question());
  EXPECT_EQ(screen_of(stage).text, essay);
}

TEST(Anytime, ClosedAnswersOfSeveralHaveNoDraft) {
  Stage stage;
  stage.model("a", "12");
  stage.model("b", "12");
  EXPECT_TRUE(stage.ask(sum()).drafted.text.empty());
  EXPECT_EQ(stage.count<event::Draft>(), 0);
}

TEST(Anytime, WhoIsAskedAloneIsShownAsItWrites) {
  Stage stage;
  stage.model("a", "The sum is 12");
  EXPECT_EQ(stage.ask(sum()).drafted.text, "a");
  EXPECT_EQ(screen_of(stage).text, "The sum is 12");
  EXPECT_GT(stage.count<event::Draft>(), 1);
}

// The talk after the answer takes 3 s; nobody has to wait for it.
constexpr std::string_view talk =
    "The answer is 12. \n And here is a long story about it that goes on and on , for it is known "
    "that numbers like to be added and so on and so forth , and that is why we do so every day.";

TEST(Anytime, AStatedAnswerThatSettlesTheVoteIsNotAwaited) {
  Stage stage({.lanes = 3});
  stage.model("a", "12", 0.8).model("b", std::string(talk), 0.8, {}, 10);
  stage.model("c", std::string(talk), 0.8, {}, 8);
  const Outcome outcome = stage.ask(sum());
  ASSERT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.verdict.groups.at(0).answer, "12");
  EXPECT_EQ(outcome.verdict.voters, 2);
  EXPECT_EQ(Stage::answer_of(outcome, "b").ending, Ending::stated);
  EXPECT_EQ(Stage::answer_of(outcome, "c").ending, Ending::cancelled);
  EXPECT_LT(outcome.latency, 1500ms);
  EXPECT_FALSE(outcome.stop_why.empty());
}

TEST(Anytime, WhatWasStatedIsRecordedAndReplaysTheSame) {
  Stage stage({.lanes = 3});
  stage.model("a", "12", 0.8).model("b", std::string(talk), 0.8, {}, 10);
  stage.model("c", std::string(talk), 0.8, {}, 8);
  const Outcome outcome = stage.ask(sum());
  const auto recorded = wire::decode_recorded(wire::encode_outcome(outcome));
  ASSERT_TRUE(recorded) << recorded.error().message;
  ASSERT_EQ(recorded->answers.size(), 2u);
  const Verdict again =
      decide(recorded->shape, recorded->question, recorded->asks, recorded->answers);
  EXPECT_EQ(wire::encode_verdict(again), wire::encode_verdict(outcome.verdict));
}

TEST(Anytime, HeInWhoseWordsNothingIsSettledWritesOn) {
  Stage stage;
  stage.model("a", std::string(talk), 0.8, {}, 20).model("b", "13", 0.8, {}, 1);
  const Outcome outcome = stage.ask(sum());
  EXPECT_EQ(Stage::answer_of(outcome, "a").ending, Ending::complete);
}

TEST(Anytime, WhereAllAreHeardNobodyIsStopped) {
  Stage stage({.lanes = 3});
  stage.model("a", "12", 0.8).model("b", std::string(talk), 0.8, {}, 10);
  stage.model("c", std::string(talk), 0.8, {}, 8);
  auto options = sum();
  options.hear_all = true;
  const Outcome outcome = stage.ask(options);
  EXPECT_EQ(Stage::answer_of(outcome, "b").ending, Ending::complete);
  EXPECT_EQ(Stage::answer_of(outcome, "c").ending, Ending::complete);
}

}  // namespace
}  // namespace kai
