// problem_file: a benchmark's file of questions, read as it is needed.
#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/problems.h"

namespace kai {

// Holds one block of the file and the rows that were in it, whatever the file's size.
class ProblemFile {
 public:
  // Errors: not_found (no such file), invalid_request (a folder or a pipe: it is read twice).
  static Result<ProblemFile> open(const std::string& path);
  // Nothing: the file has ended.
  std::optional<wire::ProblemRow> next();

 private:
  explicit ProblemFile(std::ifstream file) : file_(std::move(file)) {}

  std::ifstream file_;
  wire::ProblemReader reader_;
  std::deque<wire::ProblemRow> rows_;
  bool ended_ = false;
};

// What stands in a file, up to its `problems_max`-th problem.
struct ProblemCount {
  int problems = 0;
  bool more = false;                     // there are further ones
  std::int64_t broken = 0;               // rows
  std::vector<wire::BrokenRow> skipped;  // the first of them
};
inline constexpr std::size_t skipped_shown_max = 20;

// A row that can be asked and marked; otherwise why not.
wire::ProblemRow usable(wire::ProblemRow row);

// Errors: as ProblemFile::open(), and invalid_request where there is no problem.
Result<ProblemCount> count_problems(const std::string& path, int problems_max);

}  // namespace kai
