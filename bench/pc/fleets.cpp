// Random fleets on the simulated PC and on others like it: kai against the shortest way there is.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "bench/pc/tables.h"
#include "sim/pc_fleets.h"

namespace kai::bench {

namespace {

constexpr double median_max = 1.02, worst_max = 1.15;

struct Tried {
  std::uint64_t seed = 0;
  int models = 0;
  double ratio = 0;  // kai to what is proven
  FleetTrial trial;
};

Tried tried(const Pc& pc, int models, std::uint64_t seed) {
  const DrawnFleet fleet = random_fleet(pc, models, seed);
  Tried result{.seed = seed, .models = models, .ratio = 0, .trial = try_fleet(fleet, {})};
  result.ratio = result.trial.kai / result.trial.optimum.bound;
  return result;
}

double ratio_at(std::span<const Tried> all, double share) {
  std::vector<double> ratios;
  for (const Tried& one : all) ratios.push_back(one.ratio);
  std::ranges::sort(ratios);
  return ratios[static_cast<std::size_t>(share * static_cast<double>(ratios.size() - 1))];
}

bool unproven(const Tried& one) {
  return one.trial.optimum.bound < one.trial.optimum.makespan;
}

bool splits(const Tried& one) {
  return std::ranges::any_of(one.trial.optimum.order.shares,
                             [](double share) { return share < 1; });
}

// Every model fits the GPU alone, wholly.
bool all_fit(const Tried& one) {
  return one.trial.fits == one.models;
}

std::vector<Tried> some_of(std::span<const Tried> all, bool fitting) {
  std::vector<Tried> some;
  for (const Tried& one : all) {
    if (all_fit(one) == fitting) some.push_back(one);
  }
  return some;
}

bool whole(const Tried& one) {
  return one.trial.broken.empty() && static_cast<int>(one.trial.answers) == one.models;
}

void print_line(std::string_view what, std::span<const Tried> all) {
  const auto kai_splits = [](const Tried& one) { return one.trial.split > 0; };
  const auto within = [](const Tried& one) { return one.ratio <= median_max; };
  fmt::print("{:<14} {:>6} {:>8.3f} {:>8.3f} {:>8.3f} {:>8.3f} {:>8} {:>8} {:>10} {:>10}\n", what,
             all.size(), ratio_at(all, 0), ratio_at(all, 0.5), ratio_at(all, 0.9), ratio_at(all, 1),
             std::ranges::count_if(all, within), std::ranges::count_if(all, unproven),
             std::ranges::count_if(all, splits), std::ranges::count_if(all, kai_splits));
}

// Both ways, of the fleet that kai loses most with.
void print_worst(const Pc& pc, const Tried& one) {
  const auto& [order, makespan, bound, nodes, plays] = one.trial.optimum;
  const DrawnFleet fleet = random_fleet(pc, one.models, one.seed);
  fmt::print("the worst of {}, {:.3f} (seed {}): kai {:.1f} s, predicted {:.1f}\n", one.models,
             one.ratio, one.seed, one.trial.kai.count(), one.trial.predicted.count());
  for (const auto& placed : one.trial.placed) fmt::print("    {}\n", placed);
  fmt::print("  best {:.1f} s, proven {:.1f} s\n", makespan.count(), bound.count());
  for (std::size_t at = 0; at < order.gpu.size(); ++at) {
    fmt::print("    {}: GPU {:.2f}\n", fleet.pc.models[order.gpu[at]].name, order.shares[at]);
  }
  for (const std::size_t model : order.cpu) {
    fmt::print("    {}: CPU\n", fleet.pc.models[model].name);
  }
}

Row row_of(const std::string& what, std::span<const Tried> all, double share, double most) {
  const double ratio = ratio_at(all, share);
  const auto open = std::ranges::count_if(all, unproven);
  return {.what = what,
          .value = ratio,
          .unit = "",
          .compared_with = open == 0 ? "the optimum"
                                     : fmt::format("a proven bound, in {} cases below the best "
                                                   "way known",
                                                   open),
          .ratio = ratio,
          .reach = fmt::format("<= {}", most),
          .met = ratio <= most && std::ranges::all_of(all, whole)};
}

// `each` fleets of every number of models.
std::vector<Row> group(const Pc& pc, int from, int to, int each) {
  std::vector<Tried> all;
  for (int models = from; models <= to; ++models) {
    const std::size_t first = all.size();
    for (int seed = 0; seed < each; ++seed) {
      all.push_back(tried(pc, models, static_cast<std::uint64_t>(seed)));
    }
    const std::span some = std::span(all).subspan(first);
    print_line(fmt::format("{} models", models), some);
    print_worst(pc, std::ranges::max(some, {}, &Tried::ratio));
  }
  const std::string what = fmt::format("{} fleets of {} to {} models", all.size(), from, to);
  print_line(fmt::format("{} to {}", from, to), all);
  for (const bool fitting : {true, false}) {
    const auto some = some_of(all, fitting);
    if (!some.empty()) print_line(fitting ? "  all fit" : "  some too big", some);
  }
  return {row_of(what + ", kai / best, median", all, 0.5, median_max),
          row_of(what + ", kai / best, worst", all, 1, worst_max)};
}

}  // namespace

std::vector<Row> fleets_table(const Pc& pc, int fleets) {
  fmt::print(
      "\nrandom fleets: kai's plan as played, with splits, against the shortest of all ways "
      "(src/sim/optimum.h)\n"
      "{:<14} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>10} {:>10}\n",
      "", "fleets", "best", "median", "p90", "worst", "<= 1.02", "unproven", "best splits",
      "kai splits");
  constexpr int small_sizes = 4, large_sizes = 2, small_to_large = 10;
  auto rows = group(pc, 2, 5, std::max(1, fleets / small_sizes));
  std::ranges::move(group(pc, 6, 7, std::max(1, fleets / small_to_large / large_sizes)),
                    std::back_inserter(rows));
  return rows;
}

}  // namespace kai::bench
