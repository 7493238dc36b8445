// What searching a long history takes, each search beside the plain list of the newest.
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "bench/history_made.h"
#include "bench/rows.h"
#include "store/store.h"

namespace kai::bench {

namespace {

namespace fs = std::filesystem;

constexpr int questions = 100'000;
constexpr int rounds = 15;
constexpr int page = 50;

struct Timed {
  double ms = 0;
  std::size_t rows = 0;
};
Timed timed(Store& store, const HistorySearch& what) {
  std::vector<double> times;
  Timed timed;
  for (int round = 0; round < rounds; ++round) {
    times.push_back(time_of([&] { timed.rows = store.search(what).value().rows.size(); }) * 1e3);
  }
  timed.ms = median(std::move(times));
  return timed;
}

}  // namespace

std::vector<Row> history_rows() {
  std::string name = (fs::temp_directory_path() / "kai-bench-history-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  std::vector<Row> rows;
  {
    const auto store = open_store({.folder = folder.string(), .history_max = questions});
    const double filling = time_of([&] { make_history(*store, questions); });
    const auto list = timed(*store, {.rows_max = page});
    const auto add = [&](const std::string& what, HistorySearch search) {
      search.rows_max = page;
      const auto [ms, found] = timed(*store, search);
      rows.push_back({fmt::format("history of {} questions: {} ({} found)", questions, what, found),
                      ms, "ms", fmt::format("the newest {}: {:.2f} ms", page, list.ms),
                      ms / list.ms, "<= 200", ms <= 200});
    };
    add("a common word", {.text = "w1"});
    add("a rare word", {.text = "w15000"});
    add("two words", {.text = "w10 w200"});
    add("the beginning of a word", {.text = "w1500"});
    add("a tier with dissent", {.tier = Tier::expert, .dissent = true});
    add("those that were late", {.ending = "deadline"});
    add("a common word, late", {.text = "w1", .ending = "deadline"});
    add("a model's", {.model = ModelId("m3")});
    add("nothing fits", {.ending = "none"});
    rows.push_back({"a question kept, its words to be found", filling / questions * 1e3, "ms", "",
                    0, "", true});
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return rows;
}

}  // namespace kai::bench
