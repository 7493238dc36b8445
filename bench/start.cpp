// How soon kai is there: the bare programs, and the first token of a cold question.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/process.h"
#include "bench/rows.h"
#include "wire/documents.h"

namespace kai::bench {

namespace {

constexpr int starts = 20;
constexpr int cold_asks = 5;

double run_seconds(const std::vector<std::string>& arguments) {
  return time_of([&] { (void)run_process(arguments, std::chrono::seconds(60)); });
}

Row start_row(const std::string& what, const std::vector<std::string>& arguments) {
  std::vector<double> times, nothing;
  (void)run_seconds(arguments);
  for (int round = 0; round < starts; ++round) {
    times.push_back(run_seconds(arguments) * 1e3);
    nothing.push_back(run_seconds({"/bin/true"}) * 1e3);
  }
  const double value = median(times);
  return {what,
          value,
          "ms",
          fmt::format("/bin/true: {:.1f} ms", median(nothing)),
          value / median(nothing),
          "<= 20",
          value <= 20};
}

// From the start of the process to the first token of whoever is first, less that member's own
// load (its worker's start inside) and prefill: what kai adds.
Row first_token_row() {
  std::vector<double> added, whole;
  for (int round = 0; round < cold_asks; ++round) {
    const auto start = std::chrono::system_clock::now();
    const auto ran = run_process(
        {KAI_BINARY, "ask", "--json", "--tier", "simple", "What is the capital of France?"},
        std::chrono::seconds(60));
    if (!ran) continue;
    const auto first = wire::first_token_of(ran->text);
    if (!first) continue;
    whole.push_back(seconds(first->asked - start + first->ttft) * 1e3);
    added.push_back(whole.back() - seconds(first->load + first->prefill) * 1e3);
  }
  if (added.empty()) {
    return {"kai ask, cold, to the first token", 0, "ms", "no answer came", 0, "<= 100", false};
  }
  const double value = median(added);
  return {"kai ask, cold: added to load + prefill",
          value,
          "ms",
          fmt::format("to the first token in all: {:.0f} ms", median(whole)),
          0,
          "<= 100",
          value <= 100};
}

}  // namespace

std::vector<Row> start_rows() {
  return {start_row("kai --version", {KAI_BINARY, "--version"}),
          start_row("kai models", {KAI_BINARY, "models"}), first_token_row()};
}

}  // namespace kai::bench
