#include "wire/comparison.h"

#include <gtest/gtest.h>

#include "wire/json.h"

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

ComparisonDocument document() {
  ComparisonDocument document;
  document.file = "a \xFF.csv";
  document.seed = 18'446'744'073'709'551'615U;
  document.samples = 2;
  document.models = {ModelId("a"), ModelId("b")};
  document.rows_skipped = 3;
  document.skipped = {{7, "the answer is empty"}};
  Comparison& comparison = document.comparison;
  comparison.problems = 5;
  comparison.marked = 4;
  for (const Arm arm : all_arms) comparison.arms[static_cast<std::size_t>(arm)].arm = arm;
  comparison.arms.back() = {.arm = Arm::all,
                            .right = 3,
                            .marked = 4,
                            .accuracy = {0.25, 0.875},
                            .against_best = {2, 1, 1},
                            .unanswered = 1,
                            .agreement = 0.5,
                            .latency_mean = 1500ms,
                            .latency_median = 1s,
                            .latency_p90 = 2s,
                            .written = Tokens(70),
                            .compute = 9s};
  comparison.models.push_back({ModelId("a"), 4, 3, 2, {0, 1, 1}, 5s});
  return document;
}

TEST(ComparisonDocument, HasEveryFigure) {
  const std::string text = encode_comparison(document());
  const auto value = parse(text);
  ASSERT_TRUE(value) << text;
  const auto& object = value->get_object();
  EXPECT_EQ(object.at("schema"), "kai.bench-quality.v1");
  EXPECT_EQ(object.at("file"), "a \uFFFD.csv");
  EXPECT_EQ(object.at("seed"), "18446744073709551615");
  EXPECT_EQ(to_line(object.at("skipped")), R"([{"line":7,"why":"the answer is empty"}])");
  EXPECT_EQ(to_line(object.at("arms").get_array().back()),
            R"({"arm":"all","right":3,"accuracy":0.75,"accuracy_low":0.25,"accuracy_high":0.875,)"
            R"("against_best":{"won":2,"lost":1,"p":1},"unanswered":1,"agreement":0.5,)"
            R"("latency_mean_ms":1500,"latency_median_ms":1000,"latency_p90_ms":2000,)"
            R"("tokens":70,"compute_ms":9000})");
  EXPECT_EQ(to_line(object.at("worth")),
            R"([{"model":"a","marked":4,"right_with":3,"right_without":2,)"
            R"("without":{"won":0,"lost":1,"p":1},"compute_ms":5000}])");
}

TEST(ComparisonDocument, IsReadBack) {
  const ComparisonDocument given = document();
  const auto read = decode_comparison(encode_comparison(given));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->file, "a \uFFFD.csv");
  EXPECT_EQ(read->seed, given.seed);
  EXPECT_EQ(read->models, given.models);
  EXPECT_EQ(read->samples, 2);
  EXPECT_EQ(read->rows_skipped, 3);
  EXPECT_EQ(read->comparison.problems, 5);
  EXPECT_EQ(read->comparison.marked, 4);
  const ArmSummary& all = read->comparison.arms.back();
  EXPECT_EQ(all.arm, Arm::all);
  EXPECT_EQ(all.right, 3);
  EXPECT_EQ(all.marked, 4);
  EXPECT_EQ(all.latency_p90, 2s);
  EXPECT_EQ(all.written, Tokens(70));
  EXPECT_EQ(all.accuracy.high, 0.875);
  ASSERT_EQ(read->comparison.models.size(), 1u);
  const ModelWorth& worth = read->comparison.models.front();
  EXPECT_EQ(worth.model, ModelId("a"));
  EXPECT_EQ(worth.right_with, 3);
  EXPECT_EQ(worth.right_without, 2);
  EXPECT_EQ(worth.without.lost, 1);
  EXPECT_EQ(worth.compute, 5s);
}

TEST(ComparisonDocument, OfAnotherFormIsRefused) {
  const std::string good = encode_comparison(document());
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string, std::string>>{
           {"bench-quality.v1", "other.v1"},
           {"\"arm\": \"best\"", "\"arm\": \"all\""},
           {"\"right\": 3", "\"right\": 5"},
           {"\"right_with\": 3", "\"right_with\": 5"},
           {"\"worth\": [", "\"wealth\": ["},
           {"\"arms\": [", "\"legs\": ["}}) {
    std::string bad = good;
    const auto at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from << " is not in\n" << good;
    bad.replace(at, from.size(), to);
    EXPECT_FALSE(decode_comparison(bad)) << from;
  }
}

TEST(ComparisonDocument, WithoutMarksThereIsNoAccuracy) {
  const auto value = parse(encode_comparison(document()));
  ASSERT_TRUE(value);
  const auto& best = value->get_object().at("arms").get_array().front().get_object();
  for (const char* field : {"accuracy", "accuracy_low", "accuracy_high"}) {
    EXPECT_TRUE(best.at(field).is_null()) << field;
  }
}

}  // namespace
}  // namespace kai::wire
