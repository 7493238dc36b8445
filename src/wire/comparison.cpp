#include "wire/comparison.h"

#include <fmt/format.h>

#include "wire/json.h"

namespace kai::wire {

namespace {

json::value share(int part, int whole) {
  return whole > 0 ? json::value(static_cast<double>(part) / whole) : json::value();
}

json::object encoded(const Paired& paired) {
  return {{"won", paired.won}, {"lost", paired.lost}, {"p", paired.p}};
}

json::object encoded(const ArmSummary& arm) {
  const bool marked = arm.marked > 0;
  return {{"arm", to_string(arm.arm)},
          {"right", arm.right},
          {"accuracy", share(arm.right, arm.marked)},
          {"accuracy_low", marked ? json::value(arm.accuracy.low) : json::value()},
          {"accuracy_high", marked ? json::value(arm.accuracy.high) : json::value()},
          {"against_best", encoded(arm.against_best)},
          {"unanswered", arm.unanswered},
          {"agreement", arm.agreement},
          {"latency_mean_ms", to_ms(arm.latency_mean)},
          {"latency_median_ms", to_ms(arm.latency_median)},
          {"latency_p90_ms", to_ms(arm.latency_p90)},
          {"tokens", arm.written.count},
          {"compute_ms", to_ms(arm.compute)}};
}

json::object encoded(const ModelWorth& worth) {
  return {{"model", worth.model.text},         {"marked", worth.marked},
          {"right_with", worth.right_with},    {"right_without", worth.right_without},
          {"without", encoded(worth.without)}, {"compute_ms", to_ms(worth.compute)}};
}

}  // namespace

std::string encode_comparison(const ComparisonDocument& document) {
  const Comparison& comparison = document.comparison;
  json::array arms, worths, skipped, models;
  for (const auto& arm : comparison.arms) arms.push_back(encoded(arm));
  for (const auto& worth : comparison.models) worths.push_back(encoded(worth));
  for (const auto& row : document.skipped) {
    skipped.push_back(json::object{{"line", row.line}, {"why", row.why}});
  }
  for (const auto& model : document.models) models.emplace_back(model.text);
  return to_indented(json::object{{"schema", "kai.bench-quality.v1"},
                                  {"file", document.file},
                                  {"seed", fmt::format("{}", document.seed)},
                                  {"interrupted", document.interrupted},
                                  {"models", std::move(models)},
                                  {"samples", document.samples},
                                  {"problems", comparison.problems},
                                  {"marked", comparison.marked},
                                  {"rows_skipped", document.rows_skipped},
                                  {"skipped", std::move(skipped)},
                                  {"arms", std::move(arms)},
                                  {"worth", std::move(worths)}});
}

}  // namespace kai::wire
