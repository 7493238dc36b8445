#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using std::chrono::seconds;
using testing_planner::members;
using testing_planner::Pc;
using testing_planner::random_pc;
using testing_planner::start;
using Names = std::vector<std::string>;

// A complex question on a PC with a strong, a middle and a quick model.
Pc three_models() {
  Pc pc;
  pc.query.tier = Tier::complex;
  pc.add_model("strong", 0.8, 60);
  pc.add_model("middle", 0.6, 100);
  pc.add_model("quick", 0.4, 200);
  return pc;
}

// The outcome after asking `asked` with endings of one kind.
Outcome tried(const Pc& pc, const std::vector<std::string>& asked, Ending ending,
              std::optional<ErrorCode> code = {}) {
  Outcome outcome;
  outcome.query = pc.query;
  Plan plan;
  plan.tier = pc.query.tier.value_or(Tier::simple);
  plan.deadline = start + seconds(90);
  for (const auto& name : asked) {
    Ask ask;
    ask.member = MemberId(name);
    ask.model = ModelId(name);
    ask.answer_max = Tokens(512);
    plan.asks.push_back(ask);
    Answer answer;
    answer.member = ask.member;
    answer.model = ask.model;
    answer.ending = ending;
    if (code) answer.error = Error{*code, "it failed"};
    outcome.answers.push_back(answer);
  }
  outcome.plans.push_back(plan);
  return outcome;
}

TEST(Fallback, IsSimplerInEveryWay) {
  const Pc pc = three_models();
  const Outcome outcome = tried(pc, {"strong", "middle"}, Ending::failed, ErrorCode::lane_lost);
  const auto plan = fallback(pc.input(), outcome);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->tier, Tier::medium);
  EXPECT_LT(plan->asks.size(), outcome.plans[0].asks.size());
  EXPECT_EQ(plan->asks[0].answer_max, Tokens(256));
  EXPECT_EQ(plan->deadline, start + seconds(90));
}

TEST(Fallback, GivesAnswersThatWereCutTheirWholeLength) {
  const Pc pc = three_models();
  const auto plan = fallback(pc.input(), tried(pc, {"strong", "middle"}, Ending::token_limit));
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->asks[0].answer_max, Tokens(512));
}

TEST(Fallback, TriesTheNotYetAskedFirst) {
  const Pc pc = three_models();
  const Outcome outcome = tried(pc, {"strong", "quick"}, Ending::failed, ErrorCode::lane_lost);
  EXPECT_EQ(members(*fallback(pc.input(), outcome)), (Names{"middle"}));
}

TEST(Fallback, RetriesALostLaneOnceWithTheQuickOnesFirst) {
  const Pc pc = three_models();
  Outcome outcome = tried(pc, {"strong", "middle", "quick"}, Ending::failed, ErrorCode::lane_lost);
  const auto first = fallback(pc.input(), outcome);
  ASSERT_TRUE(first);
  EXPECT_EQ(members(*first), (Names{"middle", "quick"}));
  outcome.plans.push_back(*first);
  const auto second = fallback(pc.input(), outcome);
  ASSERT_TRUE(second);
  EXPECT_EQ(members(*second), (Names{"strong"}));
  outcome.plans.push_back(*second);
  EXPECT_FALSE(fallback(pc.input(), outcome));
}

TEST(Fallback, NeverRetriesARefusal) {
  const Pc pc = three_models();
  const auto all =
      tried(pc, {"strong", "middle", "quick"}, Ending::failed, ErrorCode::model_refused);
  EXPECT_FALSE(fallback(pc.input(), all));
}

TEST(Fallback, DoesNotAskAgainWhoSaidAllItCould) {
  const Pc pc = three_models();
  EXPECT_FALSE(fallback(pc.input(), tried(pc, {"strong", "middle", "quick"}, Ending::complete)));
  const auto plan = fallback(pc.input(), tried(pc, {"strong", "middle"}, Ending::token_limit));
  ASSERT_TRUE(plan);
  EXPECT_EQ(members(*plan), (Names{"quick"}));
}

TEST(Fallback, StaysWithTheModelsTheUserNamed) {
  Pc pc = three_models();
  pc.query.models = {ModelId("strong")};
  EXPECT_FALSE(
      fallback(pc.input(), tried(pc, {"strong"}, Ending::failed, ErrorCode::model_refused)));
  EXPECT_EQ(
      members(*fallback(pc.input(), tried(pc, {"strong"}, Ending::failed, ErrorCode::lane_lost))),
      (Names{"strong"}));
}

TEST(Fallback, NeedsASecondOfTime) {
  Pc pc = three_models();
  const Outcome outcome = tried(pc, {"strong"}, Ending::failed, ErrorCode::lane_lost);
  pc.now = start + seconds(89);
  EXPECT_TRUE(fallback(pc.input(), outcome));
  pc.now += std::chrono::milliseconds(1);
  EXPECT_FALSE(fallback(pc.input(), outcome));
}

TEST(Fallback, WithoutAPlanThereIsNothingToFallBackFrom) {
  EXPECT_FALSE(fallback(three_models().input(), Outcome{}));
}

// Whatever fails, the fallbacks come to an end, each within the first plan's deadline.
RC_GTEST_PROP(Fallback, EndsForAnyPc, (std::uint64_t seed)) {
  const Pc pc = random_pc(seed);
  const auto first = make_plan(pc.input());
  if (!first) return;
  Outcome outcome;
  outcome.query = pc.query;
  outcome.plans.push_back(*first);
  while (const auto next = fallback(pc.input(), outcome)) {
    RC_ASSERT(!next->asks.empty());
    RC_ASSERT(next->deadline == first->deadline);
    RC_ASSERT(next->tier <= outcome.plans.back().tier);
    RC_ASSERT(next->asks.size() <= outcome.plans.back().asks.size());
    for (const auto& ask : next->asks) RC_ASSERT(ask.deadline <= next->deadline);
    outcome.plans.push_back(*next);
    RC_ASSERT(outcome.plans.size() <= 2 * pc.fleet.models.size() + 1);
  }
}

}  // namespace
}  // namespace kai
