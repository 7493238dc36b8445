#include "wire/performance.h"

#include "wire/document_parts.h"
#include "wire/json.h"

namespace kai::wire {

namespace {

// Null where no question was asked in this way.
json::value encoded(const WayFigures& way) {
  if (way.questions == 0) return nullptr;
  const bool any = way.answered > 0;
  const auto if_any = [&](json::value value) { return any ? std::move(value) : nullptr; };
  return json::object{{"questions", way.questions},
                      {"answered", way.answered},
                      {"median_ms", if_any(to_ms(way.median))},
                      {"p90_ms", if_any(to_ms(way.p90))},
                      {"asked", way.asked},
                      {"heard", way.heard},
                      {"agreement", if_any(way.agreement)},
                      {"gpu_busy", or_null(way.gpu_busy)},
                      {"cpu_busy", or_null(way.cpu_busy)},
                      {"running", or_null(way.running)},
                      {"gpu_peak_bytes", way.gpu_peak.count},
                      {"loaded_bytes", way.loaded.count},
                      {"marked", way.marked},
                      {"right", way.right},
                      {"why", text_or_null(way.why)}};
}

json::array encoded(const std::vector<PerformanceRow>& rows) {
  json::array list;
  for (const auto& row : rows) {
    list.push_back(
        json::object{{"tier", row.tier ? json::value(to_string(*row.tier)) : json::value()},
                     {"kind", row.kind ? json::value(to_string(*row.kind)) : json::value()},
                     {"adaptive", encoded(row.adaptive)},
                     {"original_same_models", encoded(row.same)},
                     {"original", encoded(row.original)},
                     {"faster", row.faster > 0 ? json::value(row.faster) : json::value()}});
  }
  return list;
}

json::object encoded(const CurvePoint& point) {
  return {{"models", point.models},
          {"adaptive_ms", to_ms(point.adaptive)},
          {"split_ms", to_ms(point.split)},
          {"original_ms", to_ms(point.original)},
          {"bound_ms", to_ms(point.bound)},
          {"adaptive_gpu_busy", point.adaptive_gpu},
          {"split_gpu_busy", point.split_gpu},
          {"original_gpu_busy", point.original_gpu}};
}

json::object encoded(const CostCard& card) {
  return {{"model", card.model.text},
          {"device", card.device.text},
          {"measured", card.measured},
          {"load_ms", to_ms(card.load)},
          {"prefill_rate", card.prefill_rate},
          {"decode_rate", card.decode_rate},
          {"weights_bytes", card.weights.count},
          {"kv_bytes_per_token", card.kv_per_token.count}};
}

json::object encoded(const TradeOff& point) {
  return {
      {"way", point.way},           {"asked", point.asked},   {"median_ms", to_ms(point.median)},
      {"p90_ms", to_ms(point.p90)}, {"marked", point.marked}, {"right", point.right}};
}

json::object encoded(const PcSpan& span) {
  return {{"model", span.model},
          {"gpu_share", span.share},
          {"load_from_ms", to_ms(span.load_from)},
          {"load_to_ms", to_ms(span.load_to)},
          {"read_from_ms", to_ms(span.read_from)},
          {"read_to_ms", to_ms(span.read_to)},
          {"write_to_ms", to_ms(span.write_to)}};
}

template <class Value>
json::array all(const std::vector<Value>& values) {
  json::array list;
  for (const auto& value : values) list.push_back(encoded(value));
  return list;
}

json::value encoded(const std::optional<PcTrial>& example) {
  if (!example || !example->answered()) return nullptr;
  return json::object{{"question", example->question},
                      {"tier", to_string(example->tier)},
                      {"adaptive_ms", to_ms(example->kai.time)},
                      {"original_same_models_ms", to_ms(example->same.time)},
                      {"original_ms", to_ms(example->original.time)},
                      {"adaptive_spans", all(example->kai_spans)},
                      {"original_same_models_spans", all(example->same_spans)}};
}

}  // namespace

std::string encode_performance(const PerformanceReport& report) {
  json::array models, aims, missing;
  for (const auto& model : report.models) models.emplace_back(model);
  for (const Duration aim : report.aims) aims.emplace_back(to_ms(aim));
  for (const auto& [what, command] : report.missing) {
    missing.push_back(json::object{{"what", what}, {"command", command}});
  }
  return to_indented(json::object{{"schema", "kai.report.v1"},
                                  {"subject", report.subject},
                                  {"simulated", report.simulated},
                                  {"recorded", report.recorded},
                                  {"made_by", report.made_by},
                                  {"models", std::move(models)},
                                  {"aims_ms", std::move(aims)},
                                  {"tiers", encoded(report.tiers)},
                                  {"kinds", encoded(report.kinds)},
                                  {"curve", all(report.curve)},
                                  {"example", encoded(report.example)},
                                  {"cards", all(report.cards)},
                                  {"timeouts", wire::encoded(report.timeouts)},
                                  {"trade_off", all(report.trade_off)},
                                  {"trade_off_of", text_or_null(report.trade_off_of)},
                                  {"missing", std::move(missing)}});
}

}  // namespace kai::wire
