// problems: a file of questions with known answers, read piece by piece: JSONL, or CSV (RFC 4180).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/comparison.h"

namespace kai::wire {

struct ProblemOptions {
  std::size_t row_bytes_max = 65'536;  // 1..; a longer row is broken, and never held in memory
};

// A row that is no problem.
struct BrokenRow {
  std::int64_t line = 0;  // where it begins, from 1
  std::string why;        // for people; quotes nothing of the row
};
using ProblemRow = std::expected<Problem, BrokenRow>;

// Any bytes in any pieces give the same rows. The first character tells the form: "{" begins JSONL,
// {"question": …, "answer": …} a line, whose answer may be a number; anything else is CSV with a
// header that names the columns question and answer, others being ignored. Texts are taken as they
// stand ("=1+1" is text); they are not empty, valid UTF-8 and without NUL. Blank lines are no rows;
// a byte order mark is skipped. A header without the two columns is a broken row, and the only one
// that ends reading: see useless(). A quote that never closes breaks its row alone: where it has
// grown too long, rows begin again at the next line's end.
// Memory: one row.
class ProblemReader {
 public:
  explicit ProblemReader(ProblemOptions options = {}) : options_(options) {}

  // Rows that end in `piece`, in their order.
  std::vector<ProblemRow> take(std::string_view piece);
  // The last row, where no line's end stands behind it. To be called once, after the last piece.
  std::vector<ProblemRow> end();
  // The header was wrong: nothing more will be read.
  bool useless() const { return useless_; }

 private:
  enum class Form : std::uint8_t { unknown, jsonl, csv };

  void take(char byte, std::vector<ProblemRow>& rows);
  void take_quote(char byte);
  void end_row(std::vector<ProblemRow>& rows);
  void read_header(const std::vector<std::string>& cells, std::int64_t line,
                   std::vector<ProblemRow>& rows);

  ProblemOptions options_;
  Form form_ = Form::unknown;
  std::string row_;
  std::int64_t line_ = 1;      // of the next byte
  std::int64_t row_line_ = 1;  // where row_ began
  bool quoted_ = false;        // inside a CSV cell's quotes
  bool closed_ = false;        // the last byte was a quote that closed
  bool too_long_ = false;      // the rest of this row is passed over
  bool useless_ = false;
  // Columns of the CSV header, once it was read.
  std::optional<std::size_t> question_, answer_;
};

}  // namespace kai::wire
