#include "bench/quality/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "bench/quality/statistics.h"

namespace kai::bench {

namespace {

// What a panel must reach, in points to its best single model; share: of the full decode work.
struct Reach {
  std::string_view panel;
  bool within_error = false;  // not below 0 by more than one paired standard error
  double full = 0, stopped = 0, share = 1;
};
constexpr Reach reaches[] = {
    {"gsm8k", false, 3.0, 2.0, 0.13},
    {"crux", true, 0, 0, 0.22},
    {"math_l5", true, 0, 0, 0.20},
    {"mmlu_pro", false, 7.0, 6.5, 0.45},
};
// A panel that nobody set figures for: never worse than its best model.
constexpr Reach reach_of_others{"", true, 0, 0, 1};

Reach reach_of(const std::string& panel) {
  for (const Reach& reach : reaches) {
    if (panel == reach.panel) return reach;
  }
  return reach_of_others;
}

std::vector<double> column(const std::vector<Decided>& decided,
                           const std::function<double(const Decided&)>& value) {
  std::vector<double> values;
  for (const Decided& each : decided) values.push_back(value(each));
  return values;
}

std::vector<double> singles(const Panel& panel, std::size_t voter) {
  std::vector<double> right;
  for (const Question& question : panel.questions) right.push_back(is_right(question, voter));
  return right;
}

bool is_right_to_source(const Question& question, std::size_t voter) {
  return question.scores[voter] >= 0.5;
}

Row plain(const Panel& panel, const std::string& what, double value, const std::string& unit,
          const std::string& note = {}) {
  return {.what = panel.name + ": " + what, .value = value, .unit = unit, .compared_with = note};
}

constexpr std::size_t few_labels = 50;

struct Bound {
  bool within_error = false;
  double points = 0;
};

Row difference_row(const Panel& panel, const std::string& what, std::span<const double> values,
                   std::span<const double> best, std::uint64_t seed, std::optional<Bound> bound) {
  const auto difference = paired(values, best, seed);
  const double points = 100 * difference.mean;
  Row row = plain(
      panel, what, points, "points",
      fmt::format("{:.2f} %; 95 % {:+.2f} .. {:+.2f}, standard error {:.2f}", 100 * mean(values),
                  100 * difference.low, 100 * difference.high, 100 * difference.error));
  if (!bound) return row;
  row.reach = bound->within_error ? ">= 0 - 1 se" : fmt::format(">= {:+.1f}", bound->points);
  row.met = points >= bound->points - (bound->within_error ? 100 * difference.error : 0);
  return row;
}

double share(const std::vector<Decided>& decided, double Decided::* cost) {
  double part = 0, whole = 0;
  for (const Decided& each : decided) {
    part += each.*cost;
    whole += each.cost;
  }
  return whole > 0 ? part / whole : 0;
}

// Of one kind of verdict: what was told, and the vote share beside it.
struct Told {
  std::vector<Forecast> told, shares;
};
Told told_in_full(const std::vector<Decided>& decided) {
  Told result;
  for (const Decided& each : decided) {
    result.told.push_back({each.confidence, each.right});
    result.shares.push_back({each.agreement, each.right});
  }
  return result;
}
Told told_when_stopped(const std::vector<Decided>& decided) {
  Told result;
  for (const Decided& each : decided) {
    result.told.push_back({each.confidence_stopped, each.right_stopped});
    result.shares.push_back({each.agreement_stopped, each.right_stopped});
  }
  return result;
}

void add_calibration(const Panel& panel, const Told& given, const std::string& labels,
                     double allowance, std::uint64_t seed, std::vector<Row>& rows) {
  const auto& [told, shares] = given;
  const double luck = calibration_error_by_luck(told, seed);
  Row error = plain(panel, "calibration error, " + labels, calibration_error(told), "",
                    fmt::format("vote share {:.3f}; 90th percentile of calibrated {:.3f}",
                                calibration_error(shares), luck));
  error.reach = fmt::format("<= {:.3f}", luck + allowance);
  error.met = error.value <= luck + allowance;
  rows.push_back(std::move(error));
  Row score = plain(panel, "Brier score, " + labels, brier(told), "",
                    fmt::format("vote share {:.3f}", brier(shares)));
  score.reach = fmt::format("< {:.3f}", brier(shares));
  score.met = score.value < brier(shares);
  rows.push_back(std::move(score));
}

void add_bins(const Panel& panel, const std::vector<Decided>& decided, std::vector<Row>& rows) {
  for (const Bin& bin : bins_of(told_in_full(decided).told)) {
    rows.push_back(plain(panel, fmt::format("right where {:.2f} sure", bin.chance), 100 * bin.share,
                         "%", fmt::format("{:.0f} questions", bin.count)));
  }
}

void add_changed(const Panel& panel, TrialOptions options, const std::string& what,
                 const Without& without, std::span<const double> best, std::vector<Row>& rows) {
  options.without = without;
  const auto decided = decide_panel(panel, options);
  rows.push_back(difference_row(panel, what,
                                column(decided, [](const Decided& d) { return d.right; }), best,
                                options.seed, std::nullopt));
}

void add_plurality(const Panel& panel, const TrialOptions& options, std::span<const double> best,
                   std::vector<Row>& rows) {
  add_changed(panel, options, "plurality (without weights)", {.weights = true, .guard = true}, best,
              rows);
}

void add_ablation(const Panel& panel, const TrialOptions& options, std::span<const double> best,
                  std::vector<Row>& rows) {
  add_changed(panel, options, "without priors", {.priors = true}, best, rows);
  auto few = options;
  few.labels = few_labels;
  add_changed(panel, few, "without priors, 50 labels", {.priors = true}, best, rows);
  add_changed(panel, options, "without the guard", {.guard = true}, best, rows);
  add_changed(panel, options, "without canonical forms", {.forms = true}, best, rows);
}

void add_few_labels(const Panel& panel, const TrialOptions& options, std::span<const double> best,
                    std::vector<Row>& rows) {
  auto few = options;
  few.labels = few_labels;
  const auto decided = decide_panel(panel, few);
  rows.push_back(difference_row(panel, "decision, 50 labels",
                                column(decided, [](const Decided& d) { return d.right; }), best,
                                options.seed, std::nullopt));
  add_calibration(panel, told_in_full(decided), "50 labels", 0.03, options.seed, rows);
}

void add_cold_start(const Panel& panel, const TrialOptions& options, std::span<const double> best,
                    std::vector<Row>& rows) {
  auto cold = options;
  cold.labels = 0;
  const auto decided = decide_panel(panel, cold);
  const auto right = column(decided, [](const Decided& d) { return d.right; });
  rows.push_back(difference_row(panel, "cold start, priors only", right, best, options.seed,
                                Bound{false, -2}));
  const auto ranked = static_cast<std::size_t>(
      std::ranges::max_element(panel.voters, {}, &Voter::prior) - panel.voters.begin());
  Row row = difference_row(panel, "cold start, to the prior's first", right, singles(panel, ranked),
                           options.seed, Bound{false, 0});
  row.compared_with += ", " + panel.voters[ranked].model.text;
  rows.push_back(std::move(row));
}

void add_regret(const Panel& panel, std::uint64_t seed, std::vector<Row>& rows) {
  std::vector<std::size_t> counts{10, 20, 50, 100, 200, 500};
  std::erase_if(counts, [&](std::size_t count) { return count >= panel.questions.size(); });
  counts.push_back(panel.questions.size());
  constexpr int orders = 5;
  const auto curve = regret(panel, counts, orders, seed);
  for (std::size_t at = 0; at < counts.size(); ++at) {
    rows.push_back(plain(panel, fmt::format("regret after {} labels", counts[at]), curve[at],
                         "questions", "best single less kai, mean of 5 orders"));
  }
}

void add_forms(const Panel& panel, std::vector<Row>& rows) {
  double same = 0, all = 0, shapes = 0, nothing = 0, other = 0, only_kai = 0;
  for (const Question& question : panel.questions) {
    shapes += question.shape == question.shape_read;
    for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
      if (question.ballot.groups[voter] == Ballot::not_asked) continue;
      ++all;
      const bool right = is_right(question, voter);
      same += right == is_right_to_source(question, voter);
      if (right == is_right_to_source(question, voter)) continue;
      (right ? only_kai : question.heard[voter].form ? other : nothing) += 1;
    }
  }
  Row row = plain(panel, "canonical form agrees with the source", 100 * same / all, "%",
                  fmt::format("of {}: {} right to kai alone, {} to the source: {} read otherwise, "
                              "{} not read (see --forms)",
                              all, only_kai, other + nothing, other, nothing));
  row.reach = ">= 98";
  row.met = row.value >= 98;
  rows.push_back(std::move(row));
  rows.push_back(plain(panel, "shape read as the source says",
                       100 * shapes / static_cast<double>(panel.questions.size()), "%"));
}

}  // namespace

