#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <utf8.h>

#include <algorithm>
#include <cmath>

#include "consensus/consensus.h"
#include "consensus/testing.h"

namespace kai {
namespace {

using namespace testing_consensus;

std::vector<std::string> names(const std::vector<MemberId>& members) {
  std::vector<std::string> texts;
  for (const auto& member : members) texts.push_back(member.text);
  return texts;
}

using Names = std::vector<std::string>;

TEST(Decide, NoAnswersGiveAnEmptyVerdictWithItsShape) {
  const auto verdict = Panel().asked("a", 1).decide(Shape::number);
  EXPECT_EQ(verdict.shape, Shape::number);
  EXPECT_TRUE(verdict.groups.empty());
  EXPECT_EQ(verdict.voters, 0);
  EXPECT_EQ(verdict.text, "");
  EXPECT_EQ(verdict.method, "");
}

TEST(Decide, OneVoterIsSingle) {
  const auto verdict = Panel().said("a", 1, " Paris \n").decide(Shape::short_text);
  EXPECT_EQ(verdict.method, "single");
  EXPECT_EQ(verdict.text, "Paris");
  EXPECT_EQ(verdict.agreement, 1);
}

TEST(Decide, WordingsOfOneAnswerVoteTogether) {
  const auto verdict = Panel()
                           .said("a", 1, "Lyon")
                           .said("b", 0.8, "The capital of France is Paris.")
                           .said("c", 0.7, "**Paris**")
                           .decide(Shape::short_text);
  EXPECT_EQ(verdict.method, "vote");
  EXPECT_EQ(verdict.text, "The capital of France is Paris.");
  EXPECT_EQ(verdict.author.text, "b");
  EXPECT_EQ(verdict.voters, 3);
  EXPECT_EQ(verdict.agreeing, 2);
  EXPECT_DOUBLE_EQ(verdict.agreement, 2.0 / 3);
  ASSERT_EQ(verdict.groups.size(), 2);
  EXPECT_EQ(verdict.groups[0].answer, "paris");
  EXPECT_EQ(names(verdict.groups[0].members), (Names{"b", "c"}));
  EXPECT_DOUBLE_EQ(verdict.groups[0].weight, 1.5);
}

TEST(Decide, WeightBeatsNumber) {
  const auto verdict =
      Panel().said("a", 3, "4").said("b", 1, "5").said("c", 1, "5").decide(Shape::number);
  EXPECT_EQ(verdict.text, "4");
}

TEST(Decide, ATieGoesToTheStrongestVoter) {
  const auto verdict =
      Panel().said("a", 1, "4").said("b", 1, "4").said("c", 2, "5").decide(Shape::number);
  EXPECT_EQ(verdict.text, "5");
}

TEST(Decide, SamplesOfOneModelCountLessThanModels) {
  const auto verdict = Panel()
                           .said("a#1", 1, "4")
                           .said("a#2", 1, "4")
                           .said("a#3", 1, "4")
                           .said("b", 1, "5")
                           .said("c", 1, "5")
                           .decide(Shape::number);
  EXPECT_EQ(verdict.text, "5");
  EXPECT_DOUBLE_EQ(verdict.groups[1].weight, 1.75);
  EXPECT_EQ(verdict.voters, 5);
}

TEST(Decide, WeightsOfZeroVoteAsEquals) {
  const auto verdict =
      Panel().said("a", 0, "4").said("b", 0, "5").said("c", 0, "5").decide(Shape::number);
  EXPECT_EQ(verdict.text, "5");
  EXPECT_GT(verdict.groups[0].weight, 0);
}

TEST(Decide, UnusableWeightsCountAsNone) {
  const auto verdict = Panel()
                           .said("a", std::nan(""), "4")
                           .said("b", -3, "4")
                           .said("c", 0.1, "5")
                           .decide(Shape::number);
  EXPECT_EQ(verdict.text, "5");
}

TEST(Decide, AnAnswerOfNobodyAskedHardlyCounts) {
  Panel panel;
  panel.said("a", 0.1, "4").said("b", 9, "5");
  panel.asks.pop_back();
  EXPECT_EQ(panel.decide(Shape::number).text, "4");
}

TEST(Decide, DissentKeepsItsOwnWords) {
  const auto verdict =
      Panel().said("a", 2, "Paris").said("b", 1, "Lyon,\n I believe").decide(Shape::short_text);
  ASSERT_EQ(verdict.dissent.size(), 1);
  EXPECT_EQ(verdict.dissent[0].member.text, "b");
  EXPECT_EQ(verdict.dissent[0].words, "Lyon, I believe");
}

TEST(Decide, DissentIsShortenedAtAWholeCharacter) {
  std::string face = "\xF0\x9F\x98\x80";
  std::string faces;
  for (int count = 0; count < 50; ++count) faces += face;
  Panel panel;
  panel.said("a", 2, "Paris").said("b", 1, "Lyon " + faces);
  const auto verdict =
      decide(Shape::short_text, capital, panel.asks, panel.answers, {.dissent_chars_max = 20});
  ASSERT_EQ(verdict.dissent.size(), 1);
  const std::string& words = verdict.dissent[0].words;
  EXPECT_EQ(utf8::distance(words.begin(), words.end()), 20);
  EXPECT_TRUE(words.ends_with("\xE2\x80\xA6"));
}

TEST(Decide, RefusalsAbstainAndDoNotVote) {
  const auto verdict = Panel()
                           .said("a", 5, "I'm sorry, I cannot answer that.")
                           .said("b", 1, "Paris")
                           .decide(Shape::short_text);
  EXPECT_EQ(verdict.voters, 1);
  EXPECT_EQ(names(verdict.abstained), (Names{"a"}));
  EXPECT_EQ(verdict.text, "Paris");
}

TEST(Decide, FailedAnswersNeitherVoteNorAbstain) {
  const auto verdict =
      Panel().said("a", 5, "Lyon", Ending::failed).said("b", 1, "Paris").decide(Shape::short_text);
  EXPECT_EQ(verdict.text, "Paris");
  EXPECT_TRUE(verdict.abstained.empty());
}

TEST(Decide, ACutAnswerVotesWhereItStatedItsAnswer) {
  const auto verdict = Panel()
                           .said("a", 1, "The answer is 42. To see why, co", Ending::token_limit)
                           .said("b", 1, "We begin with 7 and add 9, wh", Ending::deadline)
                           .decide(Shape::number);
  EXPECT_EQ(verdict.text, "The answer is 42. To see why, co");
  EXPECT_EQ(verdict.voters, 1);
  EXPECT_EQ(names(verdict.abstained), (Names{"b"}));
}

// However long the line is that it never came to the end of.
TEST(Decide, ACutAnswerVotesForWhatItSaidFirst) {
  std::string way;
  for (int i = 0; i < 20; ++i) way += " Let me check it once more.";
  const auto voters = [&way](Shape shape, const std::string& first) {
    return Panel().said("a", 1, first + way, Ending::deadline).decide(shape).voters;
  };
  EXPECT_EQ(voters(Shape::number, "The answer is 42."), 1);
  EXPECT_EQ(voters(Shape::number, "The answer is **42 apples**."), 1);
  EXPECT_EQ(voters(Shape::choice, "The answer is B."), 1);
  EXPECT_EQ(voters(Shape::short_text, "The answer is Paris."), 1);
  EXPECT_EQ(voters(Shape::choice, "The answer is either A or B."), 0);
  EXPECT_EQ(voters(Shape::choice, "The answer is not A."), 0);
  EXPECT_EQ(voters(Shape::number, "The answer is found by adding 7 and 9."), 0);
  EXPECT_EQ(voters(Shape::number, "Answer: 1. Add 7 and 9."), 0);
  EXPECT_EQ(voters(Shape::number, "We add 7 and 9."), 0);
}

TEST(Decide, AHalfNumberIsNoStatement) {
  EXPECT_EQ(Panel().said("a", 1, "The answer is 4", Ending::deadline).decide(Shape::number).voters,
            0);
}

TEST(Decide, AMemberCutBeforeItsFirstWordDidNotAbstain) {
  const auto verdict = Panel()
                           .said("a", 1, "", Ending::deadline)
                           .said("b", 1, "The capi", Ending::cancelled)
                           .said("c", 1, "Paris")
                           .decide(Shape::short_text);
  EXPECT_TRUE(verdict.abstained.empty());
}

TEST(Decide, OpenTextIsTheStrongestMembers) {
  const auto verdict = Panel()
                           .said("a", 1, rayleigh)
                           .said("b", 3, ocean)
                           .said("c", 1, rayleigh_too)
                           .decide(Shape::open, sky);
  EXPECT_EQ(verdict.method, "best_member");
  EXPECT_EQ(verdict.author.text, "b");
  EXPECT_EQ(verdict.agreeing, 1);
  ASSERT_EQ(verdict.groups.size(), 2);
  EXPECT_EQ(names(verdict.groups[0].members), (Names{"b"}));
  EXPECT_EQ(names(verdict.groups[1].members), (Names{"a", "c"}));
  EXPECT_EQ(verdict.dissent.size(), 2);
}

TEST(Decide, AmongEqualsACompleteOpenAnswerComesBeforeACutOne) {
  const auto verdict = Panel()
                           .said("a", 1, rayleigh, Ending::token_limit)
                           .said("b", 1, rayleigh_too)
                           .decide(Shape::open, sky);
  EXPECT_EQ(verdict.author.text, "b");
}

TEST(Decide, OpenAgreementIsTheShareThatSaysMuchTheSame) {
  const auto verdict = Panel()
                           .said("a", 2, rayleigh)
                           .said("b", 1, ocean)
                           .said("c", 1, rayleigh_too)
                           .decide(Shape::open, sky);
  EXPECT_EQ(verdict.agreeing, 2);
  EXPECT_DOUBLE_EQ(verdict.agreement, 2.0 / 3);
}

TEST(Decide, BriefOpenAnswersThatDifferInANegationDisagree) {
  const auto verdict = Panel()
                           .said("a", 2, "Tomatoes count as botanical fruit.")
                           .said("b", 1, "Tomatoes do not count as botanical fruit.")
                           .decide(Shape::open, "Tell me.");
  EXPECT_EQ(verdict.agreeing, 1);
}

TEST(Decide, AnOpenAnswerCutByTheDeadlineCountsOnceItHasBegun) {
  const auto verdict = Panel()
                           .said("a", 2, rayleigh.substr(0, 100), Ending::deadline)
                           .said("b", 3, "The sky", Ending::deadline)
                           .said("c", 4, rayleigh_too, Ending::cancelled)
                           .decide(Shape::open, sky);
  EXPECT_EQ(verdict.author.text, "a");
  EXPECT_EQ(verdict.voters, 1);
}

TEST(Decide, ReasoningIsNotShown) {
  EXPECT_EQ(Panel().said("a", 1, "<think>hm</think>Paris").decide(Shape::short_text).text, "Paris");
}

RC_GTEST_PROP(Decide, DoesNotDependOnTheOrderOfAnswers, ()) {
  Panel panel = *any_panel();
  const auto before = panel.decide(Shape::number);
  std::ranges::reverse(panel.answers);
  const auto after = panel.decide(Shape::number);
  RC_ASSERT(before.text == after.text);
  RC_ASSERT(before.author == after.author);
  RC_ASSERT(before.agreeing == after.agreeing);
  RC_ASSERT(before.groups.size() == after.groups.size());
  for (std::size_t at = 0; at < before.groups.size(); ++at) {
    RC_ASSERT(before.groups[at].answer == after.groups[at].answer);
    RC_ASSERT(before.groups[at].weight == after.groups[at].weight);
  }
}

RC_GTEST_PROP(Decide, AVoteMoreForTheLeaderKeepsIt, ()) {
  Panel panel = *any_panel();
  const auto before = panel.decide(Shape::number);
  RC_PRE(before.voters > 0);
  panel.said(fmt::format("m{}#9", *rc::gen::inRange(0, 5)), *rc::gen::inRange(0, 4) * 0.5,
             before.groups[0].answer);
  RC_ASSERT(panel.decide(Shape::number).groups[0].answer == before.groups[0].answer);
}

RC_GTEST_PROP(Decide, EveryVoiceIsSomewhere, ()) {
  const Panel panel = *any_panel();
  const auto verdict = panel.decide(Shape::number);
  std::size_t members = 0;
  for (const auto& group : verdict.groups) members += group.members.size();
  RC_ASSERT(static_cast<int>(members) == verdict.voters);
  RC_ASSERT(verdict.agreeing + static_cast<int>(verdict.dissent.size()) == verdict.voters);
}

}  // namespace
}  // namespace kai
