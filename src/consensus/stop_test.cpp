#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "consensus/consensus.h"
#include "consensus/testing.h"

namespace kai {
namespace {

using namespace testing_consensus;

Stop stop(const Panel& panel, Shape shape, const std::string& question = capital) {
  return may_stop(panel.decide(shape, question), panel.asks, panel.answers);
}

TEST(MayStop, WhenTheLastVoiceCannotTurnTheVote) {
  const auto panel = Panel().said("a", 1, "4").said("b", 1, "4").asked("c", 1);
  EXPECT_EQ(stop(panel, Shape::number).why,
            "2 of 3 have answered; the third cannot change the outcome");
}

TEST(MayStop, NotWhileTheRestCouldDrawLevel) {
  EXPECT_FALSE(stop(Panel().said("a", 1, "4").said("b", 1, "4").asked("c", 2), Shape::number).now);
}

TEST(MayStop, CountsALateRivalOnTopOfTheSecond) {
  const auto panel = Panel().said("a", 3, "4").said("b", 2, "5").asked("c", 1.5);
  EXPECT_FALSE(stop(panel, Shape::number).now);
}

TEST(MayStop, FurtherSamplesOfOneModelWeighLess) {
  Panel panel;
  panel.said("a", 1.8, "4").asked("b#1", 1).asked("b#2", 1);
  EXPECT_TRUE(stop(panel, Shape::number).now);
}

TEST(MayStop, SaysHowManyAreLeft) {
  const auto panel = Panel().said("a", 5, "4").asked("b", 1).asked("c", 1);
  EXPECT_EQ(stop(panel, Shape::number).why,
            "1 of 3 have answered; the 2 still to come cannot change the outcome");
}

TEST(MayStop, AFailureIsNoAnswer) {
  const auto panel = Panel().said("a", 5, "4").said("b", 1, "", Ending::failed).asked("c", 1);
  EXPECT_EQ(stop(panel, Shape::number).why,
            "1 of 3 have answered; the 1 still to come cannot change the outcome");
}

TEST(MayStop, NeverWithoutAVoter) {
  EXPECT_FALSE(stop(Panel().asked("a", 1), Shape::number).now);
  EXPECT_FALSE(stop(Panel().said("a", 9, "").asked("b", 0), Shape::number).now);
}

TEST(MayStop, NotWhenAllHaveEnded) {
  EXPECT_FALSE(stop(Panel().said("a", 1, "4").said("b", 1, "4"), Shape::number).now);
}

TEST(MayStop, OpenTextOnceTheStrongestAndAMajorityHaveAnswered) {
  const auto panel = Panel().said("a", 2, rayleigh).said("b", 1, ocean).asked("c", 1);
  EXPECT_TRUE(stop(panel, Shape::open, sky).now);
}

TEST(MayStop, OpenTextNotBeforeTheStrongest) {
  const auto panel = Panel().said("a", 1, rayleigh).said("b", 1, ocean).asked("c", 2);
  EXPECT_FALSE(stop(panel, Shape::open, sky).now);
}

TEST(MayStop, OpenTextNotBeforeAMajority) {
  const auto panel = Panel().said("a", 5, rayleigh).asked("b", 1).asked("c", 1);
  EXPECT_FALSE(stop(panel, Shape::open, sky).now);
}

TEST(MayStop, OpenTextNotWhileAnEqualCouldAnswerCompletely) {
  const auto panel = Panel()
                         .said("a", 1, rayleigh, Ending::token_limit)
                         .said("b", 1, ocean, Ending::token_limit)
                         .asked("c", 1);
  EXPECT_FALSE(stop(panel, Shape::open, sky).now);
}

RC_GTEST_PROP(MayStop, SaysSoOnlyWhereNothingLeftCanChangeTheWinner, ()) {
  Panel panel = *any_panel();
  const auto answers = panel.answers;
  const auto size = static_cast<int>(answers.size());
  const int heard = std::max(0, size - *rc::gen::inRange(1, 3));
  panel.answers.assign(answers.begin(), answers.begin() + heard);
  const auto verdict = panel.decide(Shape::number);
  const bool stops = may_stop(verdict, panel.asks, panel.answers).now;
  RC_CLASSIFY(stops, "stops");
  if (!stops) return;
  for (auto rest = answers.begin() + heard; rest != answers.end(); ++rest) {
    panel.answers.push_back(*rest);
    panel.answers.back().ending = Ending::complete;
    panel.answers.back().text = std::to_string(*rc::gen::inRange(1, 4));
  }
  RC_ASSERT(panel.decide(Shape::number).groups[0].answer == verdict.groups[0].answer);
}

}  // namespace
}  // namespace kai
