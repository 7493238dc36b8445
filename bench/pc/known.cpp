// The original way and the best order on the simulated PC, held against what is known.
#include <fmt/format.h>

#include <cmath>

#include "bench/pc/tables.h"
#include "sim/naive.h"
#include "sim/ordered.h"

namespace kai::bench {

namespace {

void print_head() {
  fmt::print("{:<20} {:>13}  {:>31}  {:>11}  {:>14}  {:>11}\n", "", "bound, s", "naive, s",
             "GPU busy, %", "best order, s", "GPU busy, %");
  fmt::print("{:<20} {:>6} {:>6}  {:>7} {:>7} {:>7} {:>7}  {:>5} {:>5}  {:>7} {:>6}  {:>11}\n",
             "models", "here", "known", "here", "known", "off", "/bound", "here", "known", "here",
             "known", "here");
}

Row compared(std::string_view way, std::string_view models, const PcRun& run, Duration known) {
  const double ratio = run.makespan.count() / seconds(known);
  return {.what = fmt::format("{}, {}", way, models),
          .value = run.makespan.count(),
          .unit = "s",
          .compared_with = fmt::format("{:.1f} s known", seconds(known)),
          .ratio = ratio,
          .reach = "0.95..1.05",
          .met = std::abs(ratio - 1) <= 0.05};
}

}  // namespace

std::vector<Row> known_table(const Pc& pc, const std::vector<KnownRun>& runs) {
  std::vector<Row> rows;
  print_head();
  for (const auto& [known, members] : runs) {
    const PcQuestion question;
    const PcRun naive = run_naive(pc, members, question);
    const PcRun best = best_run(pc, members, Splitting::allowed);
    const double least = bound(pc, members, question).count();
    const std::string busy =
        known->naive_gpu_busy ? fmt::format("{:.0f}", 100 * *known->naive_gpu_busy) : "";
    fmt::print(
        "{:<20} {:>6.1f} {:>6.1f}  {:>7.1f} {:>7.1f} {:>+6.1f}% {:>7.2f}  {:>5.0f} {:>5}  "
        "{:>7.1f} {:>6.1f}  {:>11.0f}\n",
        known->name, least, seconds(known->bound), naive.makespan.count(), seconds(known->naive),
        100 * (naive.makespan.count() / seconds(known->naive) - 1), naive.makespan.count() / least,
        100 * naive.gpu_busy, busy, best.makespan.count(), seconds(known->best),
        100 * best.gpu_busy);
    rows.push_back(compared("naive", known->name, naive, known->naive));
    rows.push_back(compared("best order", known->name, best, known->best));
  }
  return rows;
}

PcRun best_run(const Pc& pc, const std::vector<std::size_t>& members, Splitting splitting,
               const PcQuestion& question) {
  constexpr Tokens context{640};
  return run_ordered(pc, best_order(pc, members, question, context, splitting), question, context);
}

}  // namespace kai::bench
