#include "cli/bench_table.h"

#include <gtest/gtest.h>

#include <clocale>

namespace kai {
namespace {

using namespace std::chrono_literals;

ModelWorth worth(const char* model, int with, Paired without) {
  return {.model = ModelId(model),
          .marked = 100,
          .right_with = with,
          .right_without = with + without.won - without.lost,
          .without = without,
          .compute = 30s};
}

// Three arms with 62 of 100 right, and the last with `all_right`.
Comparison comparison(int all_right, std::vector<ModelWorth> models) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  Comparison comparison;
  comparison.problems = 103;
  comparison.marked = 100;
  for (const Arm arm : all_arms) {
    ArmSummary& summary = comparison.arms[static_cast<std::size_t>(arm)];
    summary.arm = arm;
    summary.marked = 100;
    summary.right = arm == Arm::all ? all_right : 62;
    summary.accuracy = {0.5, 0.75};
    summary.latency_mean = 1234ms;
  }
  comparison.models = std::move(models);
  return comparison;
}

std::string table(const Comparison& comparison) {
  std::string text;
  for (const auto& line : table_lines(comparison)) text += line + '\n';
  return text;
}

TEST(BenchTable, HasALineForEachArmAndModel) {
  const std::string text = table(comparison(
      70, {worth("gemma3:270m", 70, {3, 10, 0.092}), worth("smollm2:135m", 70, {2, 1, 1})}));
  for (const char* part :
       {"103 questions, 100 marked right or wrong; 3 ask for open text",
        "best          62   62.0 %    50.0-75.0         -      -",
        "all           70   70.0 %    50.0-75.0       0-0  1.000",
        "gemma3:270m                       70       63      3-10  0.092   30.0 s"}) {
    EXPECT_TRUE(text.contains(part)) << part << " is not in\n" << text;
  }
}

TEST(BenchTable, WithoutMarksThereIsTimeAlone) {
  Comparison open;
  open.problems = 1;
  for (const Arm arm : all_arms) open.arms[static_cast<std::size_t>(arm)].arm = arm;
  const std::string text = table(open);
  EXPECT_TRUE(text.contains("1 question, 0 marked right or wrong; 1 asks for open")) << text;
  EXPECT_TRUE(text.contains("adaptive       -        -            -")) << text;
  EXPECT_FALSE(text.contains("without")) << text;
  EXPECT_TRUE(advice_lines(open).empty());
}

TEST(BenchTable, AModelsNameCannotSteerTheTerminal) {
  const std::string text =
      table(comparison(62, {worth("\x1b[2J", 62, {}), worth("b", 62, {1, 2, 1})}));
  EXPECT_FALSE(text.contains('\x1b'));
}

TEST(BenchTable, SaysWhatToDoAboutTheModels) {
  struct Case {
    std::vector<ModelWorth> models;
    const char* advice;
  };
  for (const auto& [models, advice] :
       {Case{{worth("a", 60, {1, 9, 0.021}), worth("b", 60, {4, 2, 0.688})},
             "Without b the ensemble answers 2 more of 100 right (p 0.688: this may be chance): "
             "consider leaving it out."},
        Case{{worth("a", 60, {1, 9, 0.021}), worth("b", 60, {9, 1, 0.021})},
             "Without b the ensemble answers 8 more of 100 right (p 0.021): consider leaving it "
             "out."},
        Case{{worth("a", 60, {1, 9, 0.021}), worth("b", 60, {1, 1, 1})},
             "Without b the ensemble answers as many right, and computes 30.0 s less for 103 "
             "questions: it could be left out."},
        Case{{worth("a", 60, {0, 20, 0.000002}), worth("b", 60, {1, 9, 0.021})},
             "Every model earns its place: even without b the ensemble answers 8 fewer of 100 "
             "right (p 0.021)."},
        Case{{worth("a", 60, {1, 9, 0.021}), worth("b", 60, {0, 1, 1})},
             "No model harms. The least needed is b: without it the ensemble answers 1 fewer of "
             "100 right (p 1.000: this may be chance) and computes 30.0 s less."}}) {
    EXPECT_EQ(advice_lines(comparison(60, models)).front(), advice);
  }
}

TEST(BenchTable, SaysWhichWayToAskIsBetter) {
  const std::vector<ModelWorth> models{worth("a", 60, {1, 9, 0.021}), worth("b", 60, {0, 1, 1})};
  Comparison better = comparison(70, models);
  better.arms.back().against_best = {10, 2, 0.039};
  EXPECT_EQ(advice_lines(better).back(),
            "all answered 8 more of 100 right than the best model alone (p 0.039).");
  EXPECT_EQ(advice_lines(comparison(60, models)).back(),
            "No way to ask answered more right than the best model alone (--mode best).");
}

}  // namespace
}  // namespace kai
