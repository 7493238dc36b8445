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

int main(int argc, char** argv) {
  CLI::App app("kai-bench-quality: kai's decisions on recorded answers of real models.");
  std::string folder = "../shared/recorded";
  std::string json;
  kai::bench::TrialOptions options;
  app.add_option("--panel", folder, "folder of NAME.jsonl[.gz] files")->capture_default_str();
  app.add_option("--folds", options.folds, "of the cross-validation")
      ->check(CLI::Range(2, 100))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of folds and draws")->capture_default_str();
  app.add_option("--json", json, "write the rows to this file as JSON");
  std::string forms;
  app.add_option("--forms", forms, "write each answer that kai reads otherwise to this file");
  std::string diagram;
  app.add_option("--diagram", diagram, "draw the reliability diagram into this SVG file");
  std::string model;
  app.add_option(
      "--embeddings", model,
      "compare words with this embedding model's vectors (GGUF); the first time minutes");
  std::string cache = "build/embeddings.bin";
  app.add_option("--embeddings-cache", cache, "file that keeps the vectors")->capture_default_str();
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  int threads = cores;
  app.add_option("--embeddings-threads", threads, "on a machine that is busy: 1")
      ->check(CLI::Range(1, cores))
      ->capture_default_str();
  kai::bench::SampleOptions sample;
  app.add_option("--embeddings-questions", sample.questions, "of an open panel, at most")
      ->check(CLI::Range(20, 100'000))
      ->capture_default_str();
  app.add_option("--embeddings-models", sample.models, "of a panel, at most")
      ->check(CLI::Range(2, 1'000))
      ->capture_default_str();
  std::vector<std::string> only;
  app.add_option("--only", only, "names of panels; the others are left out");
  CLI11_PARSE(app, argc, argv);

  const auto files = kai::bench::panel_files(folder);
  if (!files) {
    fmt::print("skipped: {}; give a folder of recorded answers with --panel\n",
               files.error().message);
    return 0;
  }
  std::optional<kai::bench::Embeddings> embeddings;
  if (model.empty()) {
    fmt::print("skipped: embeddings; give a model with --embeddings\n");
  } else {
    auto opened = kai::bench::Embeddings::open(model, cache, threads);
    if (!opened) {
      fmt::print(stderr, "kai-bench-quality: {}\n", opened.error().message);
      return 1;
    }
    embeddings.emplace(*std::move(opened));
  }
  fmt::print("folds {}, seed {}; work: bytes of an answer times billions of parameters\n",
             options.folds, options.seed);
  std::vector<kai::bench::Row> all;
  std::vector<kai::bench::Reliability> curves;
  std::ofstream form_lines;
  if (!forms.empty()) form_lines.open(forms);
  for (const auto& file : *files) {
    const std::string name = file.filename().string();
    const bool wanted = only.empty() || std::ranges::any_of(only, [&](const auto& each) {
                          return name.starts_with(each + ".");
                        });
    if (!wanted) continue;
    const double took = kai::bench::time_of([&] {
      const auto panel = kai::bench::read_panel(file);
      if (!panel) {
        fmt::print(stderr, "kai-bench-quality: {}\n", panel.error().message);
        return;
      }
      fmt::print("\n{}: {} questions, {} models\n", panel->name, panel->questions.size(),
                 panel->voters.size());
      auto rows = panel->open() ? kai::bench::open_rows(*panel, options)
                                : kai::bench::closed_rows(*panel, options);
      for (auto& row : kai::bench::speed_rows(*panel)) rows.push_back(std::move(row));
      if (embeddings) {
        auto compared = kai::bench::meaning_rows(*panel, options, sample, *embeddings);
        if (!compared) {
          fmt::print(stderr, "kai-bench-quality: {}\n", compared.error().message);
        } else {
          std::ranges::move(*compared, std::back_inserter(rows));
        }
      }
      kai::bench::print(rows);
      if (!panel->open() && !diagram.empty()) {
        curves.push_back(kai::bench::reliability(*panel, options));
      }
      if (!panel->open()) {
        for (const auto& line : kai::bench::form_disagreements(*panel)) form_lines << line << "\n";
      }
      for (auto& row : rows) all.push_back(std::move(row));
    });
    fmt::print("{:.1f} s\n", took);
    std::fflush(stdout);
  }
  if (!diagram.empty()) std::ofstream(diagram) << kai::bench::reliability_diagram(curves);
  if (json.empty()) return 0;
  const auto written = kai::bench::write_json(all, json);
  if (!written) fmt::print(stderr, "kai-bench-quality: {}\n", written.error().message);
  return written ? 0 : 1;
}
