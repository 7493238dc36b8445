// Questions by chance on small fleets of the simulated PC, while much goes wrong.
#include <fmt/format.h>

#include "bench/pc/tables.h"
#include "sim/pc_storm.h"

namespace kai::bench {

namespace {

// The same storm, with kai looking at what others have of the GPU, and without.
void print_watching(const Pc& pc, int questions) {
  fmt::print("\n{:<24}{:>10}{:>10}{:>10}{:>10}{:>14}\n", "another program, often", "answered",
             "members", "in vain", "moved", "failed loads");
  for (const bool watched : {false, true}) {
    const auto report =
        storm(pc, {.questions = questions, .fault = 0, .theft = 0.1, .watched = watched});
    fmt::print("{:<24}{:>10}{:>10}{:>10}{:>10}{:>14}\n", watched ? "seen by kai" : "not seen",
               report.answered, report.asked, report.asked_in_vain, report.moved,
               report.loads_without_memory);
  }
}

}  // namespace

std::vector<Row> storm_table(const Pc& pc, int questions) {
  StormReport report;
  const double took = time_of([&] { report = storm(pc, {.questions = questions}); });
  fmt::print(
      "\n{} questions by chance in {:.0f} virtual hours ({:.1f} s here): {} answered, {} faults,\n"
      "another program took GPU memory {} times, {} loads failed for that, the models' peak was "
      "{:.1f} % of it\n",
      report.questions, report.hours, took, report.answered, report.faults, report.thefts,
      report.loads_without_memory, 100 * report.gpu_peak);
  for (const auto& broken : report.broken) fmt::print("BROKEN: {}\n", broken);
  print_watching(pc, questions);
  return {{.what = fmt::format("storm of {} questions, promises and limits broken", questions),
           .value = static_cast<double>(report.broken.size()),
           .unit = "",
           .compared_with = "",
           .ratio = 0,
           .reach = "0",
           .met = report.broken.empty()}};
}

}  // namespace kai::bench
