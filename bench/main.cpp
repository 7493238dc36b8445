// kai-bench: every benchmark of kai, or those named, with what it is compared with beside it.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>

#include "bench/rows.h"

int main(int argc, char** argv) {
  CLI::App app("kai-bench: kai's figures, each beside what it is compared with.");
  std::string json;
  std::vector<std::string> only;
  std::vector<int> play;
  app.add_option("--json", json, "write the rows to this file as JSON");
  app.add_option("--only", only, "engine, embedding, lanes, coordinator, planning, history, start")
      ->check(CLI::IsMember(
          {"engine", "embedding", "lanes", "coordinator", "planning", "history", "start"}));
  app.add_option("--play", play, "play QUESTIONS of TOKENS each and end (for callgrind)")
      ->expected(2);
  CLI11_PARSE(app, argc, argv);
  if (!play.empty()) {
    kai::bench::play_questions(play[0], play[1]);
    return 0;
  }
  const auto wanted = [&](const char* name) {
    return only.empty() || std::ranges::find(only, name) != only.end();
  };
  std::vector<kai::bench::Row> rows;
  const auto add = [&](const char* name, auto measure) {
    if (!wanted(name)) return;
    fmt::print(stderr, "measuring {} …\n", name);
    for (auto& row : measure()) rows.push_back(std::move(row));
  };
  add("coordinator",
      [] { return kai::bench::coordinator_rows(std::filesystem::read_symlink("/proc/self/exe")); });
  add("planning", [] { return kai::bench::planning_rows(); });
  add("history", [] { return kai::bench::history_rows(); });
  add("start", [] { return kai::bench::start_rows(); });
  add("engine", [] { return kai::bench::engine_rows(); });
  add("embedding", [] { return kai::bench::embedding_rows(); });
  add("lanes", [] { return kai::bench::lanes_rows(); });
  kai::bench::print(rows);
  if (json.empty()) return 0;
  const auto written = kai::bench::write_json(rows, json);
  if (!written) fmt::print(stderr, "kai-bench: {}\n", written.error().message);
  return written ? 0 : 1;
}
