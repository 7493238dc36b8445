// What consensus does with what was learned.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "consensus/consensus.h"
#include "consensus/testing.h"

namespace kai {
namespace {

using namespace testing_consensus;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// A curve whose chance is the same wherever a vote stands.
Logistic always(double log_odds) {
  Logistic curve;
  curve.theta[0] = log_odds;
  return curve;
}

StopRule rule(double log_odds, double stay_min) {
  return {.learned = true, .stays = always(log_odds), .stay_min = stay_min};
}

Verdict decide_with(const Panel& panel, Shape shape, const Learned& learned) {
  return decide(shape, capital, panel.asks, panel.answers, {}, learned);
}

TEST(LearnedStop, EndsAVoteThatUsuallyStays) {
  const auto panel = Panel().said("a", 1, "4").asked("b", 1).asked("c", 1);
  const auto verdict = panel.decide(Shape::number);
  EXPECT_FALSE(may_stop(verdict, panel.asks, panel.answers).now);
  const auto stop = may_stop(verdict, panel.asks, panel.answers, rule(3, 0.9));
  EXPECT_TRUE(stop.now);
  EXPECT_EQ(stop.why,
            "1 of 3 have answered; as such votes went so far, the outcome stays with a chance of "
            "95 %");
}

TEST(LearnedStop, GoesOnWhereTheVoteMayTurn) {
  const auto panel = Panel().said("a", 1, "4").asked("b", 1).asked("c", 1);
  const auto verdict = panel.decide(Shape::number);
  EXPECT_FALSE(may_stop(verdict, panel.asks, panel.answers, rule(2, 0.9)).now);
}

TEST(LearnedStop, NeverBeforeSomebodyVoted) {
  const auto panel = Panel().said("a", 1, "I don't know.").asked("b", 1);
  const auto verdict = panel.decide(Shape::number);
  EXPECT_FALSE(may_stop(verdict, panel.asks, panel.answers, rule(9, 0.5)).now);
}

TEST(LearnedStop, IsNotForOpenText) {
  const auto panel = Panel().said("a", 1, rayleigh).asked("b", 2).asked("c", 1);
  const auto verdict = panel.decide(Shape::open, sky);
  EXPECT_FALSE(may_stop(verdict, panel.asks, panel.answers, rule(9, 0.5)).now);
}

TEST(LearnedStop, ACurveOfNoNumbersIsNoReason) {
  const auto panel = Panel().said("a", 1, "4").asked("b", 1).asked("c", 1);
  const auto verdict = panel.decide(Shape::number);
  EXPECT_FALSE(may_stop(verdict, panel.asks, panel.answers, rule(nan, 0.9)).now);
  EXPECT_FALSE(may_stop(verdict, panel.asks, panel.answers, rule(9, nan)).now);
}

TEST(Confidence, IsToldOnlyWhereCalibrated) {
  const auto panel = Panel().said("a", 1, "4").said("b", 1, "4");
  Learned learned;
  learned.confidence.right = always(1);
  EXPECT_FALSE(decide_with(panel, Shape::number, learned).confidence);
  learned.confidence.labels = 50;
  EXPECT_NEAR(decide_with(panel, Shape::number, learned).confidence.value_or(0), 0.731, 0.001);
}

TEST(Confidence, IsNotToldOfNobody) {
  Learned learned;
  learned.confidence.labels = 50;
  EXPECT_FALSE(decide_with(Panel().asked("a", 1), Shape::number, learned).confidence);
}

TEST(Taste, PutsTheLikedAnswerFirst) {
  const std::string longer = rayleigh + " Violet is scattered more still, but the eye sees less.";
  const auto panel = Panel().said("a", 1, rayleigh).said("b", 0.9, longer);
  EXPECT_EQ(decide_with(panel, Shape::open, {}).author.text, "a");
  EXPECT_EQ(decide_with(panel, Shape::open, {.taste = {0, 1}}).author.text, "b");
}

TEST(Taste, CentralityPrefersWhatOthersSayToo) {
  const auto panel =
      Panel().said("a", 1, ocean).said("b", 0.9, rayleigh).said("c", 0.8, rayleigh_too);
  EXPECT_EQ(decide_with(panel, Shape::open, {.taste = {5, 0}}).author.text, "b");
}

TEST(Taste, LengthAloneNeverWins) {
  const auto panel = Panel().said("a", 3, rayleigh).said("b", 0.1, std::string(1'000'000, 'x'));
  EXPECT_EQ(decide_with(panel, Shape::open, {.taste = {0, 0.5}}).author.text, "a");
}

TEST(Taste, OfNoNumberChangesNothingButOrder) {
  const auto panel = Panel().said("a", 1, ocean).said("b", 0.9, rayleigh);
  const auto verdict = decide_with(panel, Shape::open, {.taste = {nan, nan}});
  EXPECT_EQ(verdict.voters, 2);
  EXPECT_FALSE(verdict.author.text.empty());
}

RC_GTEST_PROP(Hear, OnceOrEveryTimeGivesOneVerdict, ()) {
  const Panel panel = *any_panel();
  const Shape shape = *rc::gen::element(Shape::number, Shape::short_text, Shape::open);
  std::vector<Heard> heard;
  for (const Answer& answer : panel.answers) heard.push_back(hear(shape, capital, answer));
  const auto once = decide(shape, panel.asks, panel.answers, heard);
  const auto each = panel.decide(shape);
  RC_ASSERT(once.text == each.text);
  RC_ASSERT(once.author == each.author);
  RC_ASSERT(once.agreeing == each.agreeing);
  RC_ASSERT(once.abstained == each.abstained);
  RC_ASSERT(once.groups.size() == each.groups.size());
}

RC_GTEST_PROP(Decide, AnAgreeingVoterNeverLowersAgreement, ()) {
  Panel panel = *any_panel();
  const auto before = panel.decide(Shape::number);
  RC_PRE(!before.groups.empty());
  panel.said("new", 1, before.groups[0].answer);
  RC_ASSERT(panel.decide(Shape::number).agreement >= before.agreement);
}

RC_GTEST_PROP(Standing, IsFiniteForAnyRace, ()) {
  const auto any = [] {
    return *rc::gen::element(0.0, 1.0, -1.0, 1e300, -1e300, nan,
                             std::numeric_limits<double>::infinity());
  };
  const Race race{any(), any(), any(), any(), any(), any(), any(), any(), any(), any()};
  for (const double value : standing(race)) {
    RC_ASSERT(std::isfinite(value));
    RC_ASSERT(std::abs(value) <= 20);
  }
  const double sure = chance({.theta = {any(), any(), any()}}, standing(race));
  RC_ASSERT(sure > 0 && sure < 1);
}

// Weights ten times as large are the same vote.
RC_GTEST_PROP(Standing, DoesNotDependOnTheScaleOfWeights, ()) {
  Panel panel = *any_panel();
  for (Ask& ask : panel.asks) ask.weight += 1;
  const auto at = standing(race_of(panel.decide(Shape::number), panel.asks, panel.answers));
  for (Ask& ask : panel.asks) ask.weight *= 10;
  const auto scaled = standing(race_of(panel.decide(Shape::number), panel.asks, panel.answers));
  for (std::size_t place = 0; place < at.size(); ++place) {
    RC_ASSERT(std::abs(at[place] - scaled[place]) < 1e-9);
  }
}

}  // namespace
}  // namespace kai
