#include "cli/bench_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/text.h"
#include "report/arms.h"

namespace kai {

namespace {

constexpr int name_columns_max = 28;
// Above this a difference is no more than chance might give.
constexpr double p_max = 0.05;

double percent(int part, int whole) {
  return whole > 0 ? 100.0 * part / whole : 0;
}

std::string p_text(double p) {
  return p < 0.001 ? std::string("<.001") : fmt::format("{:.3f}", p);
}

std::string questions(int count) {
  return fmt::format("{} question{}", count, count == 1 ? "" : "s");
}

std::string arm_line(const ArmSummary& arm) {
  const bool marked = arm.marked > 0;
  const bool compared = marked && arm.arm != Arm::best;
  return fmt::format(
      "{:<9}{:>7}{:>9}{:>13}{:>10}{:>7}{:>6.2f}{:>9}{:>9}{:>9}{:>8}{:>9}", to_string(arm.arm),
      marked ? fmt::format("{}", arm.right) : "-",
      marked ? fmt::format("{:.1f} %", percent(arm.right, arm.marked)) : "-",
      marked ? fmt::format("{:.1f}-{:.1f}", 100 * arm.accuracy.low, 100 * arm.accuracy.high) : "-",
      compared ? fmt::format("{}-{}", arm.against_best.won, arm.against_best.lost) : "-",
      compared ? p_text(arm.against_best.p) : "-", arm.agreement,
      fmt::format("{:.2f} s", seconds(arm.latency_mean)),
      fmt::format("{:.2f} s", seconds(arm.latency_median)),
      fmt::format("{:.2f} s", seconds(arm.latency_p90)), arm.written.count,
      fmt::format("{:.1f} s", seconds(arm.compute)));
}

std::string worth_line(const ModelWorth& worth) {
  return fmt::format("{} {:>7}{:>9}{:>10}{:>7}{:>9}",
                     padded(one_line(worth.model.text, name_columns_max), name_columns_max),
                     worth.right_with, worth.right_without,
                     fmt::format("{}-{}", worth.without.won, worth.without.lost),
                     p_text(worth.without.p), fmt::format("{:.1f} s", seconds(worth.compute)));
}

std::string chance(const Paired& paired) {
  return paired.p <= p_max ? fmt::format("p {}", p_text(paired.p))
                           : fmt::format("p {}: this may be chance", p_text(paired.p));
}

std::string on_models(const Comparison& comparison) {
  if (const ModelWorth* worst = report::harmful(comparison)) {
    return fmt::format(
        "Without {} the ensemble answers {} more of {} right ({}): consider leaving it out.",
        one_line(worst->model.text, name_columns_max), worst->right_without - worst->right_with,
        worst->marked, chance(worst->without));
  }
  const auto idle = std::ranges::find_if(comparison.models, [](const ModelWorth& worth) {
    return worth.marked > 0 && worth.right_without == worth.right_with;
  });
  if (idle != comparison.models.end()) {
    return fmt::format(
        "Without {} the ensemble answers as many right, and computes {:.1f} s less for {}: it "
        "could be left out.",
        one_line(idle->model.text, name_columns_max), seconds(idle->compute),
        questions(comparison.problems));
  }
  const auto least = std::ranges::min_element(comparison.models, {}, [](const ModelWorth& worth) {
    return worth.right_with - worth.right_without;
  });
  if (least == comparison.models.end() || least->marked == 0) {
    return "There is one model: put a second one beside it to see what an ensemble gains.";
  }
  const int fewer = least->right_with - least->right_without;
  const std::string name = one_line(least->model.text, name_columns_max);
  if (least->without.p <= p_max) {
    return fmt::format(
        "Every model earns its place: even without {} the ensemble answers {} fewer "
        "of {} right ({}).",
        name, fewer, least->marked, chance(least->without));
  }
  return fmt::format(
      "No model harms. The least needed is {}: without it the ensemble answers {} "
      "fewer of {} right ({}) and computes {:.1f} s less.",
      name, fewer, least->marked, chance(least->without), seconds(least->compute));
}

std::string on_arms(const Comparison& comparison) {
  const auto& best = comparison.arms.front();
  const auto& top = *std::ranges::max_element(comparison.arms, {}, &ArmSummary::right);
  if (top.right == best.right) {
    return "No way to ask answered more right than the best model alone (--mode best).";
  }
  return fmt::format("{} answered {} more of {} right than the best model alone ({}).",
                     to_string(top.arm), top.right - best.right, top.marked,
                     chance(top.against_best));
}

}  // namespace

std::vector<std::string> table_lines(const Comparison& comparison) {
  std::vector<std::string> lines;
  const int open = comparison.problems - comparison.marked;
  lines.push_back(fmt::format("{}, {} marked right or wrong{}", questions(comparison.problems),
                              comparison.marked,
                              open == 0 ? std::string()
                                        : fmt::format("; {} ask{} for open text, which has time "
                                                      "and agreement but no accuracy",
                                                      open, open == 1 ? "s" : "")));
  lines.emplace_back();
  lines.push_back(fmt::format("{:<9}{:>7}{:>9}{:>13}{:>10}{:>7}{:>6}{:>9}{:>9}{:>9}{:>8}{:>9}",
                              "arm", "right", "share", "95 %", "won-lost", "p", "agree", "mean",
                              "median", "p90", "tokens", "compute"));
  for (const auto& arm : comparison.arms) lines.push_back(arm_line(arm));
  for (const auto& arm : comparison.arms) {
    if (arm.unanswered == 0) continue;
    lines.push_back(
        fmt::format("{}: no answer to {}", to_string(arm.arm), questions(arm.unanswered)));
  }
  if (comparison.models.size() < 2 || comparison.marked == 0) return lines;
  lines.emplace_back();
  lines.push_back(fmt::format("{:<{}} {:>7}{:>9}{:>10}{:>7}{:>9}", "model", name_columns_max,
                              "with", "without", "won-lost", "p", "compute"));
  for (const auto& worth : comparison.models) lines.push_back(worth_line(worth));
  return lines;
}

std::vector<std::string> advice_lines(const Comparison& comparison) {
  if (comparison.marked == 0) return {};
  return {on_models(comparison), on_arms(comparison)};
}

}  // namespace kai
