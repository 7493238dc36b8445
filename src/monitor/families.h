// families: every metric that kai tells, in one table: docs/metrics.md is held against it. Names
// follow Prometheus' practices: the prefix kai_, base units, _total for what only grows. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace kai {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

// In the order of the text.
enum class Metric : std::uint8_t {
  build_info,
  queries,
  query_duration,
  query_agreement,
  query_confidence,
  early_stops,
  deadline_exceeded,
  queries_running,
  queue_depth,
  model_requests,
  model_queue,
  model_load,
  model_ttft,
  model_decode,
  model_time_per_output_token,
  model_tokens,
  model_up,
  model_breaker_open,
  model_quality,
  model_loaded_bytes,
  gpu_info,
  gpu_utilization,
  gpu_memory_used,
  gpu_memory_total,
  gpu_power,
  gpu_temperature,
  gpu_throttled,
  host_cpu_utilization,
  host_cpu_limit,
  host_memory_available,
  host_memory_limit,
  host_pressure,
  host_power,
  host_temperature,
  history_dropped,
  alert_firing,
  webhook_posts,
  otlp_questions,
  requests_refused,
  process_cpu,
  process_resident,
  process_virtual,
  process_open_files,
  process_max_files,
  process_start,
};

struct MetricFamily {
  Metric metric;
  MetricKind kind;
  std::string_view name;
  std::vector<std::string_view> labels;
  std::string_view unit;  // in words, for people: "seconds", "bytes", "0..1", ""
  std::string_view help;
  std::span<const double> bounds = {};  // of a histogram's buckets, rising; +Inf is added
};

// All of them, families()[i].metric == Metric(i).
std::span<const MetricFamily> families();
const MetricFamily& family(Metric metric);

std::string_view to_string(MetricKind kind);

}  // namespace kai
