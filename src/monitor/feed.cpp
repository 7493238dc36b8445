#include "monitor/feed.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai {

namespace {

constexpr std::size_t sentence_max = 200;

void put(History& history, const Answer& answer) {
  const std::string& model = answer.model.text;
  if (model.empty()) return;
  const bool failed = answer.ending == Ending::failed || answer.ending == Ending::deadline;
  history.put(Series::asks, model, 1);
  if (failed) history.put(Series::asks_failed, model, 1);
  const double tokens = static_cast<double>(answer.usage.answer.count);
  if (tokens > 0) history.put(Series::tokens_written, model, tokens);
  const Timings& took = answer.timings;
  if (took.ttft > Duration{}) history.put(Series::ttft_seconds, model, seconds(took.ttft));
  if (took.decode > Duration{} && tokens > 0) {
    history.put(Series::seconds_per_token, model, seconds(took.decode) / tokens);
  }
}

void put_if(History& history, Series series, const std::string& label,
            std::optional<double> value) {
  if (value) history.put(series, label, *value);
}

std::optional<double> as_double(std::optional<Bytes> bytes) {
  return bytes.transform([](Bytes some) { return static_cast<double>(some.count); });
}

}  // namespace

bool is_failure(const Outcome& outcome) {
  if (!outcome.error) return false;
  const ErrorCode code = outcome.error->code;
  return code != ErrorCode::cancelled && code != ErrorCode::invalid_request &&
         code != ErrorCode::not_found;
}

bool is_late(const Outcome& outcome) {
  return outcome.partial || (outcome.error && outcome.error->code == ErrorCode::deadline);
}

void put(History& history, const Outcome& outcome) {
  const std::string tier(to_string(tier_of(outcome)));
  history.put(Series::questions, tier, 1);
  if (is_failure(outcome)) history.put(Series::questions_failed, tier, 1);
  if (is_late(outcome)) history.put(Series::questions_late, tier, 1);
  if (outcome.answered()) {
    history.put(Series::question_seconds_p50, tier, seconds(outcome.latency));
    history.put(Series::question_seconds_p95, tier, seconds(outcome.latency));
    if (outcome.verdict.voters >= 2) {
      history.put(Series::agreement, tier, outcome.verdict.agreement);
    }
    put_if(history, Series::confidence, tier, outcome.verdict.confidence);
  }
  for (const auto& answer : outcome.answers) put(history, answer);
  if (outcome.synthesis) put(history, outcome.synthesis->answer);
  for (const auto& [model, won] : votes_of(outcome)) {
    history.put(Series::quality, model.text, won ? 1 : 0);
  }
}

void put(History& history, Feedback::Kind said) {
  const auto name = [said] {
    switch (said) {
      case Feedback::Kind::good: return "good";
      case Feedback::Kind::bad: return "bad";
      case Feedback::Kind::answer: break;
    }
    return "answer";
  };
  history.put(Series::feedback, name(), 1);
}

void put(History& history, const std::vector<Measured>& measured) {
  for (const auto& rule : alert_rules()) {
    for (const auto& one : measured) {
      if (one.kind == rule.kind)
        history.put(Series::alert_value, std::string(rule.name), one.value);
    }
  }
}

void put(History& history, const HardwareReading& reading,
         const std::optional<HardwareReading>& before, Duration since) {
  const HostReading& host = reading.host;
  put_if(history, Series::cpu_utilization, "", host.cpu_utilization);
  if (host.memory_limit && host.memory_available) {
    history.put(Series::memory_used_bytes, "",
                static_cast<double>((*host.memory_limit - *host.memory_available).count));
  }
  put_if(history, Series::host_power_watts, "", host.power);
  put_if(history, Series::host_temperature_celsius, "", host.temperature);
  for (const auto& stall : host.stalled) {
    if (!before || since <= Duration{}) break;
    const auto earlier =
        std::ranges::find(before->host.stalled, stall.resource, &HostReading::Stalled::resource);
    if (earlier == before->host.stalled.end()) continue;
    const double share = (stall.seconds - earlier->seconds) / seconds(since);
    history.put(Series::pressure, stall.resource, std::clamp(share, 0.0, 1.0));
  }
  for (const auto& gpu : reading.gpus) {
    put_if(history, Series::gpu_utilization, gpu.gpu, gpu.utilization);
    put_if(history, Series::gpu_memory_used_bytes, gpu.gpu, as_double(gpu.memory_used));
    put_if(history, Series::gpu_power_watts, gpu.gpu, gpu.power);
    put_if(history, Series::gpu_temperature_celsius, gpu.gpu, gpu.temperature);
  }
}

void put(History& history, const Monitor::Standing& standing) {
  history.put(Series::queue_depth, "", standing.waiting);
  history.put(Series::questions_running, "", standing.running);
}

std::vector<Annotation> annotations_of(const Outcome& outcome, WallTime now) {
  // Less is an engine of others that had it and said so.
  constexpr Duration load_min = std::chrono::milliseconds(50);
  std::vector<Annotation> notes;
  for (const auto& answer : outcome.answers) {
    if (answer.timings.load >= load_min) {
      notes.push_back({now, "load",
                       fmt::format("{} was loaded on {} in {:.1f} s", answer.model.text,
                                   answer.device.text, seconds(answer.timings.load))});
    }
    if (answer.error && answer.error->code == ErrorCode::lane_lost) {
      std::string text = answer.model.text + ": " + answer.error->message;
      if (text.size() > sentence_max) text.resize(sentence_max);
      notes.push_back({now, "failure", std::move(text)});
    }
  }
  return notes;
}

}  // namespace kai
