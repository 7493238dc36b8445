// The tiers' times on the simulated PC, with recorded answers and the stop rule on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "bench/pc/tables.h"
#include "report/statistics.h"
#include "sim/pc_trial.h"

namespace kai::bench {

namespace {

// The times that requirements.md gives for the reference PC, seconds.
struct Aim {
  Tier tier;
  double from, to;
};
constexpr Aim aims[]{
    {Tier::simple, 3, 8}, {Tier::medium, 8, 20}, {Tier::complex, 15, 35}, {Tier::expert, 25, 50}};

struct Times {
  std::vector<Duration> values{};
  void add(Duration value) { values.push_back(value); }
  double at(double share) const { return seconds(report::quantile(values, share)); }
};

struct TierTimes {
  Times cold, warm;             // kai's
  Times cold_all;               // with nobody stopped early
  Times naive_settled;          // the original way with the same members, until the vote is settled
  Times naive_same;             // … until all of them have answered
  Times original;               // the original way: every model, all of them awaited
  Times ratio, ratio_original;  // of naive_settled, of original to cold
  int asked = 0, heard = 0;     // members
  int unanswered = 0, partial = 0;
};

Query query_at(PcWorld& world, const CastQuestion& question, std::optional<Tier> tier) {
  Query query = world.query(question.text);
  query.tier = tier;
  return query;
}

void add_question(TierTimes& times, const PcFleet& fleet, const CastQuestion& question,
                  std::optional<Tier> tier) {
  Query how;
  how.tier = tier;
  const PcTrial trial = try_question(fleet, question, how).trial;
  if (!trial.answered()) {
    ++times.unanswered;
    return;
  }
  times.partial += trial.partial ? 1 : 0;
  times.asked += trial.asked;
  times.heard += trial.heard;
  times.cold.add(trial.kai.time);
  times.cold_all.add(trial.kai_all.time);
  times.naive_same.add(trial.same.time);
  times.naive_settled.add(trial.same_settled);
  times.original.add(trial.original.time);
  const double took = seconds(trial.kai.time);
  times.ratio.add(from_seconds(seconds(trial.same_settled) / took));
  times.ratio_original.add(from_seconds(seconds(trial.original.time) / took));
}

TierTimes times_of(const Pc& pc, const std::vector<std::size_t>& members,
                   const std::vector<CastQuestion>& questions, std::optional<Tier> tier) {
  TierTimes times;
  const PcFleet fleet = fleet_of(pc, members);
  PcWorld warm(pc, cast_options(pc, members, questions));
  for (const auto& question : questions) {
    add_question(times, fleet, question, tier);
    const auto played = warm.play(query_at(warm, question, tier));
    if (played.outcomes.front().answered()) times.warm.add(played.makespan);
  }
  return times;
}

void print_head(std::size_t members) {
  fmt::print(
      "\nseconds, median and 90th percentile; recorded answers, stop rule on\n"
      "{:<8} {:>6} {:>11}  {:>11} {:>11} {:>11}  {:>11} {:>11} {:>11}  {:>7} {:>7}\n"
      "{:<8} {:>6} {:>11}  {:>11} {:>11} {:>11}  {:>11} {:>11} {:>11}  {:>7} {:>7}\n",
      "", "", "", "kai", "kai, the", "kai, all", "naive,", "naive, all", "original,", "settled",
      "original", "tier", "aim", "ask/hear", "cold", "next", "heard", "settled", "heard",
      fmt::format("all {}", members), "/ kai", "/ kai");
}

std::string pair_of(const Times& times) {
  return fmt::format("{:.1f} {:.1f}", times.at(0.5), times.at(0.9));
}

void print_line(std::string_view tier, std::string_view aim, const TierTimes& times) {
  const auto answered = static_cast<double>(times.cold.values.size());
  if (answered > 0) {
    fmt::print(
        "{:<8} {:>6} {:>11}  {:>11} {:>11} {:>11}  {:>11} {:>11} {:>11}  {:>7.2f} {:>7.2f}\n", tier,
        aim, fmt::format("{:.1f}/{:.1f}", times.asked / answered, times.heard / answered),
        pair_of(times.cold), pair_of(times.warm), pair_of(times.cold_all),
        pair_of(times.naive_settled), pair_of(times.naive_same), pair_of(times.original),
        times.ratio.at(0.5), times.ratio_original.at(0.5));
  }
  if (times.unanswered + times.partial > 0) {
    fmt::print("         {} unanswered, {} cut by the deadline where it could matter\n",
               times.unanswered, times.partial);
  }
}

std::vector<Row> rows_of(const Aim& aim, const TierTimes& times, std::size_t questions) {
  const std::string name(to_string(aim.tier));
  const double p90 = times.cold.at(0.9), ratio = times.ratio.at(0.5);
  return {{.what = fmt::format("{}, p90 of {} questions", name, questions),
           .value = p90,
           .unit = "s",
           .compared_with = "requirements.md",
           .ratio = p90 / aim.to,
           .reach = fmt::format("<= {:.0f}", aim.to),
           .met = p90 <= aim.to && times.unanswered == 0},
          {.what = fmt::format("{}, naive / kai to the settled answer, median", name),
           .value = times.cold.at(0.5),
           .unit = "s",
           .compared_with =
               fmt::format("{:.1f} s, naive with the same members", times.naive_settled.at(0.5)),
           .ratio = ratio,
           .reach = ">= 2",
           .met = ratio >= 2}};
}

}  // namespace

std::vector<Row> tiers_table(const Pc& pc, const std::vector<std::size_t>& members,
                             const std::vector<CastQuestion>& questions) {
  std::vector<Row> rows;
  print_head(members.size());
  for (const auto& aim : aims) {
    const TierTimes times = times_of(pc, members, questions, aim.tier);
    print_line(to_string(aim.tier), fmt::format("{:.0f}-{:.0f}", aim.from, aim.to), times);
    if (times.cold.values.empty()) continue;
    std::ranges::move(rows_of(aim, times, questions.size()), std::back_inserter(rows));
  }
  print_line("as seen", "", times_of(pc, members, questions, std::nullopt));
  return rows;
}

}  // namespace kai::bench
