#include "wire/otlp.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/random.h"
#include "wire/json.h"

namespace kai::wire::otlp {

namespace {

constexpr int internal = 1;  // SpanKind
constexpr int client = 3;
constexpr int failed = 2;      // StatusCode
constexpr int cumulative = 2;  // AggregationTemporality

// 64-bit numbers are texts in OTLP's JSON.
std::string nanoseconds(WallTime time) {
  return std::to_string(time.time_since_epoch().count());
}

json::object text(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", json::object{{"stringValue", value}}}};
}
json::object number(std::string_view key, double value) {
  return {{"key", key}, {"value", json::object{{"doubleValue", value}}}};
}
json::object count(std::string_view key, std::int64_t value) {
  return {{"key", key}, {"value", json::object{{"intValue", std::to_string(value)}}}};
}

std::string trace_id(const Outcome& outcome) {
  const std::string& id = outcome.query.id.text;
  return fmt::format("{:016x}{:016x}", derive_seed(1, id), derive_seed(2, id));
}
// 0: the question's own; i: the i-th answer's.
std::string span_id(const Outcome& outcome, std::size_t index) {
  return fmt::format("{:016x}", derive_seed(3 + index, outcome.query.id.text));
}

std::string_view finish_reason(Ending ending) {
  switch (ending) {
    case Ending::complete: return "stop";
    case Ending::token_limit: return "length";
    default: return to_string(ending);
  }
}

std::string tier_of(const Outcome& outcome) {
  return std::string(to_string(outcome.plans.empty()
                                   ? outcome.query.tier.value_or(outcome.complexity.tier)
                                   : outcome.plans.back().tier));
}

json::object span(const Outcome& outcome, std::size_t index, std::string name, WallTime from,
                  WallTime to, json::array attributes, const std::optional<Error>& error) {
  json::object one{{"traceId", trace_id(outcome)},
                   {"spanId", span_id(outcome, index)},
                   {"name", std::move(name)},
                   {"kind", index == 0 ? internal : client},
                   {"startTimeUnixNano", nanoseconds(from)},
                   {"endTimeUnixNano", nanoseconds(to)}};
  if (index > 0) one["parentSpanId"] = span_id(outcome, 0);
  if (error) {
    attributes.push_back(text("error.type", to_string(error->code)));
    one["status"] = json::object{{"code", failed}};
  }
  one["attributes"] = std::move(attributes);
  return one;
}

json::object root_span(const Outcome& outcome) {
  json::array attributes{
      text("gen_ai.operation.name", "invoke_workflow"), text("gen_ai.workflow.name", "kai"),
      text("kai.query.id", outcome.query.id.text), text("kai.tier", tier_of(outcome)),
      count("kai.voters", outcome.verdict.voters)};
  if (outcome.answered()) attributes.push_back(number("kai.agreement", outcome.verdict.agreement));
  return span(outcome, 0, "invoke_workflow kai", outcome.asked, outcome.asked + outcome.latency,
              std::move(attributes), outcome.error);
}

json::object answer_span(const Outcome& outcome, std::size_t index, const Servers& servers) {
  const Answer& answer = outcome.answers[index - 1];
  json::array attributes{
      text("gen_ai.operation.name", "chat"),
      text("gen_ai.provider.name", provider_of(answer.device)),
      text("gen_ai.request.model", answer.model.text),
      text("gen_ai.response.model", answer.model.text),
      count("gen_ai.usage.input_tokens", answer.usage.prompt.count),
      count("gen_ai.usage.output_tokens", answer.usage.answer.count),
      json::object{
          {"key", "gen_ai.response.finish_reasons"},
          {"value",
           json::object{
               {"arrayValue",
                json::object{{"values", json::array{json::object{
                                            {"stringValue", finish_reason(answer.ending)}}}}}}}}}};
  if (answer.timings.ttft > Duration{}) {
    attributes.push_back(
        number("gen_ai.response.time_to_first_chunk", seconds(answer.timings.ttft)));
  }
  if (const auto at = servers.find(answer.device.text); at != servers.end()) {
    attributes.push_back(text("server.address", at->second.address));
    attributes.push_back(count("server.port", at->second.port));
  }
  const WallTime to = outcome.asked + std::min(answer.timings.total, outcome.latency);
  return span(outcome, index, "chat " + answer.model.text, outcome.asked, to, std::move(attributes),
              answer.error);
}

std::string resource(std::string_view version) {
  return to_line(json::object{
      {"attributes", json::array{text("service.name", "kai"), text("service.version", version)}}});
}
std::string scope(std::string_view version) {
  return to_line(json::object{{"name", "kai"}, {"version", version}});
}

json::object point_of(const Histogram& histogram, const Histogram::Series& series,
                      const Stretch& stretch) {
  json::array attributes;
  for (const auto& [key, value] : series.attributes) attributes.push_back(text(key, value));
  json::array counts;
  for (const auto one : series.counts) counts.emplace_back(std::to_string(one));
  const auto all = std::accumulate(series.counts.begin(), series.counts.end(), std::uint64_t{0});
  return {{"attributes", std::move(attributes)},
          {"startTimeUnixNano", nanoseconds(stretch.since)},
          {"timeUnixNano", nanoseconds(stretch.now)},
          {"count", std::to_string(all)},
          {"sum", series.sum},
          {"bucketCounts", std::move(counts)},
          {"explicitBounds", json::array(histogram.bounds.begin(), histogram.bounds.end())}};
}

}  // namespace

std::string provider_of(const DeviceId& device) {
  const bool local = device.text == "cpu" || device.text.starts_with("gpu") || device.text.empty();
  return local ? std::string(own_provider) : device.text;
}

std::string encode_spans(const Outcome& outcome, const Servers& servers) {
  std::string spans = to_line(root_span(outcome));
  for (std::size_t i = 0; i < outcome.answers.size(); ++i) {
    spans += ',' + to_line(answer_span(outcome, i + 1, servers));
  }
  return spans;
}

std::string encode_traces(std::span<const std::string> spans, std::string_view version) {
  return fmt::format(
      R"({{"resourceSpans":[{{"resource":{},"scopeSpans":[{{"scope":{},"spans":[{}]}}]}}]}})",
      resource(version), scope(version), fmt::join(spans, ","));
}

std::string encode_metrics(std::span<const Histogram> histograms, std::string_view version,
                           const Stretch& stretch) {
  std::vector<std::string> metrics;
  for (const auto& histogram : histograms) {
    if (histogram.series.empty()) continue;
    json::array points;
    for (const auto& series : histogram.series) {
      points.push_back(point_of(histogram, series, stretch));
    }
    metrics.push_back(
        to_line(json::object{{"name", histogram.name},
                             {"unit", histogram.unit},
                             {"histogram", json::object{{"aggregationTemporality", cumulative},
                                                        {"dataPoints", std::move(points)}}}}));
  }
  return fmt::format(
      R"({{"resourceMetrics":[{{"resource":{},"scopeMetrics":[{{"scope":{},"metrics":[{}]}}]}}]}})",
      resource(version), scope(version), fmt::join(metrics, ","));
}

}  // namespace kai::wire::otlp