std::vector<std::string> form_disagreements(const Panel& panel) {
  std::vector<std::string> lines;
  for (const Question& question : panel.questions) {
    for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
      if (question.ballot.groups[voter] == Ballot::not_asked) continue;
      const bool right = is_right(question, voter);
      if (right == is_right_to_source(question, voter)) continue;
      const auto& form = question.heard[voter].form;
      lines.push_back(fmt::format("{}\t{}\t{}\tgold {}\tkai {}", question.id,
                                  panel.voters[voter].model.text,
                                  right  ? "right to kai alone"
                                  : form ? "kai reads otherwise"
                                         : "kai reads nothing",
                                  question.gold.value_or("-"), form.value_or("-")));
    }
  }
  return lines;
}

std::vector<Row> open_rows(const Panel& panel, const TrialOptions& options) {
  std::vector<Row> rows;
  const std::size_t best_one = best_voter(panel, all_questions(panel));
  std::vector<double> best, all;
  for (const Question& question : panel.questions) {
    best.push_back(question.scores[best_one]);
    all.push_back(mean(question.scores));
  }
  const auto chosen = choose_open(panel, options);
  rows.push_back(plain(panel, "mean model", 100 * mean(all), "%"));
  rows.push_back(
      plain(panel, "best single", 100 * mean(best), "%", panel.voters[best_one].model.text));
  rows.push_back(difference_row(panel, "win rate, decision", chosen.scores, best, options.seed,
                                Bound{true, 0}));
  rows.push_back(difference_row(panel, "win rate, best member of training", chosen.best_member,
                                best, options.seed, std::nullopt));
  return rows;
}

