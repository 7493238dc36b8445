// kai-bench-quality: the decision measured on recorded answers, each question decided by what was
// learned from others.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <optional>
#include <thread>

#include "bench/quality/meaning.h"
#include "bench/quality/report.h"

namespace kai::bench {
namespace {

struct Arguments {
  std::string folder = "../shared/recorded";
  std::string json, forms, diagram;
  std::vector<std::string> only;
  TrialOptions trial;
  std::string model;
  std::string cache = "build/embeddings.bin";
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  SampleOptions sample;

  bool wants(const std::filesystem::path& file) const {
    const std::string name = file.filename();
    return only.empty() || std::ranges::any_of(only, [&](const std::string& each) {
             return name.starts_with(each + ".");
           });
  }
};

void add_options(CLI::App& app, Arguments& given) {
  app.add_option("--panel", given.folder, "folder of NAME.jsonl[.gz] files")->capture_default_str();
  app.add_option("--only", given.only, "NAMEs of panels; the others are left out");
  app.add_option("--folds", given.trial.folds, "of the cross-validation")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  app.add_option("--seed", given.trial.seed, "of folds and draws")->capture_default_str();
  app.add_option("--json", given.json, "write the rows to this file as JSON");
  app.add_option("--forms", given.forms, "write each answer that kai reads otherwise to this file");
  app.add_option("--diagram", given.diagram, "draw the reliability diagram into this SVG file");
}

void add_embedding_options(CLI::App& app, Arguments& given) {
  app.add_option(
      "--embeddings", given.model,
      "compare words with this embedding model's vectors (GGUF); the first time minutes");
  app.add_option("--embeddings-cache", given.cache, "file that keeps the vectors")
      ->capture_default_str();
  app.add_option("--embeddings-threads", given.threads, "on a machine that is busy: 1")
      ->check(CLI::Range(1, given.threads))
      ->capture_default_str();
  app.add_option("--embeddings-questions", given.sample.questions, "of an open panel, at most")
      ->check(CLI::Range(20, 100'000))
      ->capture_default_str();
  app.add_option("--embeddings-models", given.sample.models, "of a panel, at most")
      ->check(CLI::Range(2, 1'000))
      ->capture_default_str();
}

std::vector<Row> rows_of(const Panel& panel, const Arguments& given, Embeddings* embeddings) {
  auto rows = panel.open() ? open_rows(panel, given.trial) : closed_rows(panel, given.trial);
  if (!panel.open()) std::ranges::move(stated_rows(panel), std::back_inserter(rows));
  std::ranges::move(speed_rows(panel), std::back_inserter(rows));
  if (embeddings == nullptr) return rows;
  auto compared = meaning_rows(panel, given.trial, given.sample, *embeddings);
  if (compared) {
    std::ranges::move(*compared, std::back_inserter(rows));
  } else {
    fmt::print(stderr, "kai-bench-quality: {}\n", compared.error().message);
  }
  return rows;
}

// Of all panels; what was asked for beside them is written as they come.
std::vector<Row> measure(std::span<const std::filesystem::path> files, const Arguments& given,
                         Embeddings* embeddings) {
  std::vector<Row> all;
  std::vector<Reliability> curves;
  std::ofstream form_lines;
  if (!given.forms.empty()) form_lines.open(given.forms);
  for (const auto& file : files) {
    if (!given.wants(file)) continue;
    const double took = time_of([&] {
      const auto panel = read_panel(file);
      if (!panel) {
        fmt::print(stderr, "kai-bench-quality: {}\n", panel.error().message);
        return;
      }
      fmt::print("\n{}: {} questions, {} models\n", panel->name, panel->questions.size(),
                 panel->voters.size());
      auto rows = rows_of(*panel, given, embeddings);
      print(rows);
      std::ranges::move(rows, std::back_inserter(all));
      if (panel->open()) return;
      if (!given.diagram.empty()) curves.push_back(reliability(*panel, given.trial));
      for (const auto& line : form_disagreements(*panel)) form_lines << line << "\n";
    });
    fmt::print("{:.1f} s\n", took);
    std::fflush(stdout);
  }
  if (!given.diagram.empty()) std::ofstream(given.diagram) << reliability_diagram(curves);
  return all;
}

}  // namespace
}  // namespace kai::bench

int main(int argc, char** argv) {
  CLI::App app("kai-bench-quality: kai's decisions on recorded answers of real models.");
  kai::bench::Arguments given;
  kai::bench::add_options(app, given);
  kai::bench::add_embedding_options(app, given);
  CLI11_PARSE(app, argc, argv);

  const auto complain = [](const kai::Error& error) {
    fmt::print(stderr, "kai-bench-quality: {}\n", error.message);
    return 1;
  };
  const auto files = kai::bench::panel_files(given.folder);
  if (!files) {
    fmt::print("skipped: {}; give a folder of recorded answers with --panel\n",
               files.error().message);
    return 0;
  }
  std::optional<kai::bench::Embeddings> embeddings;
  if (given.model.empty()) {
    fmt::print("skipped: embeddings; give a model with --embeddings\n");
  } else {
    auto opened = kai::bench::Embeddings::open(given.model, given.cache, given.threads);
    if (!opened) return complain(opened.error());
    embeddings.emplace(*std::move(opened));
  }
  fmt::print("folds {}, seed {}; work: bytes of an answer times billions of parameters\n",
             given.trial.folds, given.trial.seed);
  const auto rows = kai::bench::measure(*files, given, embeddings ? &*embeddings : nullptr);
  if (given.json.empty()) return 0;
  const auto written = kai::bench::write_json(rows, given.json);
  return written ? 0 : complain(written.error());
}
