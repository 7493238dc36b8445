#include "monitor/families.h"

#include <array>
#include <utility>

namespace kai {

namespace {

// From what a lane does at its fastest to a tier's longest timeout on a CPU.
constexpr std::array duration_bounds{0.01, 0.025, 0.05, 0.1,  0.25, 0.5,   1.0,   2.5,
                                     5.0,  10.0,  20.0, 40.0, 80.0, 160.0, 320.0, 640.0};
// Of one token: 1,000 a second to one in 2.5 s.
constexpr std::array token_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                  0.1,   0.25,   0.5,   1.0,  2.5};
constexpr std::array ratio_bounds{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};

constexpr auto counter = MetricKind::counter;
constexpr auto gauge = MetricKind::gauge;
constexpr auto histogram = MetricKind::histogram;

MetricFamily row(Metric metric, MetricKind kind, std::string_view name,
                 std::vector<std::string_view> labels, std::string_view unit, std::string_view help,
                 std::span<const double> bounds = {}) {
  return {metric, kind, name, std::move(labels), unit, help, bounds};
}

std::vector<MetricFamily> of_questions() {
  return {
      row(Metric::build_info, gauge, "kai_build_info", {"version"}, "",
          "1; the label tells which kai this is."),
      row(Metric::queries, counter, "kai_queries_total", {"tier", "outcome"}, "",
          "Questions that are over. outcome: answered, partial (the deadline cut members that "
          "could have changed the answer), or the error's code."),
      row(Metric::query_duration, histogram, "kai_query_duration_seconds", {"tier"}, "seconds",
          "From a question's turn to its answer, of those answered.", duration_bounds),
      row(Metric::query_agreement, histogram, "kai_query_agreement_ratio", {"tier"}, "0..1",
          "Share of the voters in the winning group, where at least two voted; not a probability.",
          ratio_bounds),
      row(Metric::query_confidence, histogram, "kai_query_confidence_ratio", {"tier"}, "0..1",
          "Confidence of answers for which it was calibrated on feedback.", ratio_bounds),
      row(Metric::early_stops, counter, "kai_early_stops_total", {"tier"}, "",
          "Questions that ended before every member had, since nothing left could change the "
          "answer."),
      row(Metric::deadline_exceeded, counter, "kai_deadline_exceeded_total", {"tier"}, "",
          "Questions whose deadline left them without an answer, or with a partial one."),
      row(Metric::queries_running, gauge, "kai_queries_running", {}, "",
          "Questions being answered now."),
      row(Metric::queue_depth, gauge, "kai_queue_depth", {}, "",
          "Questions that wait for their turn now."),
  };
}

std::vector<MetricFamily> of_models() {
  return {
      row(Metric::model_requests, counter, "kai_model_requests_total",
          {"model", "backend", "outcome"}, "",
          "Asks of a model that are over. outcome: complete, token_limit, stated (its answer "
          "settled the question), cancelled (no longer needed, or the client left), deadline, "
          "failed."),
      row(Metric::model_queue, histogram, "kai_model_queue_seconds", {"model"}, "seconds",
          "Wait for a lane, of each ask.", duration_bounds),
      row(Metric::model_load, histogram, "kai_model_load_seconds", {"model"}, "seconds",
          "Loads that an ask waited for.", duration_bounds),
      row(Metric::model_ttft, histogram, "kai_model_ttft_seconds", {"model"}, "seconds",
          "From an ask's start to its first token, waits and loads included.", duration_bounds),
      row(Metric::model_decode, histogram, "kai_model_decode_seconds", {"model"}, "seconds",
          "Writing, of each ask that wrote.", duration_bounds),
      row(Metric::model_time_per_output_token, histogram, "kai_model_time_per_output_token_seconds",
          {"model"}, "seconds", "Writing, by the tokens written, of each ask.", token_bounds),
      row(Metric::model_tokens, counter, "kai_model_tokens_total", {"model", "type"}, "",
          "Tokens read (type: prompt) and written (type: answer)."),
      row(Metric::model_up, gauge, "kai_model_up", {"model"}, "",
          "1: the model can be asked; 0: its file is refused, or its breaker is open."),
      row(Metric::model_breaker_open, gauge, "kai_model_breaker_open", {"model"}, "",
          "1: it failed again and again, and is not asked for a while."),
      row(Metric::model_quality, gauge, "kai_model_quality_ratio", {"model", "tier"}, "0..1",
          "Of its last 100 voted answers, the share in the winning group."),
      row(Metric::model_loaded_bytes, gauge, "kai_model_loaded_bytes", {"model"}, "bytes",
          "Weights of a model that is loaded now, as known."),
  };
}

std::vector<MetricFamily> of_gpus() {
  return {
      row(Metric::gpu_info, gauge, "kai_gpu_info", {"gpu", "name"}, "",
          "1; the label tells the card's name."),
      row(Metric::gpu_utilization, gauge, "kai_gpu_utilization_ratio", {"gpu"}, "0..1",
          "Share of the time in which some kernel ran: busy, not necessarily well used."),
      row(Metric::gpu_memory_used, gauge, "kai_gpu_memory_used_bytes", {"gpu"}, "bytes",
          "Memory of a GPU that is taken, by whomever."),
      row(Metric::gpu_memory_total, gauge, "kai_gpu_memory_total_bytes", {"gpu"}, "bytes",
          "Memory of a GPU."),
      row(Metric::gpu_power, gauge, "kai_gpu_power_watts", {"gpu"}, "watts",
          "Power that a GPU draws."),
      row(Metric::gpu_temperature, gauge, "kai_gpu_temperature_celsius", {"gpu"}, "celsius",
          "Temperature of a GPU."),
      row(Metric::gpu_throttled, gauge, "kai_gpu_throttled", {"gpu", "reason"}, "",
          "1: the GPU is slowed down for this reason now."),
  };
}

std::vector<MetricFamily> of_host() {
  return {
      row(Metric::host_cpu_utilization, gauge, "kai_host_cpu_utilization_ratio", {}, "0..1",
          "Share of all processors' time that was used in the last second, by whomever."),
      row(Metric::host_cpu_limit, gauge, "kai_host_cpu_limit_cores", {}, "cores",
          "Cores that kai may use at once: affinity and control groups' quota."),
      row(Metric::host_memory_available, gauge, "kai_host_memory_available_bytes", {}, "bytes",
          "Memory that programs may still take, within the control groups' limits."),
      row(Metric::host_memory_limit, gauge, "kai_host_memory_limit_bytes", {}, "bytes",
          "Memory of the machine, or of the control groups where that is less."),
      row(Metric::host_pressure, counter, "kai_host_pressure_stalled_seconds_total", {"resource"},
          "seconds", "Time in which some task waited for cpu, memory or io."),
      row(Metric::host_power, gauge, "kai_host_power_watts", {}, "watts",
          "Power that the processors draw, where the kernel lets kai read it."),
      row(Metric::host_temperature, gauge, "kai_host_temperature_celsius", {}, "celsius",
          "The hottest of the machine's thermal zones."),
  };
}

std::vector<MetricFamily> of_server() {
  return {
      row(Metric::history_dropped, counter, "kai_history_dropped_total", {}, "",
          "Writes to the history that were lost."),
      row(Metric::alert_firing, gauge, "kai_alert_firing", {"alertname", "severity"}, "",
          "How many of this alert fire, one for each model or GPU concerned."),
      row(Metric::webhook_posts, counter, "kai_webhook_posts_total", {"outcome"}, "",
          "Alerts told to the webhook. outcome: sent, failed (after all tries), dropped (too many "
          "waited)."),
      row(Metric::otlp_questions, counter, "kai_otlp_questions_total", {"outcome"}, "",
          "Questions told to OpenTelemetry's collector. outcome: sent, failed (it refused them), "
          "dropped (too many waited)."),
      row(Metric::requests_refused, counter, "kai_requests_refused_total", {"reason"}, "",
          "Requests sent away at the door. reason: foreign (Host or Origin), unauthorized (no key, "
          "or a wrong one), forbidden (its scopes), too_often (in a minute, or at once)."),
      row(Metric::process_cpu, counter, "process_cpu_seconds_total", {}, "seconds",
          "Processor time of kai itself; its workers are other processes."),
      row(Metric::process_resident, gauge, "process_resident_memory_bytes", {}, "bytes",
          "Memory of kai itself."),
      row(Metric::process_virtual, gauge, "process_virtual_memory_bytes", {}, "bytes",
          "Addresses of kai itself."),
      row(Metric::process_open_files, gauge, "process_open_fds", {}, "",
          "Open file descriptors of kai itself."),
      row(Metric::process_max_files, gauge, "process_max_fds", {}, "",
          "File descriptors that kai may have open."),
      row(Metric::process_start, gauge, "process_start_time_seconds", {}, "seconds",
          "When kai was started, since 1970."),
  };
}

}  // namespace

std::span<const MetricFamily> families() {
  static const std::vector<MetricFamily> all = [] {
    std::vector<MetricFamily> table;
    for (auto& rows : {of_questions(), of_models(), of_gpus(), of_host(), of_server()}) {
      table.insert(table.end(), rows.begin(), rows.end());
    }
    return table;
  }();
  return all;
}

const MetricFamily& family(Metric metric) {
  return families()[static_cast<std::size_t>(metric)];
}

std::string_view to_string(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter: return "counter";
    case MetricKind::gauge: return "gauge";
    case MetricKind::histogram: return "histogram";
  }
  return "untyped";
}

}  // namespace kai
