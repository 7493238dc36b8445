#include "cli/problem_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/option_values.h"
#include "report/arms.h"

namespace kai {

Result<ProblemFile> ProblemFile::open(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no file {}; it holds the questions, each with its answer",
                            quoted(path)));
  }
  if (status.type() != std::filesystem::file_type::regular) {
    return fail(ErrorCode::invalid_request,
                fmt::format("{} is no file that can be read twice; save the questions to one",
                            quoted(path)));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(ErrorCode::invalid_request, fmt::format("{} cannot be read: {}", quoted(path),
                                                        std::generic_category().message(errno)));
  }
  return ProblemFile(std::move(file));
}

std::optional<wire::ProblemRow> ProblemFile::next() {
  constexpr std::size_t block_bytes = 65'536;
  std::string block(block_bytes, '\0');
  while (rows_.empty() && !ended_) {
    file_.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto count = static_cast<std::size_t>(file_.gcount());
    for (auto& row : reader_.take(std::string_view(block).substr(0, count))) {
      rows_.push_back(std::move(row));
    }
    if (file_ && !reader_.useless()) continue;
    ended_ = true;
    for (auto& row : reader_.end()) rows_.push_back(std::move(row));
  }
  if (rows_.empty()) return std::nullopt;
  auto row = std::move(rows_.front());
  rows_.pop_front();
  return row;
}

wire::ProblemRow usable(wire::ProblemRow row) {
  if (!row) return row;
  if (auto why = report::unmarkable(*row); !why.empty()) {
    return std::unexpected(wire::BrokenRow{row->line, std::move(why)});
  }
  return row;
}

Result<ProblemCount> count_problems(const std::string& path, int problems_max) {
  auto file = ProblemFile::open(path);
  if (!file) return std::unexpected(file.error());
  ProblemCount count;
  while (auto row = file->next()) {
    const auto problem = usable(*std::move(row));
    if (problem && count.problems == problems_max) {
      count.more = true;
      break;
    }
    if (problem) {
      ++count.problems;
    } else {
      ++count.broken;
      if (count.skipped.size() < skipped_shown_max) count.skipped.push_back(problem.error());
    }
  }
  if (count.problems > 0) return count;
  return fail(
      ErrorCode::invalid_request,
      count.skipped.empty()
          ? fmt::format("{} is empty; write a question and its answer into each line", quoted(path))
          : fmt::format("{} has no question that could be asked; line {}: {}", quoted(path),
                        count.skipped.front().line, count.skipped.front().why));
}

}  // namespace kai
