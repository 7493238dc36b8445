#include "export/otlp.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ensure.h"
#include "export/webhook.h"

namespace kai {

namespace {

// As the semantic conventions advise, and upward, for CPUs.
constexpr std::array duration_bounds{0.01, 0.02,  0.04,  0.08,  0.16,  0.32,   0.64,   1.28,  2.56,
                                     5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36};
constexpr std::array chunk_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                  0.1,   0.25,   0.5,   1.0,  2.5};
constexpr std::array token_bounds{1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0};

enum Which : std::size_t {
  workflow,
  operation,
  first_chunk,
  chunk,
  tokens,
  server_request,
  server_first_token,
  server_token
};

}  // namespace

Result<http::Address> otlp_target(const std::string& url) {
  auto target = webhook_target(url);
  if (!target) return std::unexpected(target.error());
  if (target->path == "/") return target->address;
  return fail(ErrorCode::invalid_config,
              "\"" + url + "\": leave out the path; /v1/traces and /v1/metrics are added");
}

Otlp::Otlp(Clock& clock, OtlpOptions options, std::string version)
    : clock_(clock),
      options_(std::move(options)),
      version_(std::move(version)),
      since_(clock.wall()),
      metrics_{{"gen_ai.workflow.duration", "s", duration_bounds, {}},
               {"gen_ai.client.operation.duration", "s", duration_bounds, {}},
               {"gen_ai.client.operation.time_to_first_chunk", "s", duration_bounds, {}},
               {"gen_ai.client.operation.time_per_output_chunk", "s", chunk_bounds, {}},
               {"gen_ai.client.token.usage", "{token}", token_bounds, {}},
               {"gen_ai.server.request.duration", "s", duration_bounds, {}},
               {"gen_ai.server.time_to_first_token", "s", duration_bounds, {}},
               {"gen_ai.server.time_per_output_token", "s", chunk_bounds, {}}} {
  ensure(options_.url.empty() || otlp_target(options_.url).has_value(),
         "a collector's URL was checked before");
}

void Otlp::observe(std::size_t metric, wire::otlp::Histogram::Attributes attributes, double value) {
  Series& all = metrics_.at(metric);
  if (all.by_attributes.size() >= options_.series_max && !all.by_attributes.contains(attributes)) {
    return;
  }
  auto& series = all.by_attributes[attributes];
  if (series.counts.empty()) {
    series.attributes = std::move(attributes);
    series.counts.resize(all.bounds.size() + 1);
  }
  const auto bucket = std::ranges::lower_bound(all.bounds, value) - all.bounds.begin();
  ++series.counts.at(static_cast<std::size_t>(bucket));
  series.sum += value;
}

void Otlp::take(const Answer& answer) {
  if (answer.model.text.empty()) return;  // nobody was asked
  const wire::otlp::Histogram::Attributes whose{
      {"gen_ai.operation.name", "chat"},
      {"gen_ai.provider.name", wire::otlp::provider_of(answer.device)},
      {"gen_ai.request.model", answer.model.text}};
  const auto with = [&](std::string key, std::string value) {
    auto attributes = whose;
    attributes.emplace_back(std::move(key), std::move(value));
    return attributes;
  };
  observe(operation,
          answer.error ? with("error.type", std::string(to_string(answer.error->code))) : whose,
          seconds(answer.timings.total));
  if (answer.timings.ttft > Duration{}) {
    observe(first_chunk, whose, seconds(answer.timings.ttft));
  }
  const auto written = static_cast<double>(answer.usage.answer.count);
  if (written > 0 && answer.timings.decode > Duration{}) {
    observe(chunk, whose, seconds(answer.timings.decode) / written);
  }
  observe(tokens, with("gen_ai.token.type", "input"),
          static_cast<double>(answer.usage.prompt.count));
  observe(tokens, with("gen_ai.token.type", "output"), written);
  // The models that kai runs itself, for which it is the server; what a server elsewhere took for
  // itself is not known here.
  if (wire::otlp::provider_of(answer.device) != wire::otlp::own_provider) return;
  observe(server_request,
          answer.error ? with("error.type", std::string(to_string(answer.error->code))) : whose,
          seconds(answer.timings.total));
  if (answer.error) return;  // of these two the conventions want successful ones
  if (answer.timings.ttft > Duration{}) {
    observe(server_first_token, whose, seconds(answer.timings.ttft));
  }
  if (written > 1 && answer.timings.decode > Duration{}) {
    observe(server_token, whose, seconds(answer.timings.decode) / written);
  }
}

