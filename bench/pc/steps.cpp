// What else is known of the simulated PC: short answers, and what each step to the best order
// brings.
#include <fmt/format.h>

#include <algorithm>

#include "bench/pc/tables.h"
#include "sim/naive.h"

namespace kai::bench {

namespace {

constexpr double known_ratio_max = 1.05;  // either way, of a step to what is known of it

Row near_known(std::string what, double value, Duration known) {
  const double ratio = value / seconds(known);
  return {.what = std::move(what),
          .value = value,
          .unit = "s",
          .compared_with = fmt::format("{:.1f} s known", seconds(known)),
          .ratio = ratio,
          .reach = fmt::format("{:.2f}..{}", 1 / known_ratio_max, known_ratio_max),
          .met = ratio <= known_ratio_max && ratio >= 1 / known_ratio_max};
}

void print_step(std::string_view step, double value, Duration known) {
  fmt::print("{:<44} {:>8.1f} {:>8.1f} {:>+7.1f}%\n", step, value, seconds(known),
             100 * (value / seconds(known) - 1));
}

}  // namespace

std::vector<Row> short_table(const Pc& pc, const std::vector<KnownRun>& runs) {
  constexpr PcQuestion question{.answer = Tokens(128)};
  std::vector<Row> rows;
  fmt::print("\nanswers of 128 tokens, s\n{:<20} {:>9} {:>8} {:>8} {:>11} {:>9} {:>9}\n", "models",
             "predicted", "kai", "best", "best known", "kai/best", "kai/known");
  for (const auto& [known, members] : runs) {
    if (!known->best_short) continue;
    const KaiRun kai = kai_run(pc, members, question);
    const double best = best_run(pc, members, Splitting::allowed, question).makespan.count();
    const double to_known = kai.makespan / seconds(*known->best_short);
    fmt::print("{:<20} {:>9.1f} {:>8.1f} {:>8.1f} {:>11.1f} {:>9.3f} {:>9.3f}\n", known->name,
               kai.predicted, kai.makespan, best, seconds(*known->best_short), kai.makespan / best,
               to_known);
    rows.push_back({.what = fmt::format("kai, {}, 128 tokens", known->name),
                    .value = kai.makespan,
                    .unit = "s",
                    .compared_with = fmt::format("{:.1f} s, best plan known; best order {:.1f} s",
                                                 seconds(*known->best_short), best),
                    .ratio = to_known,
                    .reach = fmt::format("<= {}", best_ratio_max),
                    .met = kai.complete == members.size() && to_known <= best_ratio_max});
  }
  return rows;
}

std::vector<Row> steps_table(const Pc& pc, const std::vector<KnownRun>& runs) {
  std::vector<Row> rows;
  for (const auto& [known, members] : runs) {
    if (!known->naive_pinned || !known->naive_context_640) continue;
    const auto step = [&](std::string_view what, double value, Duration is_known) {
      print_step(what, value, is_known);
      rows.push_back(near_known(fmt::format("{}: {}", known->name, what), value, is_known));
    };
    const auto naive = [&](const NaiveOptions& options) {
      return run_naive(pc, members, {}, options).makespan.count();
    };
    fmt::print("\nfrom the original way to kai, {}\n{:<44} {:>8} {:>8} {:>8}\n", known->name, "",
               "s", "known", "off");
    step("the original way", naive({}), known->naive);
    step("its loads pinned", naive({.loading = pc.pinned}), *known->naive_pinned);
    step("and contexts of 640 tokens", naive({.context = Tokens(640), .loading = pc.pinned}),
         *known->naive_context_640);
    step("in the best order, the CPU beside the GPU",
         best_run(pc, members, Splitting::allowed).makespan.count(), known->best);
    const KaiRun kai = kai_run(pc, members);
    print_step("kai", kai.makespan, known->best);
    const double ratio = kai.makespan / seconds(known->best);
    rows.push_back({.what = fmt::format("{}: kai", known->name),
                    .value = kai.makespan,
                    .unit = "s",
                    .compared_with = fmt::format("{:.1f} s, best plan known", seconds(known->best)),
                    .ratio = ratio,
                    .reach = fmt::format("<= {}", best_ratio_max),
                    .met = ratio <= best_ratio_max});
  }
  return rows;
}

}  // namespace kai::bench
