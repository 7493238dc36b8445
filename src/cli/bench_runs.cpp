#include "cli/bench_runs.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/private_file.h"
#include "wire/comparison.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

struct RunFile {
  fs::path path;
  fs::file_time_type at;
};

// The newest first; nothing where there is no such folder.
std::vector<RunFile> files_in(const std::string& folder, std::string_view beginning) {
  std::vector<RunFile> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code gone;
    const auto at = entry->last_write_time(gone);
    if (gone || !entry->is_regular_file(gone) || !name.starts_with(beginning) ||
        !name.ends_with(".json"))
      continue;
    files.push_back({entry->path(), at});
  }
  std::ranges::sort(files, std::greater{}, [](const RunFile& file) { return file.at; });
  return files;
}

// Errors: invalid_request, storage.
Result<std::string> document_in(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(bench_run_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty()) return fail(ErrorCode::storage, "it is empty or cannot be read");
  if (text.size() > bench_run_bytes_max) {
    return fail(ErrorCode::invalid_request,
                fmt::format("it has more than {} bytes", bench_run_bytes_max));
  }
  if (const auto read = wire::decode_comparison(text); !read) {
    return std::unexpected(read.error());
  }
  return text;
}

WallTime wall_time(fs::file_time_type time) {
  return std::chrono::time_point_cast<WallTime::duration>(std::chrono::file_clock::to_sys(time));
}

}  // namespace

Result<> keep_bench_run(const std::string& folder, std::string_view document, WallTime now) {
  const std::string runs = folder + "/bench";
  std::error_code error;
  fs::create_directories(runs, error);
  if (error) {
    return fail(ErrorCode::storage, fmt::format("{} cannot be made: {}", runs, error.message()));
  }
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const auto written =
      write_private(fmt::format("{}/quality-{:%Y%m%dT%H%M%SZ}.json", runs, second), document);
  if (!written) return written;
  const auto kept = files_in(runs, "quality-");
  for (std::size_t at = bench_runs_max; at < kept.size(); ++at) {
    fs::remove(kept[at].path, error);  // one that stays is looked at by the next run
  }
  return {};
}

wire::BenchRuns read_bench_runs(const std::string& folder) {
  wire::BenchRuns runs;
  auto files = files_in(folder + "/bench", "");
  files.resize(std::min(files.size(), bench_runs_max));
  for (const auto& file : files) {
    const std::string name = file.path.filename().string();
    auto document = document_in(file.path);
    if (document) {
      runs.runs.push_back({name, wall_time(file.at), *std::move(document)});
    } else {
      runs.skipped.emplace_back(name, document.error().message);
    }
  }
  return runs;
}

}  // namespace kai
