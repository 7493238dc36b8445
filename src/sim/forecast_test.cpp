// What the coordinator tells beforehand, and what it measures on purpose.
#include <gtest/gtest.h>

#include "sim/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_sim::Stage;

std::vector<std::string> members(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& ask : plan.asks) names.push_back(ask.member.text);
  return names;
}

const std::string words = "one two three four five six seven eight";

TEST(Forecast, IsThePlanThatIsAsked) {
  Stage stage({.lanes = 1});
  stage.model("a", "Paris").model("b", "Lyon").model("c", "Paris");
  const auto forecast = stage.forecast({.mode = Mode::adaptive});
  ASSERT_TRUE(forecast) << forecast.error().message;
  EXPECT_EQ(forecast->misfit, "");
  const Outcome outcome = stage.ask({.mode = Mode::adaptive});
  EXPECT_EQ(members(forecast->plan), members(outcome.plans.front()));
  EXPECT_EQ(forecast->plan.predicted, outcome.plans.front().predicted);
  EXPECT_EQ(forecast->shape, outcome.verdict.shape);
  EXPECT_EQ(forecast->cards.size(), forecast->plan.asks.size());
}

TEST(Forecast, AsksNobodyAndRecordsNothing) {
  Stage stage;
  stage.model("a", "Paris");
  ASSERT_TRUE(stage.forecast());
  EXPECT_TRUE(stage.store.outcomes.empty());
  EXPECT_TRUE(stage.store.cards_kept.empty());
}

TEST(Forecast, OfAnEmptyQuestionIsItsError) {
  Stage stage;
  stage.model("a", "Paris");
  const auto forecast = stage.forecast({.messages = {{{Role::user, "  "}}}});
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code, ErrorCode::invalid_request);
}

TEST(Measure, ReplacesTheCardAndKeepsIt) {
  Stage stage;
  stage.model("a", words, 0.5, {}, 40);
  const auto measured = stage.measure("a", 60s);
  ASSERT_TRUE(measured) << measured.error().message;
  EXPECT_EQ(measured->fault, "");
  EXPECT_EQ(measured->readings.size(), 2u);
  EXPECT_EQ(measured->before.measured, 0);
  EXPECT_EQ(measured->after.measured, 2);
  EXPECT_NEAR(measured->after.decode_rate, 40, 8);
  ASSERT_EQ(stage.store.cards_kept.size(), 1u);
  EXPECT_EQ(stage.store.cards_kept.front().decode_rate, measured->after.decode_rate);
}

TEST(Measure, AGpuHasAnswersThatAreNotTimed) {
  for (const auto kind : {DeviceKind::cpu, DeviceKind::gpu}) {
    Stage stage({.kind = kind});
    stage.model("a", words, 0.5, {}, 40);
    const auto measured = stage.measure("a", 60s);
    ASSERT_TRUE(measured) << measured.error().message;
    EXPECT_EQ(measured->readings.size(), 2u);
    EXPECT_EQ(stage.answers, kind == DeviceKind::gpu ? 4 : 2);
  }
}

TEST(Measure, OfAModelThatIsRefusedChangesNothing) {
  Stage stage;
  stage.model("a", words, 0.5, {.load_refused = 1});
  const auto measured = stage.measure("a", 60s);
  ASSERT_TRUE(measured);
  EXPECT_NE(measured->fault, "");
  EXPECT_TRUE(stage.store.cards_kept.empty());
}

TEST(Measure, OfTooFewWordsSaysSo) {
  Stage stage;
  stage.model("a", "Paris");
  const auto measured = stage.measure("a", 60s);
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->fault, "it wrote too little to tell a rate");
  EXPECT_TRUE(stage.store.cards_kept.empty());
}

}  // namespace
}  // namespace kai
