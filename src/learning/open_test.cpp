#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "learning/learning.h"
#include "learning/testing.h"

namespace kai {
namespace {

using namespace testing_learning;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// The second voter is liked whenever its answer is the longer one, else the first.
std::vector<Preference> longer_wins(int count) {
  std::vector<Preference> preferences;
  for (int question = 0; question < count; ++question) {
    const double length = question % 2 == 0 ? 1 : -1;
    const double liked = length > 0 ? 1 : 0;
    preferences.push_back({.scores = {1 - liked, liked}, .signs = {{0, -length}, {0, length}}});
  }
  return preferences;
}

TEST(OpenSay, FollowsThePriorsWithoutPreferences) {
  const auto say = fit_open(panel({0.4, 0.7, 0.5}), {});
  EXPECT_EQ(say.best, 1u);
  EXPECT_EQ(say.weights[0], 0);
  EXPECT_GT(say.weights[1], say.weights[2]);
  EXPECT_EQ(say.taste, Taste{});
}

TEST(OpenSay, LearnsNoTasteFromFew) {
  EXPECT_EQ(fit_open(panel({0.5, 0.5}), longer_wins(99)).taste, Taste{});
}

TEST(OpenSay, LearnsATasteForLength) {
  const auto taste = fit_open(panel({0.5, 0.5}), longer_wins(100)).taste;
  EXPECT_GT(taste.length, 0);
}

TEST(OpenSay, ALikedVoterGainsWeight) {
  const std::vector<Preference> preferences(
      150, Preference{.scores = {0, 1}, .signs = std::vector<OpenSigns>(2)});
  const auto say = fit_open(panel({0.8, 0.2}), preferences);
  EXPECT_EQ(say.best, 1u);
  EXPECT_GT(say.weights[1], say.weights[0]);
}

TEST(OpenSay, WhatIsNotKnownTeachesNothing) {
  std::vector<Preference> preferences(
      150, Preference{.scores = {unknown, 7}, .signs = std::vector<OpenSigns>(2)});
  preferences.push_back({.scores = {1}, .signs = {}});
  const auto say = fit_open(panel({0.8, 0.2}), preferences);
  const auto none = fit_open(panel({0.8, 0.2}), {});
  EXPECT_EQ(say.weights, none.weights);
}

TEST(OpenSay, OfNobodyIsEmpty) {
  EXPECT_TRUE(fit_open({}, {}).weights.empty());
}

RC_GTEST_PROP(OpenSay, IsFiniteAndDeterministic, ()) {
  const auto any = [] { return *rc::gen::element(0.0, 0.5, 1.0, -3.0, 1e300, unknown); };
  std::vector<Preference> preferences(120);
  for (Preference& each : preferences) {
    each.scores = {any(), any()};
    each.signs = {{any(), any()}, {any(), any()}};
  }
  const auto voters = panel({any(), any()});
  const auto say = fit_open(voters, preferences);
  for (const double weight : say.weights) RC_ASSERT(std::isfinite(weight) && weight >= 0);
  RC_ASSERT(std::isfinite(say.taste.centrality) && std::isfinite(say.taste.length));
  RC_ASSERT(say.taste == fit_open(voters, preferences).taste);
}

}  // namespace
}  // namespace kai
