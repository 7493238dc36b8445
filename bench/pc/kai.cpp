// kai itself on the simulated PC: its own plan, played by its own scheduler and coordinator.
#include <fmt/format.h>

#include <algorithm>

#include "bench/pc/tables.h"
#include "sim/naive.h"
#include "sim/pc_world.h"

namespace kai::bench {

namespace {

constexpr double giga = 1e9;

Row row(std::string what, double value, double ratio, std::string with, std::string reach,
        bool met) {
  return {.what = std::move(what),
          .value = value,
          .unit = "s",
          .compared_with = std::move(with),
          .ratio = ratio,
          .reach = std::move(reach),
          .met = met};
}

void print_head() {
  fmt::print("\n{:<20} {:>7}  {:>24}  {:>21}  {:>12}  {:>13}  {:>8}  {:>6}\n", "", "", "kai, s",
             "kai / best", "naive / kai", "GPU busy, %", "CPU busy", "GPU GB");
  fmt::print(
      "{:<20} {:>7}  {:>9} {:>7} {:>6}  {:>6} {:>7} {:>6}  {:>5} {:>6}  {:>6} {:>6}  {:>8}  "
      "{:>6}\n",
      "models", "answers", "predicted", "played", "off", "here", "unsplit", "known", "here",
      "known", "kai", "best", "%", "peak");
}

// One line a step of the story, in the words of the members' stages.
std::string told(const Event& event) {
  const auto step = [](const MemberId& member, std::string_view what) {
    return fmt::format("{:<18} {}", member.text, what);
  };
  if (const auto* queued = std::get_if<event::Queued>(&event.what)) {
    return step(queued->member, "waits");
  }
  if (const auto* loading = std::get_if<event::Loading>(&event.what)) {
    return loading->progress < 1 ? "" : step(loading->member, "loaded");
  }
  if (const auto* prefill = std::get_if<event::Prefill>(&event.what)) {
    return step(prefill->member, "has read");
  }
  if (const auto* ended = std::get_if<event::Ended>(&event.what)) {
    const Answer& answer = ended->answer;
    return step(answer.member,
                fmt::format("{} on {}: waited {:.2f}, loaded {:.2f}, read {:.2f}, "
                            "wrote {:.2f}",
                            to_string(answer.ending), answer.device.text,
                            seconds(answer.timings.queued), seconds(answer.timings.load),
                            seconds(answer.timings.prefill), seconds(answer.timings.decode)));
  }
  return "";
}

void print_kai_trace(const Pc& pc, const std::vector<std::size_t>& members) {
  const KaiRun run = kai_run(pc, members);
  fmt::print("\nkai's plan, in the order of starting, with what it predicts, s\n");
  const Plan& plan = run.played.outcomes.front().plans.at(0);
  for (const auto& ask : plan.asks) {
    fmt::print("{:<18} {:<5} load {:>5.2f}, read {:>5.2f}, write {:>6.2f}\n", ask.member.text,
               ask.device.text, seconds(ask.load), seconds(ask.prefill), seconds(ask.decode));
  }
  for (const auto& left : plan.left_out) fmt::print("{:<18} {}\n", left.model.text, left.why);
  fmt::print("\n{:>8}\n", "s");
  for (const auto& event : run.played.events) {
    if (const auto line = told(event); !line.empty()) {
      fmt::print("{:>8.2f}  {}\n", seconds(event.at), line);
    }
  }
}

}  // namespace

KaiRun kai_run(const Pc& pc, const std::vector<std::size_t>& members, const PcQuestion& question) {
  PcWorld world(pc, {.members = members, .question = question, .coordinator = without_timeouts()});
  KaiRun run;
  run.played = world.play(world.query_in_full());
  const Outcome& outcome = run.played.outcomes.front();
  run.makespan = seconds(run.played.makespan);
  run.predicted = outcome.plans.empty() ? 0 : seconds(outcome.plans.front().predicted);
  run.gpu_busy = run.played.gpu_busy;
  run.cpu_busy = run.played.cpu_busy;
  run.gpu_peak = static_cast<double>(world.engine().peak(DeviceId("gpu0")).count) / giga;
  run.complete = static_cast<std::size_t>(
      std::ranges::count(outcome.answers, Ending::complete, &Answer::ending));
  return run;
}

std::vector<Row> kai_table(const Pc& pc, const std::vector<KnownRun>& runs) {
  std::vector<Row> rows;
  print_head();
  for (const auto& [known, members] : runs) {
    const KaiRun kai = kai_run(pc, members);
    const double naive = run_naive(pc, members, {}).makespan.count();
    const PcRun best = best_run(pc, members, Splitting::allowed);
    const PcRun whole_best = best_run(pc, members, Splitting::never);
    const double to_best = kai.makespan / best.makespan.count();
    const double to_known = kai.makespan / seconds(known->best);
    const double gain = naive / kai.makespan;
    const double known_gain = seconds(known->naive) / seconds(known->best);
    const bool whole = kai.complete == members.size();
    fmt::print(
        "{:<20} {:>4}/{:<2}  {:>9.1f} {:>7.1f} {:>+5.1f}%  {:>6.3f} {:>7.3f} {:>6.3f}  {:>5.2f} "
        "{:>6.2f}  "
        "{:>6.0f} {:>6.0f}  {:>8.0f}  {:>6.2f}\n",
        known->name, kai.complete, members.size(), kai.predicted, kai.makespan,
        100 * (kai.predicted / kai.makespan - 1), to_best,
        kai.makespan / whole_best.makespan.count(), to_known, gain, known_gain, 100 * kai.gpu_busy,
        100 * best.gpu_busy, 100 * kai.cpu_busy, kai.gpu_peak);
    rows.push_back(row(fmt::format("kai, {}", known->name), kai.makespan, to_best,
                       fmt::format("{:.1f} s, best order", best.makespan.count()),
                       fmt::format("<= {}", best_ratio_max), whole && to_best <= best_ratio_max));
    rows.push_back(
        row(fmt::format("kai, {}, none split", known->name), kai.makespan,
            kai.makespan / whole_best.makespan.count(),
            fmt::format("{:.1f} s, best order that splits no model", whole_best.makespan.count()),
            fmt::format("<= {}", best_ratio_max),
            whole && kai.makespan <= best_ratio_max * whole_best.makespan.count()));
    rows.push_back(row(fmt::format("kai, {}, naive / kai", known->name), kai.makespan, gain,
                       fmt::format("{:.2f}, naive / best known", known_gain),
                       fmt::format(">= {:.2f}", known_gain / best_ratio_max),
                       whole && gain >= known_gain / best_ratio_max));
  }
  return rows;
}

void print_traces(const Pc& pc, const KnownRun& run) {
  fmt::print("\nthe original way\n{:>8}  {:<18} {:<8} {:>8} {:>12}\n", "s", "model", "stage",
             "on GPU", "GPU GB");
  for (const auto& event : run_naive(pc, run.members, {}).events) {
    fmt::print("{:>8.2f}  {:<18} {:<8} {:>7.0f}% {:>12.2f}\n", event.at.count(), event.model,
               to_string(event.stage), 100 * event.share,
               static_cast<double>(event.gpu_taken.count) / giga);
  }
  print_kai_trace(pc, run.members);
}

}  // namespace kai::bench
