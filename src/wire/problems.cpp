#include "wire/problems.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <utility>

#include "wire/json.h"

namespace kai::wire {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blank = " \t\r\n";

// Empty: the text can be asked, or compared with.
std::string wrong_with(std::string_view name, std::string_view text) {
  if (text.find_first_not_of(blank) == std::string_view::npos) {
    return fmt::format("the {} is empty", name);
  }
  if (!utf8::is_valid(text.begin(), text.end())) {
    return fmt::format("the {} is not valid UTF-8", name);
  }
  if (text.find('\0') != std::string_view::npos) {
    return fmt::format("the {} contains a NUL byte", name);
  }
  return {};
}

ProblemRow checked(Problem problem) {
  for (const auto& [name, text] :
       {std::pair<std::string_view, std::string_view>{"question", problem.question},
        {"answer", problem.answer}}) {
    if (auto why = wrong_with(name, text); !why.empty()) {
      return std::unexpected(BrokenRow{problem.line, std::move(why)});
    }
  }
  return problem;
}

// A text, or a number as it is written back.
std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_number()) return to_line(*value);
  return std::nullopt;
}

ProblemRow json_row(std::string_view row, std::int64_t line) {
  const auto broken = [&](std::string why) {
    return std::unexpected(BrokenRow{line, std::move(why)});
  };
  const auto value = parse(row);
  if (!value) return broken(value.error().message);
  if (!value->is_object()) return broken("not a JSON object");
  auto question = text_in(value->get_object(), "question");
  if (!question) return broken("no \"question\" that is a text");
  auto answer = text_in(value->get_object(), "answer");
  if (!answer) return broken("no \"answer\" that is a text or a number");
  return checked({line, *std::move(question), *std::move(answer)});
}

// The cells of one row, RFC 4180: quotes around a cell, doubled inside it. Nothing: a quote stands
// where none may, or never closes.
std::optional<std::vector<std::string>> cells_of(std::string_view row) {
  std::vector<std::string> cells(1);
  enum class At : std::uint8_t { begin, bare, quoted, closed } at = At::begin;
  for (const char byte : row) {
    if (at == At::quoted) {
      if (byte == '"') {
        at = At::closed;
      } else {
        cells.back() += byte;
      }
    } else if (byte == ',') {
      cells.emplace_back();
      at = At::begin;
    } else if (byte == '"' && at == At::begin) {
      at = At::quoted;
    } else if (byte == '"' && at == At::closed) {
      cells.back() += byte;  // it was a doubled one
      at = At::quoted;
    } else if (byte == '"' || at == At::closed) {
      return std::nullopt;
    } else {
      cells.back() += byte;
      at = At::bare;
    }
  }
  if (at == At::quoted) return std::nullopt;
  return cells;
}

std::optional<std::size_t> column(const std::vector<std::string>& cells, std::string_view name) {
  for (std::size_t at = 0; at < cells.size(); ++at) {
    std::string_view cell = cells[at];
    const auto begin = std::min(cell.find_first_not_of(blank), cell.size());
    cell = cell.substr(begin, cell.find_last_not_of(blank) + 1 - begin);
    const bool same = std::ranges::equal(cell, name, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
    if (same) return at;
  }
  return std::nullopt;
}

ProblemRow csv_row(const std::vector<std::string>& cells, std::int64_t line, std::size_t question,
                   std::size_t answer) {
  const std::size_t needed = std::max(question, answer) + 1;
  if (cells.size() < needed) {
    const std::string why =
        fmt::format("too few cells: {}, the header wants at least {}", cells.size(), needed);
    return std::unexpected(BrokenRow{line, why});
  }
  return checked({line, cells[question], cells[answer]});
}

}  // namespace

std::vector<ProblemRow> ProblemReader::take(std::string_view piece) {
  std::vector<ProblemRow> rows;
  for (const char byte : piece) {
    if (useless_) break;
    take(byte, rows);
  }
  return rows;
}

std::vector<ProblemRow> ProblemReader::end() {
  std::vector<ProblemRow> rows;
  if (!useless_) end_row(rows);
  return rows;
}

void ProblemReader::take(char byte, std::vector<ProblemRow>& rows) {
  const bool line_end = byte == '\n';
  if (line_end) ++line_;
  if (form_ == Form::unknown) {
    if (row_.empty()) row_line_ = line_ - (line_end ? 1 : 0);
    if (row_ == byte_order_mark) row_.clear();
    // Bytes of a mark that may be coming are held; what is no mark begins the first row.
    const bool mark = byte_order_mark.starts_with(row_ + byte);
    if (!mark && row_.empty() && blank.contains(byte)) {
      row_line_ = line_;
      return;
    }
    if (!mark) form_ = row_.empty() && byte == '{' ? Form::jsonl : Form::csv;
  }
  if (form_ == Form::csv && !too_long_) take_quote(byte);
  if (line_end && !quoted_) return end_row(rows);
  if (too_long_) return;
  row_ += byte;
  if (row_.size() <= options_.row_bytes_max) return;
  rows.push_back(std::unexpected(
      BrokenRow{row_line_, fmt::format("longer than {} bytes{}", options_.row_bytes_max,
                                       quoted_ ? "; is a closing quote missing?" : "")}));
  too_long_ = true;
  quoted_ = closed_ = false;
  row_.clear();
}

// Whether a line's end would be text. As cells_of() reads it: a quote opens at a cell's begin, or
// behind one that just closed, since the two are then a quote inside.
void ProblemReader::take_quote(char byte) {
  const bool closes = byte == '"' && quoted_;
  const bool begin = row_.empty() || row_.back() == ',';
  if (closes) {
    quoted_ = false;
  } else if (byte == '"' && (begin || closed_)) {
    quoted_ = true;
  }
  closed_ = closes;
}

void ProblemReader::end_row(std::vector<ProblemRow>& rows) {
  const std::string row = std::exchange(row_, {});
  const std::int64_t line = std::exchange(row_line_, line_);
  quoted_ = closed_ = false;
  if (std::exchange(too_long_, false)) return;
  std::string_view text = row;
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.find_first_not_of(blank) == std::string_view::npos || text == byte_order_mark) return;
  if (form_ == Form::jsonl) return rows.push_back(json_row(text, line));
  const auto cells = cells_of(text);
  if (!question_ || !answer_) {
    read_header(cells.value_or(std::vector<std::string>{}), line, rows);
  } else if (!cells) {
    rows.push_back(std::unexpected(
        BrokenRow{line,
                  "a quote stands inside a cell, or is never closed; RFC 4180 puts quotes around "
                  "the whole cell and doubles those inside"}));
  } else {
    rows.push_back(csv_row(*cells, line, *question_, *answer_));
  }
}

void ProblemReader::read_header(const std::vector<std::string>& cells, std::int64_t line,
                                std::vector<ProblemRow>& rows) {
  question_ = column(cells, "question");
  answer_ = column(cells, "answer");
  if (question_ && answer_) return;
  useless_ = true;
  rows.push_back(std::unexpected(
      BrokenRow{line,
                "the first line must be the header question,answer, or each line a JSON object "
                "{\"question\": …, \"answer\": …}"}));
}

}  // namespace kai::wire
