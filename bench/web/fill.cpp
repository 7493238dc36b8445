// kai-bench-fill: a data folder as it is after long use, for the benchmark of the page: questions
// that were asked, and 30 days of measurements up to now.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <cmath>

#include "base/random.h"
#include "bench/history_made.h"
#include "monitor/history.h"

namespace kai::bench {

namespace {

constexpr int rows = 8640;  // of each step: 24 hours of 10 s, 30 days of 5 minutes
constexpr int flush_every = 500;
constexpr Duration flush_max = std::chrono::seconds(60);

// What tells the series of a family apart; one empty label where nothing does. A GPU is in no list:
// this is a machine without one.
std::vector<std::string> labels_of(const SeriesFamily& family, int models) {
  if (family.label.empty()) return {""};
  if (family.label == "tier") return {"simple", "medium", "complex", "expert"};
  if (family.label == "resource") return {"cpu", "memory", "io"};
  std::vector<std::string> labels;
  for (int model = 0; family.label == "model" && model < models; ++model) {
    labels.push_back(fmt::format("m{}", model));
  }
  return labels;
}

// Something that looks measured: a wave a day, and chance.
double value_of(const SeriesFamily& family, Random& random, double hour) {
  const double share = 0.5 + 0.3 * std::sin(hour / 24 * 2 * 3.14159) + 0.2 * random.unit();
  if (family.unit == "0..1") return share;
  if (family.unit == "bytes") return share * 16e9;
  if (family.unit == "seconds") return share * 2;
  return std::round(share * 40);
}

bool make_rollups(Store& store, int models) {
  Random random(2);
  std::vector<std::pair<const SeriesFamily*, std::string>> series;
  for (const auto& family : series_families()) {
    for (auto& label : labels_of(family, models)) series.emplace_back(&family, std::move(label));
  }
  bool kept = true;
  const auto now = std::chrono::system_clock::now();
  for (const auto step : {std::chrono::seconds(10), std::chrono::seconds(300)}) {
    const auto end = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) / step * step;
    for (int row = rows; row > 0; --row) {
      Rollup rollup{step, WallTime(end - row * step), {}};
      const double hour = static_cast<double>((end - row * step).count()) / 3600;
      for (const auto& [family, label] : series) {
        const std::string name(family->name);
        rollup.values.emplace_back(label.empty() ? name : name + ":" + label,
                                   value_of(*family, random, hour));
      }
      store.put_rollup(rollup);
      if (row % flush_every == 0) kept = store.flush(flush_max) && kept;
    }
  }
  return store.flush(flush_max) && kept && store.dropped() == 0;
}

}  // namespace

}  // namespace kai::bench

int main(int argc, char** argv) {
  CLI::App app("kai-bench-fill: a data folder of kai as it is after long use.");
  std::string folder;
  int questions = 0;
  int models = 0;
  app.add_option("folder", folder, "the data folder; made if missing")->required();
  app.add_option("--questions", questions, "that were asked")->check(CLI::Range(0, 10'000'000));
  app.add_option("--models", models, "with 30 days of measurements; 0: none are made")
      ->check(CLI::Range(0, 20));
  CLI11_PARSE(app, argc, argv);
  const auto store =
      kai::open_store({.folder = folder, .history_max = std::max(questions, 100'000)});
  const bool kept = kai::bench::make_history(*store, questions) &&
                    (models == 0 || kai::bench::make_rollups(*store, models));
  if (kept) return 0;
  fmt::print(stderr, "kai-bench-fill: {} could not be filled: {}\n", folder, store->fault());
  return 1;
}
