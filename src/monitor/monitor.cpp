#include "monitor/monitor.h"

#include <algorithm>
#include <array>

namespace kai {

namespace {

constexpr std::size_t quality_votes_max = 100;
constexpr std::size_t quality_series_max = 1024;  // models times tiers
constexpr std::array<std::string_view, 5> throttle_reasons{"power_cap", "hw_slowdown", "sw_thermal",
                                                           "hw_thermal", "power_brake"};

// Devices of this machine are asked through llama.cpp; an engine of others is a device of its name.
std::string backend_of(const DeviceId& device) {
  const bool local = device.text == "cpu" || device.text.starts_with("gpu") || device.text.empty();
  return local ? "llama.cpp" : device.text;
}

double as_double(Bytes bytes) {
  return static_cast<double>(bytes.count);
}

}  // namespace

Tier tier_of(const Outcome& outcome) {
  if (!outcome.plans.empty()) return outcome.plans.back().tier;
  return outcome.query.tier.value_or(outcome.complexity.tier);
}

std::string outcome_name(const Outcome& outcome) {
  if (outcome.error) return std::string(to_string(outcome.error->code));
  return outcome.partial ? "partial" : "answered";
}

std::vector<Voted> votes_of(const Outcome& outcome) {
  std::vector<Voted> votes;
  const auto& groups = outcome.verdict.groups;
  if (outcome.verdict.voters < 2 || groups.empty()) return votes;
  for (const auto& answer : outcome.answers) {
    const auto has = [&](const Group& group) {
      return std::ranges::count(group.members, answer.member) > 0;
    };
    if (std::ranges::any_of(groups, has)) votes.push_back({answer.model, has(groups.front())});
  }
  return votes;
}

Monitor::Monitor(const std::string& version, WallTime started) {
  registry_.set(Metric::build_info, {version}, 1);
  registry_.set(Metric::process_start, {}, seconds(started.time_since_epoch()));
}

void Monitor::take(const Outcome& outcome) {
  const std::string tier(to_string(tier_of(outcome)));
  registry_.add(Metric::queries, {tier, outcome_name(outcome)});
  const bool late = outcome.error && outcome.error->code == ErrorCode::deadline;
  if (late || outcome.partial) registry_.add(Metric::deadline_exceeded, {tier});
  if (!outcome.stop_why.empty()) registry_.add(Metric::early_stops, {tier});
  if (outcome.answered()) {
    registry_.observe(Metric::query_duration, {tier}, seconds(outcome.latency));
    if (outcome.verdict.voters >= 2) {
      registry_.observe(Metric::query_agreement, {tier}, outcome.verdict.agreement);
    }
    if (outcome.verdict.confidence) {
      registry_.observe(Metric::query_confidence, {tier}, *outcome.verdict.confidence);
    }
  }
  for (const auto& answer : outcome.answers) take(answer);
  if (outcome.synthesis) take(outcome.synthesis->answer);
  note_quality(outcome, tier);
}

void Monitor::take(const Answer& answer) {
  const std::string& model = answer.model.text;
  if (model.empty()) return;  // nobody was asked
  registry_.add(Metric::model_requests,
                {model, backend_of(answer.device), std::string(to_string(answer.ending))});
  const Timings& took = answer.timings;
  registry_.observe(Metric::model_queue, {model}, seconds(took.queued));
  if (took.load > Duration{}) registry_.observe(Metric::model_load, {model}, seconds(took.load));
  if (took.ttft > Duration{}) registry_.observe(Metric::model_ttft, {model}, seconds(took.ttft));
  const double tokens = static_cast<double>(answer.usage.answer.count);
  if (took.decode > Duration{} && tokens > 0) {
    registry_.observe(Metric::model_decode, {model}, seconds(took.decode));
    registry_.observe(Metric::model_time_per_output_token, {model}, seconds(took.decode) / tokens);
  }
  registry_.add(Metric::model_tokens, {model, "prompt"},
                static_cast<double>(answer.usage.prompt.count));
  registry_.add(Metric::model_tokens, {model, "answer"}, tokens);
}

void Monitor::note_quality(const Outcome& outcome, const std::string& tier) {
  for (const auto& [model, won] : votes_of(outcome)) {
    const std::pair key(model.text, tier);
    if (!quality_.contains(key) && quality_.size() >= quality_series_max) continue;
    auto& votes = quality_[key];
    votes.push_back(won);
    if (votes.size() > quality_votes_max) votes.pop_front();
    registry_.set(
        Metric::model_quality, {model.text, tier},
        static_cast<double>(std::ranges::count(votes, true)) / static_cast<double>(votes.size()));
  }
}

void Monitor::take(const HardwareReading& reading) {
  for (int metric = static_cast<int>(Metric::gpu_info);
       metric <= static_cast<int>(Metric::host_temperature); ++metric) {
    registry_.clear(static_cast<Metric>(metric));
  }
  for (const auto& gpu : reading.gpus) take(gpu);
  const HostReading& host = reading.host;
  const auto set = [this](Metric metric, std::optional<double> value) {
    if (value) registry_.set(metric, {}, *value);
  };
  set(Metric::host_cpu_utilization, host.cpu_utilization);
  set(Metric::host_cpu_limit, host.cores);
  set(Metric::host_memory_available, host.memory_available.transform(as_double));
  set(Metric::host_memory_limit, host.memory_limit.transform(as_double));
  set(Metric::host_power, host.power);
  set(Metric::host_temperature, host.temperature);
  for (const auto& stall : host.stalled) {
    registry_.set(Metric::host_pressure, {stall.resource}, stall.seconds);
  }
}

void Monitor::take(const GpuReading& gpu) {
  registry_.set(Metric::gpu_info, {gpu.gpu, gpu.name}, 1);
  const auto set = [&](Metric metric, std::optional<double> value) {
    if (value) registry_.set(metric, {gpu.gpu}, *value);
  };
  set(Metric::gpu_utilization, gpu.utilization);
  set(Metric::gpu_memory_used, gpu.memory_used.transform(as_double));
  set(Metric::gpu_memory_total, gpu.memory_total.transform(as_double));
  set(Metric::gpu_power, gpu.power);
  set(Metric::gpu_temperature, gpu.temperature);
  if (!gpu.throttled) return;
  for (const auto reason : throttle_reasons) {
    const bool now = std::ranges::count(*gpu.throttled, reason) > 0;
    registry_.set(Metric::gpu_throttled, {gpu.gpu, std::string(reason)}, now ? 1 : 0);
  }
}

void Monitor::take(const Standing& standing) {
  registry_.set(Metric::queries_running, {}, standing.running);
  registry_.set(Metric::queue_depth, {}, standing.waiting);
  registry_.set(Metric::history_dropped, {}, static_cast<double>(standing.history_dropped));
  for (const auto& [reason, count] : standing.refused) {
    registry_.set(Metric::requests_refused, {reason}, static_cast<double>(count));
  }
  for (const auto metric :
       {Metric::model_up, Metric::model_breaker_open, Metric::model_loaded_bytes}) {
    registry_.clear(metric);
  }
  for (const auto& model : standing.models) {
    registry_.set(Metric::model_up, {model.model.text}, model.refused || model.broken ? 0 : 1);
    registry_.set(Metric::model_breaker_open, {model.model.text}, model.broken ? 1 : 0);
    if (model.loaded) {
      registry_.set(Metric::model_loaded_bytes, {model.model.text}, as_double(*model.loaded));
    }
  }
}

}  // namespace kai
