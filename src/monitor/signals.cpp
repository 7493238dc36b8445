#include "monitor/signals.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "monitor/feed.h"

namespace kai {

namespace {

using namespace std::chrono_literals;

constexpr Duration errors_span = 10min;
constexpr Duration recent_span = 30min;
constexpr Duration day = 24h;

// A cap of power that its owner set is no fault, and usual under load.
constexpr std::array<std::string_view, 4> faults{"hw_slowdown", "sw_thermal", "hw_thermal",
                                                 "power_brake"};

}  // namespace

void Signals::note(Samples& samples, Time at, double value) {
  samples.push_back({at, value});
  while (samples.size() > samples_max || samples.front().at < at - day - recent_span) {
    samples.pop_front();
  }
}

void Signals::take(const Outcome& outcome, Time now) {
  // What the client gave up, or asked wrongly, says nothing about kai.
  if (outcome.answered() || is_failure(outcome)) {
    note(failed_, now, is_failure(outcome) ? 1 : 0);
    note(late_, now, is_late(outcome) ? 1 : 0);
  }
  if (outcome.answered() && outcome.verdict.voters >= 2) {
    note(agreement_, now, outcome.verdict.agreement);
  }
  for (const auto& answer : outcome.answers) {
    const double tokens = static_cast<double>(answer.usage.answer.count);
    const std::string& model = answer.model.text;
    if (answer.timings.decode <= Duration{} || tokens <= 0) continue;
    if (!per_token_.contains(model) && per_token_.size() >= models_max) continue;
    note(per_token_[model], now, seconds(answer.timings.decode) / tokens);
  }
  for (const auto& [model, won] : votes_of(outcome)) {
    if (!won_.contains(model.text) && won_.size() >= models_max) continue;
    note(won_[model.text], now, won ? 1 : 0);
  }
}

// Nothing: too few to go by.
std::vector<double> Signals::of(const Samples& samples, Stretch stretch) {
  std::vector<double> values;
  for (const auto& sample : samples) {
    if (sample.at > stretch.from && sample.at <= stretch.to) values.push_back(sample.value);
  }
  if (values.size() < samples_min) values.clear();
  return values;
}

std::optional<double> Signals::mean(const Samples& samples, Stretch stretch) {
  const auto values = of(samples, stretch);
  if (values.empty()) return std::nullopt;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> Signals::p95(const Samples& samples, Stretch stretch) {
  auto values = of(samples, stretch);
  if (values.empty()) return std::nullopt;
  const auto rank = std::ceil(0.95 * static_cast<double>(values.size()));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
  std::ranges::nth_element(values, at);
  return *at;
}

std::vector<Measured> Signals::measure(const Present& present, Time now) const {
  std::vector<Measured> measured;
  const auto tell = [&](AlertKind kind, const std::string& subject, std::optional<double> value) {
    if (value) measured.push_back({kind, subject, *value});
  };
  const Stretch errors{now - errors_span, now};
  const Stretch recent{now - recent_span, now};
  const Stretch before{now - recent_span - day, now - recent_span};
  tell(AlertKind::query_errors_high, "", mean(failed_, errors));
  tell(AlertKind::deadline_miss_high, "", mean(late_, errors));
  const auto drop = [&](const Samples& samples) -> std::optional<double> {
    const auto then = mean(samples, before);
    const auto lately = mean(samples, recent);
    return then && lately ? std::optional(*then - *lately) : std::nullopt;
  };
  tell(AlertKind::agreement_drop, "", drop(agreement_));
  for (const auto& [model, samples] : won_) tell(AlertKind::quality_drop, model, drop(samples));
  for (const auto& [model, samples] : per_token_) {
    const auto then = p95(samples, before);
    const auto lately = p95(samples, recent);
    if (then && lately && *then > 0) {
      tell(AlertKind::model_latency_regressed, model, *lately / *then);
    }
  }
  for (const auto& model : present.standing.models) {
    tell(AlertKind::model_down, model.model.text, model.broken ? 1 : 0);
  }
  for (const auto& gpu : present.hardware.gpus) {
    if (gpu.memory_used && gpu.memory_total) {
      tell(AlertKind::vram_near_full, gpu.gpu,
           static_cast<double>(gpu.memory_used->count) /
               static_cast<double>(gpu.memory_total->count));
    }
    if (!gpu.throttled) continue;
    const bool slowed = std::ranges::any_of(*gpu.throttled, [](const std::string& reason) {
      return std::ranges::count(faults, reason) > 0;
    });
    tell(AlertKind::throttled, gpu.gpu, slowed ? 1 : 0);
  }
  tell(AlertKind::history_not_kept, "", present.history_kept ? 0 : 1);
  return measured;
}

}  // namespace kai