void Otlp::tell(const Outcome& outcome) {
  if (options_.url.empty()) return;
  wire::otlp::Histogram::Attributes attributes{{"gen_ai.workflow.name", "kai"}};
  if (outcome.error) attributes.emplace_back("error.type", to_string(outcome.error->code));
  observe(workflow, std::move(attributes), seconds(outcome.latency));
  for (const auto& answer : outcome.answers) take(answer);
  waiting_.push_back(wire::otlp::encode_spans(outcome, options_.servers));
  if (waiting_.size() <= options_.waiting_max) return;
  waiting_.pop_front();
  ++counts_.dropped;
}

Task<Otlp::Said> Otlp::post(std::string path, std::string body) {
  const auto target = otlp_target(options_.url);
  if (!target) co_return Said::refused;
  http::Request request{"POST", std::move(path), std::move(body), {}};
  request.headers.push_back({"Content-Type", "application/json"});
  const auto said =
      co_await http::fetch(clock_, *target, std::move(request), clock_.now() + options_.patience);
  if (!said) co_return Said::later;
  if (said->status >= 200 && said->status < 300) co_return Said::taken;
  // Those that the specification says to try again.
  constexpr std::array passing{429, 502, 503, 504};
  co_return std::ranges::find(passing, said->status) != passing.end() ? Said::later : Said::refused;
}

Task<Otlp::Said> Otlp::send_traces() {
  const std::size_t count = std::min(waiting_.size(), options_.batch_max);
  if (count == 0) co_return Said::taken;
  const std::vector<std::string> batch(waiting_.begin(),
                                       waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  const std::int64_t dropped_before = counts_.dropped;
  const Said said = co_await post("/v1/traces", wire::otlp::encode_traces(batch, version_));
  if (said == Said::later) co_return said;
  // Meanwhile the oldest may have been dropped: they were in this batch, and are counted already.
  const auto gone = static_cast<std::size_t>(counts_.dropped - dropped_before);
  const std::size_t left = count - std::min(count, gone);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(left));
  (said == Said::taken ? counts_.sent : counts_.failed) += static_cast<std::int64_t>(left);
  co_return said;
}

Task<Otlp::Said> Otlp::send_metrics() {
  std::vector<wire::otlp::Histogram> histograms;
  for (const auto& metric : metrics_) {
    auto& one = histograms.emplace_back(metric.name, metric.unit, metric.bounds,
                                        std::vector<wire::otlp::Histogram::Series>{});
    for (const auto& [attributes, series] : metric.by_attributes) one.series.push_back(series);
  }
  co_return co_await post(
      "/v1/metrics", wire::otlp::encode_metrics(histograms, version_, {since_, clock_.wall()}));
}

Task<bool> Otlp::run() {
  Duration pause{};
  Time metrics_at = clock_.now() + options_.metrics_every;
  while (!options_.url.empty() && !co_await cancelled()) {
    co_await clock_.sleep_until(clock_.now() + std::max(pause, options_.every));
    if (co_await cancelled()) break;
    Said said = co_await send_traces();
    while (said != Said::later && !waiting_.empty()) said = co_await send_traces();
    if (said != Said::later && clock_.now() >= metrics_at) {
      said = co_await send_metrics();
      metrics_at = clock_.now() + options_.metrics_every;
    }
    pause = said != Said::later ? Duration{}
                                : std::clamp(pause * 2, options_.pause, options_.pause_max);
  }
  co_return true;
}

}  // namespace kai
