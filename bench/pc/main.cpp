// kai-bench-pc: what the original way, the best order and kai itself take on a PC in virtual time,
// held against what is known.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>

#include "bench/pc/tables.h"
#include "sim/naive.h"
#include "sim/pc_file.h"

namespace kai::bench {
namespace {

struct Arguments {
  std::string pc = "examples/reference-pc.json";
  std::string json;
  std::string trace;
  std::string panel;
  std::string report;
  std::size_t each = 40;
  int questions = 10'000;
  int fleets = 500;
};

// The models of the largest run, the first of them.
std::vector<std::size_t> largest(const std::vector<KnownRun>& runs) {
  return std::ranges::max(runs, {}, [](const KnownRun& run) { return run.members.size(); }).members;
}

Result<std::vector<Row>> recorded_rows(const Arguments& given, const Pc& pc,
                                       const std::vector<std::size_t>& members) {
  const auto casts = cast_panels(given.panel, pc, members);
  if (!casts) return std::unexpected(casts.error());
  print_casts(*casts, pc, members);
  if (!given.report.empty()) {
    const auto written = write_recorded_report(pc, members, *casts, given.each, given.report);
    if (!written) return std::unexpected(written.error());
  }
  const auto questions = mixed(*casts, given.each);
  auto rows = tiers_table(pc, members, questions);
  std::ranges::move(stream_table(pc, members, questions), std::back_inserter(rows));
  return rows;
}

Result<> run(const Arguments& given) {
  const auto pc = read_pc(given.pc);
  if (!pc) return std::unexpected(pc.error());
  if (pc->known.empty()) {
    return fail(ErrorCode::invalid_request, given.pc + ": \"known\" names no runs to compare with");
  }
  std::vector<KnownRun> runs;
  for (const auto& known : pc->known) {
    auto members = find_models(*pc, known.models);
    if (!members) return std::unexpected(members.error());
    runs.push_back({&known, *std::move(members)});
  }
  const auto traced =
      std::ranges::find(runs, given.trace, [](const KnownRun& run) { return run.known->name; });
  if (traced == runs.end() && !given.trace.empty()) {
    return fail(
        ErrorCode::not_found,
        fmt::format("no row is called \"{}\"; its name is in the first column", given.trace));
  }
  fmt::print("{}\n\n", pc->what);
  std::vector<Row> rows = known_table(*pc, runs);
  std::ranges::move(kai_table(*pc, runs), std::back_inserter(rows));
  std::ranges::move(short_table(*pc, runs), std::back_inserter(rows));
  std::ranges::move(steps_table(*pc, runs), std::back_inserter(rows));
  if (given.fleets > 0) {
    std::ranges::move(fleets_table(*pc, given.fleets), std::back_inserter(rows));
  }
  std::ranges::move(storm_table(*pc, given.questions), std::back_inserter(rows));
  if (given.panel.empty()) {
    fmt::print("\nno --panel: neither the tiers' times nor a stream of questions\n");
  } else {
    auto recorded = recorded_rows(given, *pc, largest(runs));
    if (!recorded) return std::unexpected(recorded.error());
    std::ranges::move(*recorded, std::back_inserter(rows));
  }
  if (traced != runs.end()) print_traces(*pc, *traced);
  if (given.json.empty()) return {};
  return write_json(rows, given.json);
}

}  // namespace
}  // namespace kai::bench

int main(int argc, char** argv) {
  CLI::App app(
      "kai-bench-pc: every model at once, as Ollama would, the best order, and kai, in virtual "
      "time.");
  kai::bench::Arguments given;
  app.add_option("--pc", given.pc, "file that describes the PC")->capture_default_str();
  app.add_option("--questions", given.questions, "questions of the storm")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--fleets", given.fleets,
                 "random fleets of 2 to 5 models, and a tenth as many of 6 and 7; 0: none")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  app.add_option("--panel", given.panel,
                 "folder of recorded answers: the tiers' times and a stream of questions");
  app.add_option("--each", given.each, "questions of each panel")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--report", given.report,
                 "with --panel: write performance-recorded.md and its pictures into this folder");
  app.add_option("--json", given.json, "write the rows to this file as JSON");
  app.add_option(
      "--trace", given.trace,
      "print what happens when, in the original way and in kai's, of the row of this name");
  CLI11_PARSE(app, argc, argv);
  const auto ran = kai::bench::run(given);
  if (ran) return 0;
  fmt::print(stderr, "kai-bench-pc: {}\n", ran.error().message);
  return 1;
}
