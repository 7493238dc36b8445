// What is known of the answers' length, in what a plan expects.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "planner/placement.h"
#include "planner/testing.h"

namespace kai {
namespace {

using testing_planner::Pc;
using testing_planner::random_pc;

Plan plan_with(const Pc& pc, const std::vector<AnswerLength>& lengths) {
  PlanInput input = pc.input();
  input.lengths = lengths;
  auto plan = make_plan(input);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? *plan : Plan{};
}

double decode_seconds(const Plan& plan) {
  return seconds(plan.asks.front().decode);
}

TEST(ExpectedTokens, OfEqualAnswersAreTheirs) {
  EXPECT_NEAR(expected_tokens({std::log(40.0), 0, 10}, Tokens(100)), 40, 1e-9);
  EXPECT_EQ(expected_tokens({std::log(400.0), 0, 10}, Tokens(100)), 100);
}

TEST(ExpectedTokens, AreTheMeanOfWhatTheLimitLeaves) {
  const AnswerLength length{std::log(60.0), 0.8, 10};
  Random random(1);
  double sum = 0;
  constexpr int draws = 20'000;
  for (int draw = 0; draw < draws; ++draw) {
    sum += std::min(100.0, std::exp(length.log_mean + length.log_sd * random.normal()));
  }
  EXPECT_NEAR(expected_tokens(length, Tokens(100)), sum / draws, 1);
}

TEST(Length, OfAModelThatIsBriefMakesItQuick) {
  Pc pc;
  pc.add_models(1);
  pc.query.mode = Mode::all;
  const double usual = decode_seconds(plan_with(pc, {{}}));
  EXPECT_NEAR(decode_seconds(plan_with(pc, {{std::log(6.4), 0, 20}})), usual / 10, 1e-6);
  // Four answers tell nothing.
  EXPECT_EQ(decode_seconds(plan_with(pc, {{std::log(6.4), 0, 4}})), usual);
}

TEST(PredictedP90, GrowsWithWhatIsNotKnown) {
  Pc pc;
  pc.add_models(1);
  pc.query.mode = Mode::all;
  pc.cards[0].spread = 0;
  const std::vector<AnswerLength> exact{{std::log(20.0), 0, 20}}, vague{{std::log(20.0), 0.6, 20}};
  EXPECT_EQ(plan_with(pc, exact).predicted_p90, plan_with(pc, exact).predicted);
  const double sure = seconds(plan_with(pc, vague).predicted_p90);
  EXPECT_GT(sure, 1.1 * seconds(plan_with(pc, vague).predicted));
  pc.cards[0].spread = 0.5;
  EXPECT_GT(seconds(plan_with(pc, vague).predicted_p90), sure);
}

RC_GTEST_PROP(PredictedP90, IsNeverBeforeWhatIsExpected, (std::uint64_t seed)) {
  const auto plan = make_plan(random_pc(seed).input());
  if (plan) RC_ASSERT(plan->predicted_p90 >= plan->predicted);
}

}  // namespace
}  // namespace kai
