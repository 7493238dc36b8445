#include "wire/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr std::string_view schema = "kai.bench-quality.v1";

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

constexpr Range count{0, 1'000'000'000};

std::optional<Arm> arm_named(std::string_view name) {
  const auto found = std::ranges::find(all_arms, name, [](Arm arm) { return to_string(arm); });
  return found == all_arms.end() ? std::nullopt : std::optional(*found);
}

Paired paired_in(Fields fields) {
  return {fields.small("won", count), fields.small("lost", count), fields.number("p", 0, 1)};
}

ModelWorth worth_in(Fields& fields) {
  ModelWorth worth;
  worth.model = ModelId(fields.text("model"));
  worth.marked = fields.small("marked", count);
  worth.right_with = fields.small("right_with", {0, worth.marked});
  worth.right_without = fields.small("right_without", {0, worth.marked});
  worth.without = paired_in(fields.object("without"));
  worth.compute = fields.ms("compute_ms");
  return worth;
}

ArmSummary arm_in(Fields& fields, int marked) {
  ArmSummary arm;
  arm.arm = fields.one_of("arm", arm_named);
  arm.right = fields.small("right", {0, marked});
  arm.marked = marked;
  if (fields.has("accuracy_low")) arm.accuracy.low = fields.number("accuracy_low", 0, 1);
  if (fields.has("accuracy_high")) arm.accuracy.high = fields.number("accuracy_high", 0, 1);
  arm.against_best = paired_in(fields.object("against_best"));
  arm.unanswered = fields.small("unanswered", count);
  arm.agreement = fields.number("agreement", 0, 1);
  arm.latency_mean = fields.ms("latency_mean_ms");
  arm.latency_median = fields.ms("latency_median_ms");
  arm.latency_p90 = fields.ms("latency_p90_ms");
  arm.written = Tokens(fields.integer("tokens"));
  arm.compute = fields.ms("compute_ms");
  return arm;
}

}  // namespace

Result<ComparisonDocument> decode_comparison(std::string_view text) {
  return decode(text, [](Fields& fields) {
    ComparisonDocument document;
    if (fields.text("schema") != schema) fields.reject("schema", "is of another document");
    document.file = fields.text("file");
    document.seed = fields.unsigned64("seed");
    document.interrupted = fields.flag("interrupted");
    for (auto& model : fields.texts("models")) document.models.emplace_back(std::move(model));
    document.samples = fields.small("samples", {1, 1'000'000});
    document.rows_skipped = fields.integer("rows_skipped");
    Comparison& comparison = document.comparison;
    comparison.problems = fields.small("problems", count);
    comparison.marked = fields.small("marked", {0, std::max(0, comparison.problems)});
    auto arms = fields.objects("arms");
    if (arms.size() != all_arms.size()) {
      fields.reject("arms", "must hold four");
      return document;
    }
    for (std::size_t at = 0; at < arms.size(); ++at) {
      comparison.arms[at] = arm_in(arms[at], comparison.marked);
      if (comparison.arms[at].arm != all_arms[at]) fields.reject("arms", "are in another order");
    }
    for (auto& worth : fields.objects("worth")) comparison.models.push_back(worth_in(worth));
    return document;
  });
}

std::string encode_comparison(const ComparisonDocument& document) {
  const Comparison& comparison = document.comparison;
  json::array arms, worths, skipped, models;
  for (const auto& arm : comparison.arms) arms.push_back(encoded(arm));
  for (const auto& worth : comparison.models) worths.push_back(encoded(worth));
  for (const auto& row : document.skipped) {
    skipped.push_back(json::object{{"line", row.line}, {"why", row.why}});
  }
  for (const auto& model : document.models) models.emplace_back(model.text);
  return to_indented(json::object{{"schema", schema},
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
