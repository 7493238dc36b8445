#include "cli/simulation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/text.h"
#include "config/units.h"
#include "report/statistics.h"

namespace kai {

namespace {

constexpr std::array tiers{Tier::simple, Tier::medium, Tier::complex, Tier::expert};
constexpr int question_columns_min = 20;

std::string times_kai(Duration other, Duration kai) {
  return fmt::format("{:.1f} times kai's", seconds(other) / std::max(1e-9, seconds(kai)));
}

std::string percent(double share) {
  return fmt::format("{:.0f} %", 100 * share);
}

std::string row(const PcTrial& trial, int columns) {
  const std::string head =
      trial.answered()
          ? fmt::format("{:>7.1f} {:>7.1f}  {:>7.1f} {:>8.1f}  {:>5.0f}  {:>2}/{:<2}  {:<8} ",
                        seconds(trial.kai.time), seconds(trial.kai_all.time),
                        seconds(trial.same.time), seconds(trial.original.time),
                        100 * trial.kai.gpu_busy, trial.heard, trial.asked, to_string(trial.tier))
          : fmt::format("{:>7.1f} {:>7}  {:>7} {:>8}  {:>5}  {:>5}  {:<8} ",
                        seconds(trial.kai.time), "-", "-", "-", "-", "-", to_string(trial.tier));
  const std::string said =
      trial.answered() ? trial.question : "no answer: " + trial.error + ": " + trial.question;
  return head + one_line(said, std::max(question_columns_min, columns - columns_of(head)));
}

// Middle and 90th percentile of the answered ones.
struct Spread {
  std::vector<Duration> values{};
  std::string text() const {
    return fmt::format("{:>7.1f} {:>6.1f}", seconds(report::quantile(values, 0.5)),
                       seconds(report::quantile(values, 0.9)));
  }
};

std::string summary(Tier tier, std::span<const PcTrial> trials) {
  Spread kai, all, same, original;
  std::vector<Duration> ratios;
  double busy = 0;
  int asked = 0;
  for (const auto& trial : trials) {
    if (trial.tier != tier) continue;
    ++asked;
    if (!trial.answered()) continue;
    kai.values.push_back(trial.kai.time);
    all.values.push_back(trial.kai_all.time);
    same.values.push_back(trial.same.time);
    busy += trial.kai.gpu_busy;
    if (trial.original.time <= Duration::zero()) continue;  // nobody could be asked so
    original.values.push_back(trial.original.time);
    ratios.push_back(from_seconds(seconds(trial.original.time) / seconds(trial.kai.time)));
  }
  if (asked == 0) return {};
  const auto answered = static_cast<int>(kai.values.size());
  if (answered == 0) return fmt::format("{:<8} {:>3}/{:<3}", to_string(tier), answered, asked);
  return fmt::format("{:<8} {:>3}/{:<3}  {}  {}  {}  {}  {:>5.0f}  {:>6.1f}", to_string(tier),
                     answered, asked, kai.text(), all.text(), same.text(), original.text(),
                     100 * busy / answered, seconds(report::quantile(ratios, 0.5)));
}

}  // namespace

std::vector<std::string> trial_lines(const PcTrial& trial, const Pc& pc, int models, int columns) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view heading, const std::string& text) {
    for (const auto& line : wrapped(text, std::max(20, columns - 12))) {
      lines.push_back(fmt::format("  {:<9} {}", heading, line));
      heading = "";
    }
  };
  if (!trial.answered()) {
    add("simulated", fmt::format("no answer after {:.1f} s: {}", seconds(trial.kai.time),
                                 one_line(trial.error, 400)));
    return lines;
  }
  const bool stopped = trial.heard < trial.asked;
  add("simulated",
      fmt::format("{:.1f} s: {} of {} voices heard{}; planned were {:.1f} s, with all of them "
                  "heard it takes {:.1f} s{}{}",
                  seconds(trial.kai.time), trial.heard, trial.asked,
                  stopped ? ", the others could change nothing any more" : "",
                  seconds(trial.predicted), seconds(trial.kai_all.time),
                  trial.all_cut ? ", where the deadline cuts members" : "",
                  trial.partial ? "; the deadline cut members" : ""));
  add("GPU", fmt::format("{} busy, at most {} of {} in use, {} loaded; the CPU {} busy",
                         percent(trial.kai.gpu_busy), short_bytes(trial.kai.gpu_peak),
                         short_bytes(pc.gpu_memory), short_bytes(trial.kai.loaded),
                         percent(trial.kai.cpu_busy)));
  if (trial.original.time <= Duration::zero()) {
    add("original", "neither the GPU nor the PC's memory holds any of the models");
    return lines;
  }
  std::string refused;
  for (const auto& model : trial.original_refused) {
    refused += (refused.empty() ? "; memory lacks for " : ", ") + one_line(model, 40);
  }
  add("original",
      fmt::format("all at once, all awaited: the same models {:.1f} s ({}, GPU {} busy), all {} "
                  "models {:.1f} s ({}, GPU {} busy){}",
                  seconds(trial.same.time), times_kai(trial.same.time, trial.kai.time),
                  percent(trial.same.gpu_busy), models, seconds(trial.original.time),
                  times_kai(trial.original.time, trial.kai.time), percent(trial.original.gpu_busy),
                  refused));
  return lines;
}

std::vector<std::string> trial_table(std::span<const PcTrial> trials, int models, int columns) {
  if (trials.empty()) return {};
  const std::string every = fmt::format("all {}", models);
  std::vector<std::string> lines{
      fmt::format("{:>15}  {:>16}  {:>5}  {:>5}", "kai, s", "original way, s", "GPU,", "heard"),
      fmt::format("{:>7} {:>7}  {:>7} {:>8}  {:>5}  {:>5}  {:<8} {}", "", "no stop", "same", every,
                  "%", "/asked", "tier", "question")};
  for (const auto& trial : trials) lines.push_back(row(trial, columns));
  lines.emplace_back();
  lines.push_back(fmt::format("{:<8} {:>7}  {:>14}  {:>14}  {:>14}  {:>14}  {:>5}  {:>6}", "", "",
                              "kai, s", "all heard, s", "original same", "original " + every,
                              "GPU,", "times"));
  lines.push_back(
      fmt::format("{:<8} {:>7}  {:>7} {:>6}  {:>7} {:>6}  {:>7} {:>6}  {:>7} {:>6}  {:>5}  {:>6}",
                  "tier", "answers", "median", "p90", "median", "p90", "median", "p90", "median",
                  "p90", "%", "faster"));
  for (const Tier tier : tiers) {
    if (auto line = summary(tier, trials); !line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace kai
