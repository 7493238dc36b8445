#include "bench/machine/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/process.h"
#include "bench/machine/scratch.h"
#include "bench/quality/panel.h"
#include "wire/recorded.h"

namespace kai::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t taught = 20;  // questions that only teach
constexpr std::size_t question_bytes_max = 2000;
constexpr std::size_t counted_min = 200;              // for a share worth saying
constexpr double covered_min = 85, covered_max = 95;  // %

Result<std::vector<std::vector<std::string>>> columns_of(const fs::path& path) {
  std::vector<std::vector<std::string>> columns;
  if (!fs::is_directory(path)) {
    std::ifstream file(path);
    if (!file) return fail(ErrorCode::not_found, path.string() + " cannot be read");
    auto& lines = columns.emplace_back();
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return columns;
  }
  const auto files = panel_files(path);
  if (!files) return std::unexpected(files.error());
  for (const auto& file : *files) {
    auto panel = read_panel(file);
    if (!panel) return std::unexpected(panel.error());
    auto& texts = columns.emplace_back();
    for (auto& question : panel->questions) texts.push_back(std::move(question.text));
  }
  return columns;
}

// A kai of its own: nothing is learned from the user's questions, nor told to them.
class Household {
 public:
  explicit Household(const std::string& models) {
    const fs::path& folder = scratch_.folder();
    ::setenv("KAI_MODELS", models.c_str(), 1);
    ::setenv("KAI_DATA_FOLDER", (folder / "data").c_str(), 1);
    ::setenv("KAI_RUNTIME_FOLDER", (folder / "run").c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", (folder / "config").c_str(), 1);
    ::setenv("OLLAMA_MODELS", (folder / "ollama").c_str(), 1);
  }

  static Result<Prediction> ask(const std::string& question) {
    constexpr Duration patience = std::chrono::minutes(2);
    const auto ran =
        run_process({"/bin/sh", "-c", R"(exec "$0" "$@" </dev/null 2>/dev/null)", KAI_BINARY, "ask",
                     "--json", "--mode", "all", "--tier", "simple", "--", question},
                    patience);
    if (!ran) return std::unexpected(ran.error());
    auto prediction = wire::decode_prediction(ran->text);
    if (prediction) return prediction;
    return fail(ErrorCode::internal, fmt::format("kai ask ended with {} and no answer; see what "
                                                 "`kai doctor` says of the models",
                                                 ran->status));
  }

 private:
  const Scratch scratch_{"kai-bench-answers-"};
};

double percent(double part, double of) {
  return 100 * part / of;
}

}  // namespace

Result<std::vector<std::string>> read_questions(const std::string& path) {
  const auto columns = columns_of(path);
  if (!columns) return std::unexpected(columns.error());
  std::size_t longest = 0;
  for (const auto& column : *columns) longest = std::max(longest, column.size());
  std::vector<std::string> questions;
  std::set<std::string_view> seen;
  for (std::size_t at = 0; at < longest; ++at) {
    for (const auto& column : *columns) {
      if (at >= column.size()) continue;
      const std::string& text = column[at];
      if (text.empty() || text.size() > question_bytes_max || !seen.insert(text).second) continue;
      questions.push_back(text);
    }
  }
  return questions;
}

Result<std::vector<Row>> answers_rows(const std::vector<std::string>& questions,
                                      const AnswersOptions& options) {
  const std::size_t count = std::min(questions.size(), options.count);
  if (count <= taught) {
    return fail(ErrorCode::not_found,
                fmt::format("{} questions are too few: the first {} only teach", count, taught));
  }
  const Household household(options.models);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<double> errors, taken;
  std::size_t asked = 0, covered = 0;
  for (; asked < count; ++asked) {
    const double minutes = seconds(std::chrono::steady_clock::now() - begin) / 60;
    if (minutes > options.minutes) break;
    if (asked % 10 == 0) {
      fmt::print(stderr, "question {} of {}, {:.0f} minutes …\n", asked + 1, count, minutes);
    }
    const auto found = Household::ask(questions[asked]);
    if (!found) return std::unexpected(found.error());
    if (asked < taught || found->whole < found->asked || found->latency <= Duration::zero()) {
      continue;
    }
    taken.push_back(seconds(found->latency));
    errors.push_back(std::abs(percent(seconds(found->predicted), taken.back()) - 100));
    covered += found->latency <= found->predicted_p90 ? 1 : 0;
  }
  if (taken.empty()) {
    return fail(
        ErrorCode::deadline,
        fmt::format("{} questions were asked and the first {} only teach: none counts; give "
                    "more --minutes",
                    asked, taught));
  }
  const double share = percent(static_cast<double>(covered), static_cast<double>(taken.size()));
  const double error = median(errors);
  const std::string of = fmt::format("{} questions of {}, answers of {:.1f} s in the median",
                                     taken.size(), asked, median(taken));
  return std::vector<Row>{
      {"real answers: over by the time kept nine times in ten", share, "%", of, 0,
       fmt::format("{}..{} %, of {} or more", covered_min, covered_max, counted_min),
       taken.size() >= counted_min && share >= covered_min && share <= covered_max},
      {"real answers: the expected finish, median error", error, "%", of, 0, "none: lengths differ",
       true}};
}

}  // namespace kai::bench
