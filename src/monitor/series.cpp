#include <array>

#include "monitor/history.h"

namespace kai {

std::span<const SeriesFamily> series_families() {
  using enum Rolled;
  static constexpr std::array<SeriesFamily, 26> all{{
      {Series::questions, sum, "questions", "tier", "", "questions that ended"},
      {Series::questions_failed, sum, "questions_failed", "tier", "",
       "of them, those without an answer, but for those that the client gave up"},
      {Series::questions_late, sum, "questions_late", "tier", "",
       "of them, those whose deadline left no answer, or a partial one"},
      {Series::question_seconds_p50, median, "question_seconds_p50", "tier", "seconds",
       "half of the answers took no longer"},
      {Series::question_seconds_p95, p95, "question_seconds_p95", "tier", "seconds",
       "nineteen of twenty answers took no longer"},
      {Series::agreement, mean, "agreement", "tier", "0..1",
       "share of the voters in the winning group"},
      {Series::confidence, mean, "confidence", "tier", "0..1", "where it was calibrated"},
      {Series::feedback, sum, "feedback", "said", "",
       "what users said of answers, by kai serve: good, bad, or the right answer"},
      {Series::queue_depth, most, "queue_depth", "", "", "questions that waited for their turn"},
      {Series::questions_running, most, "questions_running", "", "", "questions being answered"},
      {Series::asks, sum, "asks", "model", "", "asks of a model that ended"},
      {Series::asks_failed, sum, "asks_failed", "model", "",
       "of them, those that failed or were late"},
      {Series::tokens_written, sum, "tokens_written", "model", "tokens", "tokens written"},
      {Series::ttft_seconds, mean, "ttft_seconds", "model", "seconds",
       "from an ask's start to its first token"},
      {Series::seconds_per_token, mean, "seconds_per_token", "model", "seconds",
       "writing, by the tokens written"},
      {Series::quality, mean, "quality", "model", "0..1",
       "share of its voted answers in the winning group"},
      {Series::cpu_utilization, mean, "cpu_utilization", "", "0..1", "all processors, by whomever"},
      {Series::memory_used_bytes, most, "memory_used_bytes", "", "bytes",
       "of the memory that kai may use, what is taken, by whomever"},
      {Series::pressure, mean, "pressure", "resource", "0..1",
       "share of the time in which some task waited for cpu, memory or io"},
      {Series::host_power_watts, mean, "host_power_watts", "", "watts", "the processors"},
      {Series::host_temperature_celsius, most, "host_temperature_celsius", "", "celsius",
       "the hottest thermal zone"},
      {Series::gpu_utilization, mean, "gpu_utilization", "gpu", "0..1", "some kernel ran"},
      {Series::gpu_memory_used_bytes, most, "gpu_memory_used_bytes", "gpu", "bytes",
       "memory taken, by whomever"},
      {Series::gpu_power_watts, mean, "gpu_power_watts", "gpu", "watts", "power drawn"},
      {Series::gpu_temperature_celsius, most, "gpu_temperature_celsius", "gpu", "celsius", "heat"},
      {Series::alert_value, most, "alert_value", "alert", "",
       "what its rule measures, the largest of its models or GPUs"},
  }};
  return all;
}

}  // namespace kai