std::vector<Row> closed_rows(const Panel& panel, const TrialOptions& options) {
  std::vector<Row> rows;
  const Reach reach = reach_of(panel.name);
  const std::size_t best_one = best_voter(panel, all_questions(panel));
  const auto best = singles(panel, best_one);
  double sum = 0;
  for (std::size_t voter = 0; voter < panel.voters.size(); ++voter) {
    sum += mean(singles(panel, voter));
  }
  rows.push_back(
      plain(panel, "mean model", 100 * sum / static_cast<double>(panel.voters.size()), "%"));
  rows.push_back(
      plain(panel, "best single", 100 * mean(best), "%", panel.voters[best_one].model.text));
  add_plurality(panel, options, best, rows);
  const auto decided = decide_panel(panel, options);
  rows.push_back(difference_row(panel, "decision, all asked",
                                column(decided, [](const Decided& d) { return d.right; }), best,
                                options.seed, Bound{reach.within_error, reach.full}));
  Row stopped = difference_row(panel, "decision, stopped",
                               column(decided, [](const Decided& d) { return d.right_stopped; }),
                               best, options.seed, Bound{reach.within_error, reach.stopped});
  rows.push_back(std::move(stopped));
  Row cost = plain(panel, "work of stopped", share(decided, &Decided::cost_stopped), "of all",
                   fmt::format("{:.1f} of {} answers; exact bound alone {:.2f}",
                               mean(column(decided, [](const Decided& d) { return d.heard; })),
                               panel.voters.size(), share(decided, &Decided::cost_exact)));
  cost.reach = fmt::format("<= {:.2f}", reach.share);
  cost.met = cost.value <= reach.share;
  rows.push_back(std::move(cost));
  std::vector<double> best_to_source;
  for (const Question& question : panel.questions) {
    best_to_source.push_back(is_right_to_source(question, best_one));
  }
  rows.push_back(difference_row(panel, "decision, both as the source judged",
                                column(decided, [](const Decided& d) { return d.right_by_source; }),
                                best_to_source, options.seed, std::nullopt));
  add_calibration(panel, told_in_full(decided), "all labels", 0, options.seed, rows);
  add_calibration(panel, told_when_stopped(decided), "stopped", 0, options.seed, rows);
  add_bins(panel, decided, rows);
  add_few_labels(panel, options, best, rows);
  add_cold_start(panel, options, best, rows);
  add_forms(panel, rows);
  add_ablation(panel, options, best, rows);
  add_regret(panel, options.seed, rows);
  return rows;
}

Reliability reliability(const Panel& panel, const TrialOptions& options) {
  return {panel.name, bins_of(told_in_full(decide_panel(panel, options)).told)};
}

}  // namespace kai::bench
