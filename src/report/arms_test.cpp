#include "report/arms.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

namespace kai::report {
namespace {

using namespace std::chrono_literals;

const Problem capital{1, "What is the capital of France?", "Paris"};

struct Voice {
  std::string model;
  double weight;
  std::string text;
};

// What the coordinator would tell of these voices.
Outcome outcome_of(const Problem& problem, const std::vector<Voice>& voices) {
  Outcome outcome;
  outcome.query.messages = {{Role::user, problem.question}};
  outcome.latency = 2s;
  Plan& plan = outcome.plans.emplace_back();
  for (const auto& [model, weight, text] : voices) {
    Ask& ask = plan.asks.emplace_back();
    ask.member = MemberId(model);
    ask.model = ModelId(model);
    ask.weight = weight;
    Answer& answer = outcome.answers.emplace_back();
    answer.member = ask.member;
    answer.model = ask.model;
    answer.ending = Ending::complete;
    answer.text = text;
    answer.timings.prefill = 1s;
    answer.timings.decode = 2s;
    answer.usage.answer = Tokens(5);
  }
  outcome.verdict =
      decide(shape_of(problem.question), problem.question, plan.asks, outcome.answers);
  if (outcome.verdict.voters == 0) outcome.error = Error{ErrorCode::internal, "nobody answered"};
  return outcome;
}

// The same voices in every arm but `best`, where the first is alone.
Trial trial(const std::vector<Voice>& voices, const Problem& problem = capital) {
  const Outcome all = outcome_of(problem, voices);
  return trial_of(problem, {outcome_of(problem, {voices.front()}), all, all, all});
}

TEST(Right, ComparesWhatIsSaidNotHow) {
  EXPECT_EQ(right(capital, "The capital of France is Paris."), true);
  EXPECT_EQ(right(capital, "Lyon"), false);
  EXPECT_EQ(right(capital, ""), false);
  EXPECT_EQ(right({1, "How much is 7 + 5?", "12.0"}, "7 + 5 = 12"), true);
  EXPECT_EQ(right({1, "Why is the sky blue?", "scattering"}, "scattering"), std::nullopt);
}

TEST(Right, AnAnswerThatSaysNothingCannotBeMarkedBy) {
  EXPECT_EQ(unmarkable(capital), "");
  EXPECT_NE(unmarkable({1, "How much is 7 + 5?", "?"}), "");
  EXPECT_EQ(unmarkable({1, "Why is the sky blue?", "Scattering."}), "");  // asked, not marked
}

TEST(Trial, SumsWhatItTook) {
  const Trial one = trial({{"a", 2, "Paris"}, {"b", 1, "Lyon"}});
  EXPECT_EQ(one.of(Arm::all).right, true);
  EXPECT_EQ(one.of(Arm::all).latency, 2s);
  EXPECT_EQ(one.of(Arm::all).compute, 6s);
  EXPECT_EQ(one.of(Arm::all).written, Tokens(10));
  EXPECT_EQ(one.of(Arm::best).compute, 3s);
  EXPECT_DOUBLE_EQ(one.of(Arm::all).agreement, 0.5);
}

TEST(Trial, DecidesAgainWithoutEachModel) {
  const Trial one = trial({{"a", 2, "Lyon"}, {"b", 1, "Paris"}});
  ASSERT_EQ(one.models.size(), 2u);
  EXPECT_EQ(one.of(Arm::all).right, false);
  EXPECT_EQ(one.models[0].model, ModelId("a"));
  EXPECT_EQ(one.models[0].right_without, true);
  EXPECT_EQ(one.models[1].right_without, false);
}

TEST(Trial, AloneNoModelCanBeLeftOut) {
  const Trial one = trial({{"a", 2, "Paris"}});
  ASSERT_EQ(one.models.size(), 1u);
  EXPECT_EQ(one.models[0].right_without, std::nullopt);
}

TEST(Trial, NoAnswerIsWrong) {
  const Trial one = trial({{"a", 2, ""}});
  EXPECT_FALSE(one.of(Arm::all).answered);
  EXPECT_EQ(one.of(Arm::all).right, false);
}

TEST(Compare, CountsWinsAndLossesAgainstBest) {
  const std::vector<Trial> trials{
      trial({{"a", 1, "Lyon"}, {"b", 2, "Paris"}}), trial({{"a", 1, "Lyon"}, {"b", 2, "Paris"}}),
      trial({{"a", 1, "Paris"}, {"b", 2, "Lyon"}}), trial({{"a", 2, "Paris"}, {"b", 1, "Paris"}})};
  const Comparison comparison = compare(trials);
  const ArmSummary& all = comparison.arms[static_cast<std::size_t>(Arm::all)];
  EXPECT_EQ(comparison.problems, 4);
  EXPECT_EQ(comparison.marked, 4);
  EXPECT_EQ(comparison.arms.front().right, 2);
  EXPECT_EQ(all.right, 3);
  EXPECT_EQ(all.against_best.won, 2);
  EXPECT_EQ(all.against_best.lost, 1);
  EXPECT_DOUBLE_EQ(all.against_best.p, 1);
  EXPECT_EQ(all.latency_mean, 2s);
  EXPECT_EQ(all.latency_p90, 2s);
  EXPECT_EQ(all.written, Tokens(40));
  ASSERT_EQ(comparison.models.size(), 2u);
  EXPECT_EQ(comparison.models[0].right_with, 3);
  EXPECT_EQ(comparison.models[0].right_without, 3);
  EXPECT_EQ(comparison.models[0].without.won, 0);
  EXPECT_EQ(comparison.models[0].without.lost, 0);
  EXPECT_EQ(comparison.models[1].right_without, 2);
  EXPECT_EQ(comparison.models[1].without.won, 1);
  EXPECT_EQ(comparison.models[1].without.lost, 2);
  EXPECT_EQ(harmful(comparison), nullptr);
}

TEST(Compare, NamesTheModelThatHarms) {
  const std::vector<Trial> trials{trial({{"a", 2, "Lyon"}, {"b", 1, "Paris"}}),
                                  trial({{"a", 2, "Paris"}, {"b", 1, "Paris"}})};
  const Comparison comparison = compare(trials);
  const ModelWorth* worst = harmful(comparison);
  ASSERT_NE(worst, nullptr);
  EXPECT_EQ(worst->model, ModelId("a"));
  EXPECT_EQ(worst->right_without - worst->right_with, 1);
}

TEST(Compare, OpenTextHasTimeButNoAccuracy) {
  const Problem open{1, "Why is the sky blue?", "Because of scattering."};
  const std::vector<Trial> trials{trial({{"a", 2, "Air scatters blue light."}}, open)};
  const Comparison comparison = compare(trials);
  EXPECT_EQ(comparison.problems, 1);
  EXPECT_EQ(comparison.marked, 0);
  EXPECT_EQ(comparison.arms.front().latency_mean, 2s);
  EXPECT_DOUBLE_EQ(comparison.arms.front().accuracy.high, 1);
}

TEST(Compare, NothingIsZeros) {
  const Comparison comparison = compare({});
  EXPECT_EQ(comparison.problems, 0);
  EXPECT_TRUE(comparison.models.empty());
  EXPECT_EQ(harmful(comparison), nullptr);
}

// Any trials: the pairs explain the difference, whatever the order.
RC_GTEST_PROP(Compare, WinsMinusLossesIsTheDifference, ()) {
  const std::vector<std::string> texts{"Paris", "Lyon", "Rome", ""};
  std::vector<Trial> trials;
  const int count = *rc::gen::inRange(0, 12);
  for (int at = 0; at < count; ++at) {
    std::vector<Voice> voices;
    for (const char* model : {"a", "b", "c"}) {
      voices.push_back(
          {model, static_cast<double>(*rc::gen::inRange(1, 4)), *rc::gen::elementOf(texts)});
    }
    trials.push_back(trial(voices));
  }
  const Comparison comparison = compare(trials);
  const int best = comparison.arms.front().right;
  for (const auto& arm : comparison.arms) {
    RC_ASSERT(arm.right - best == arm.against_best.won - arm.against_best.lost);
    RC_ASSERT(arm.right <= arm.marked);
  }
  for (const auto& worth : comparison.models) {
    RC_ASSERT(worth.right_without - worth.right_with == worth.without.won - worth.without.lost);
  }
  std::vector<Trial> turned(trials.rbegin(), trials.rend());
  const Comparison again = compare(turned);
  RC_ASSERT(again.arms.back().right == comparison.arms.back().right);
  RC_ASSERT(again.arms.back().latency_median == comparison.arms.back().latency_median);
}

}  // namespace
}  // namespace kai::report
