#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "consensus/consensus.h"
#include "learning/learning.h"
#include "learning/testing.h"

namespace kai {
namespace {

using namespace testing_learning;

bool is_permutation_of_all(std::vector<std::size_t> order, std::size_t count) {
  std::ranges::sort(order);
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (order[at] != at) return false;
  }
  return order.size() == count;
}

TEST(StopPlan, OfFewQuestionsIsExactAndStrongestFirst) {
  const auto plan = fit_stop(taking_turns(3, 29), std::vector<double>{1, 3, 2});
  EXPECT_FALSE(plan.rule.learned);
  EXPECT_EQ(plan.order, (std::vector<std::size_t>{1, 2, 0}));
}

TEST(StopPlan, AsksOneAloneWhereOneDecides) {
  std::vector<Ballot> ballots(100, unlabelled({0, 1, 1}));
  const auto plan = fit_stop(ballots, std::vector<double>{5, 1, 1});
  EXPECT_EQ(plan.order[0], 0u);
}

// Four voters of like say, the last at ten times the work: it is asked last.
TEST(StopPlan, AsksTheCheapFirstWhereAllAreAlike) {
  auto ballots = taking_turns(4, 200);
  for (Ballot& ballot : ballots) ballot.costs = {10, 1, 1, 1};
  const auto plan = fit_stop(ballots, std::vector<double>{1, 1, 1, 1});
  EXPECT_TRUE(plan.rule.learned);
  EXPECT_EQ(plan.order.back(), 0u);
}

TEST(StopPlan, NeedsNoLabels) {
  auto ballots = taking_turns(4, 200);
  const auto with = fit_stop(ballots, std::vector<double>{1, 1, 1, 1});
  for (Ballot& ballot : ballots) ballot.right.reset();
  const auto without = fit_stop(ballots, std::vector<double>{1, 1, 1, 1});
  EXPECT_EQ(with.order, without.order);
  EXPECT_EQ(with.rule, without.rule);
}

TEST(StopPlan, BallotsThatNotAllAnsweredTeachNothing) {
  std::vector<Ballot> ballots(100, unlabelled({0, Ballot::not_asked}));
  EXPECT_FALSE(fit_stop(ballots, std::vector<double>{1, 1}).rule.learned);
}

TEST(StopPlan, UnusableCostsAndLengthsAreBounded) {
  auto ballots = taking_turns(3, 100);
  for (Ballot& ballot : ballots) {
    ballot.costs = {std::numeric_limits<double>::quiet_NaN(), -1, 1};
    ballot.lengths = {std::numeric_limits<double>::infinity(), -5, 1};
  }
  const auto plan = fit_stop(ballots, std::vector<double>{1, 1, 1});
  EXPECT_TRUE(is_permutation_of_all(plan.order, 3));
  for (const double theta : plan.rule.stays.theta) EXPECT_TRUE(std::isfinite(theta));
}

RC_GTEST_PROP(StopPlan, IsAPermutationAndDeterministic, ()) {
  const auto ballots = *any_ballots(4);
  const auto weights = *rc::gen::container<std::vector<double>>(4, chance());
  const auto plan = fit_stop(ballots, weights);
  RC_ASSERT(is_permutation_of_all(plan.order, 4));
  RC_ASSERT(plan.rule == fit_stop(ballots, weights).rule);
  for (const double theta : plan.rule.stays.theta) RC_ASSERT(std::isfinite(theta));
}

std::vector<Judged> verdicts(int count, double share_right) {
  std::vector<Judged> made;
  for (int at = 0; at < count; ++at) {
    Race race{.first = 3,
              .second = 1,
              .total = 4,
              .agreeing = 3,
              .voters = 4,
              .groups = 2,
              .heard = 4,
              .asked = 4};
    made.push_back({standing(race), at < share_right * count});
  }
  return made;
}

TEST(Confidence, OfFewLabelsIsNotTold) {
  EXPECT_EQ(fit_confidence(verdicts(29, 0.5)).labels, 0);
  EXPECT_EQ(fit_confidence({}).labels, 0);
}

TEST(Confidence, IsTheShareOfThoseThatLookAlike) {
  const auto curve = fit_confidence(verdicts(200, 0.8));
  EXPECT_EQ(curve.labels, 200);
  EXPECT_NEAR(chance(curve.right, verdicts(1, 1)[0].at), 0.8, 0.01);
}

TEST(Confidence, IsNeverCertain) {
  for (const double share : {0.0, 1.0}) {
    const auto curve = fit_confidence(verdicts(50, share));
    const double sure = chance(curve.right, verdicts(1, 1)[0].at);
    EXPECT_GT(sure, 0.01);
    EXPECT_LT(sure, 0.99);
  }
}

TEST(Confidence, TellsAgreementFromDispute) {
  std::vector<Judged> mixed;
  for (int at = 0; at < 100; ++at) {
    Race race{
        .first = 4, .total = 4, .agreeing = 4, .voters = 4, .groups = 1, .heard = 4, .asked = 4};
    mixed.push_back({standing(race), at % 10 != 0});
    race = {.first = 2,
            .second = 1,
            .total = 4,
            .agreeing = 2,
            .voters = 4,
            .groups = 3,
            .heard = 4,
            .asked = 4};
    mixed.push_back({standing(race), at % 10 < 3});
  }
  const auto curve = fit_confidence(mixed);
  EXPECT_GT(chance(curve.right, mixed[0].at), 0.75);
  EXPECT_LT(chance(curve.right, mixed[1].at), 0.45);
}

TEST(Confidence, UnusableVerdictsAreLeftOut) {
  auto made = verdicts(100, 0.7);
  made[3].at[4] = std::numeric_limits<double>::quiet_NaN();
  made[5].at[2] = std::numeric_limits<double>::infinity();
  const auto curve = fit_confidence(made);
  for (const double theta : curve.right.theta) EXPECT_TRUE(std::isfinite(theta));
}

TEST(Reliability, BinsTellWhatWasRightAmongAnswersAsSure) {
  // Two kinds of verdicts, right in three of four and in one of four.
  std::vector<Judged> mixed;
  for (int question = 0; question < 400; ++question) {
    const bool strong = question % 2 == 0;
    Judged& verdict = mixed.emplace_back();
    verdict.at[0] = 1;
    verdict.at[1] = strong ? 1 : -1;
    verdict.right = question / 2 % 4 != 0;
    if (!strong) verdict.right = !verdict.right;
    verdict.question = question;
  }
  const auto bins = reliability_of(mixed);
  ASSERT_EQ(bins.size(), 5u);
  int answers = 0;
  for (const auto& bin : bins) answers += bin.answers;
  EXPECT_EQ(answers, 400);
  EXPECT_NEAR(bins.front().right, 0.25, 0.1);
  EXPECT_NEAR(bins.front().said, 0.25, 0.1);
  EXPECT_NEAR(bins.back().right, 0.75, 0.1);
  EXPECT_NEAR(bins.back().said, 0.75, 0.1);
}

TEST(Reliability, TooFewSayNothing) {
  EXPECT_TRUE(reliability_of(verdicts(20, 0.5)).empty());
  EXPECT_TRUE(reliability_of({}).empty());
}

}  // namespace
}  // namespace kai
