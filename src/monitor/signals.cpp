#include "monitor/signals.h"

#include <algorithm>
#include <array>
#include <optional>

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

void Signals::take(const Outcome& outcome, Time now) {
  // What the client gave up, or asked wrongly, says nothing about kai.
  if (outcome.answered() || is_failure(outcome)) {
    failed_.note(now, is_failure(outcome) ? 1 : 0);
    late_.note(now, is_late(outcome) ? 1 : 0);
  }
  if (outcome.answered() && outcome.verdict.voters >= 2) {
    agreement_.note(now, outcome.verdict.agreement);
  }
  for (const auto& answer : outcome.answers) {
    const double tokens = static_cast<double>(answer.usage.answer.count);
    const std::string& model = answer.model.text;
    if (answer.timings.decode <= Duration{} || tokens <= 0) continue;
    if (!per_token_.contains(model) && per_token_.size() >= models_max) continue;
    per_token_[model].note(now, seconds(answer.timings.decode) / tokens);
  }
  for (const auto& [model, won] : votes_of(outcome)) {
    if (!won_.contains(model.text) && won_.size() >= models_max) continue;
    won_[model.text].note(now, won ? 1 : 0);
  }
}

std::size_t Signals::held() const {
  std::size_t held = failed_.held() + late_.held() + agreement_.held();
  for (const auto& [model, samples] : per_token_) held += samples.held();
  for (const auto& [model, samples] : won_) held += samples.held();
  return held;
}

std::vector<Measured> Signals::measure(const Present& present, Time now) const {
  std::vector<Measured> measured;
  const auto tell = [&](AlertKind kind, const std::string& subject, std::optional<double> value) {
    if (value) measured.push_back({kind, subject, *value});
  };
  const Samples::Stretch errors{now - errors_span, now};
  const Samples::Stretch recent{now - recent_span, now};
  const Samples::Stretch before{now - recent_span - day, now - recent_span};
  tell(AlertKind::query_errors_high, "", failed_.mean(errors));
  tell(AlertKind::deadline_miss_high, "", late_.mean(errors));
  const auto drop = [&](const Samples& samples) -> std::optional<double> {
    const auto then = samples.mean(before);
    const auto lately = samples.mean(recent);
    return then && lately ? std::optional(*then - *lately) : std::nullopt;
  };
  tell(AlertKind::agreement_drop, "", drop(agreement_));
  for (const auto& [model, samples] : won_) tell(AlertKind::quality_drop, model, drop(samples));
  for (const auto& [model, samples] : per_token_) {
    const auto then = samples.p95(before);
    const auto lately = samples.p95(recent);
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
