#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "learning/learning.h"
#include "learning/testing.h"

namespace kai {
namespace {

using namespace testing_learning;

double sum(const std::vector<double>& weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  return total;
}

TEST(Skill, IsThePriorWithoutLabels) {
  const auto skills = fit_skills(panel({0.7, 0.3}), std::vector<Ballot>{unlabelled({0, 1})});
  EXPECT_DOUBLE_EQ(skills[0].chance(), 0.7);
  EXPECT_DOUBLE_EQ(skills[1].chance(), 0.3);
}

TEST(Skill, MovesToWhatWasSeen) {
  const std::vector<Ballot> ballots(200, labelled({0, 1}, 0));
  const auto skills = fit_skills(panel({0.3, 0.7}), ballots);
  EXPECT_GT(skills[0].chance(), 0.8);
  EXPECT_LT(skills[1].chance(), 0.2);
}

TEST(Skill, CountsNobodyWhoWasNotAsked) {
  const std::vector<Ballot> ballots(200, labelled({0, Ballot::not_asked}, 0));
  EXPECT_DOUBLE_EQ(fit_skills(panel({0.5, 0.6}), ballots)[1].chance(), 0.6);
}

TEST(Say, OfNobodyIsEmpty) {
  EXPECT_TRUE(fit_say({}, {}).weights.empty());
}

TEST(Say, FollowsThePriorsWithoutLabels) {
  const auto say = fit_say(panel({0.6, 0.55, 0.55, 0.5, 0.5}), {});
  EXPECT_FALSE(say.guarded);
  EXPECT_EQ(say.best, 0u);
  EXPECT_GT(say.weights[0], say.weights[1]);
  EXPECT_EQ(say.weights[1], say.weights[2]);
  EXPECT_GT(say.weights[2], say.weights[3]);
  // An even panel is not ruled by its best.
  EXPECT_LT(say.weights[0], sum(say.weights) / 2);
}

TEST(Say, OfOneWhoTowersOverTheOthersDecides) {
  const auto say = fit_say(panel({0.8, 0.4, 0.4, 0.4}), {});
  EXPECT_GT(say.weights[0], sum(say.weights) / 2);
}

TEST(Say, IsGuardedWhereTheVoteOnlyHarms) {
  // The best is right in most, and whenever the others agree against it they are wrong.
  std::vector<Ballot> ballots(60, labelled({0, 0, 0, 0, 0}, 0));
  ballots.insert(ballots.end(), 60, labelled({0, 1, 1, 1, 1}, 0));
  const auto say = fit_say(panel({0.5, 0.5, 0.5, 0.5, 0.5}), ballots);
  EXPECT_EQ(say.best, 0u);
  EXPECT_GT(say.weights[0], sum(say.weights) / 2);
}

TEST(Say, IsNotGuardedWhereTheVoteHelps) {
  // Each is wrong alone, in turn: together they are always right.
  const auto say = fit_say(panel({0.6, 0.55, 0.55, 0.55}), taking_turns(4, 200));
  EXPECT_FALSE(say.guarded);
  EXPECT_LT(say.weights[say.best], sum(say.weights) / 2);
}

TEST(Say, TheGuardCanBeSwitchedOff) {
  std::vector<Ballot> ballots(100, labelled({0, 1, 1, 1}, 0));
  EXPECT_FALSE(fit_say(panel({0.5, 0.5, 0.5, 0.5}), ballots, {.guard = false}).guarded);
}

TEST(Say, UnusablePriorsAndBallotsAreBounded) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  std::vector<Ballot> ballots{labelled({0}, 0), labelled({}, 0), labelled({5, 5, 5, 5, 5, 5, 5}, 0),
                              unlabelled({1, 2, 3})};
  ballots.push_back(labelled({-7, -1, 1'000'000, -2}, 7));
  const auto say = fit_say(panel({nan, infinite, -3, 1}), ballots);
  ASSERT_EQ(say.weights.size(), 4u);
  for (const double weight : say.weights) {
    EXPECT_TRUE(std::isfinite(weight));
    EXPECT_GE(weight, 0);
  }
}

RC_GTEST_PROP(Say, IsFiniteDeterministicAndOfAnyOrderOfBallots, ()) {
  auto voters = panel(*rc::gen::container<std::vector<double>>(4, chance()));
  auto ballots = *any_ballots(4);
  const auto say = fit_say(voters, ballots);
  RC_ASSERT(say.weights == fit_say(voters, ballots).weights);
  for (const double weight : say.weights) RC_ASSERT(std::isfinite(weight) && weight >= 0);
  std::ranges::reverse(ballots);
  const auto reversed = fit_say(voters, ballots);
  RC_ASSERT(reversed.guarded == say.guarded);
  for (std::size_t at = 0; at < 4; ++at) {
    RC_ASSERT(std::abs(reversed.weights[at] - say.weights[at]) < 1e-6);
  }
}

RC_GTEST_PROP(Say, OfABetterVoterIsNeverLess, ()) {
  const auto voters = panel(*rc::gen::container<std::vector<double>>(4, chance()));
  const auto ballots = *any_ballots(4);
  const auto skills = fit_skills(voters, ballots);
  const auto say = fit_say(voters, ballots);
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = 0; b < 4; ++b) {
      if (skills[a].chance() > skills[b].chance()) {
        RC_ASSERT(say.weights[a] >= say.weights[b]);
      }
    }
  }
}

}  // namespace
}  // namespace kai
