// A benchmark's file of questions, whole and in pieces.
#include "wire/problems.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

constexpr wire::ProblemOptions options{.row_bytes_max = 256};

void check(const wire::ProblemRow& row) {
  if (!row) {
    ensure(row.error().line > 0 && !row.error().why.empty(), "a broken row without line or reason");
    ensure(fuzz::is_utf8(row.error().why), "a reason that is no UTF-8");
    return;
  }
  for (const auto& text : {row->question, row->answer}) {
    ensure(!text.empty() && fuzz::is_utf8(text), "a text that cannot be asked");
    // A number may be written back longer than it stood there.
    ensure(text.size() <= options.row_bytes_max + 64, "a text longer than its row");
  }
}

std::vector<wire::ProblemRow> read(std::string_view text, std::size_t piece) {
  wire::ProblemReader reader(options);
  std::vector<wire::ProblemRow> rows;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    for (auto& row : reader.take(text.substr(at, piece))) rows.push_back(std::move(row));
  }
  for (auto& row : reader.end()) rows.push_back(std::move(row));
  return rows;
}

bool same(const wire::ProblemRow& one, const wire::ProblemRow& other) {
  if (one.has_value() != other.has_value()) return false;
  if (!one) return one.error().line == other.error().line && one.error().why == other.error().why;
  return one->line == other->line && one->question == other->question &&
         one->answer == other->answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  const auto rows = read(text, std::max<std::size_t>(size, 1));
  std::ranges::for_each(rows, check);
  ensure(
      std::ranges::is_sorted(
          rows, {}, [](const wire::ProblemRow& row) { return row ? row->line : row.error().line; }),
      "rows out of order");
  ensure(std::ranges::equal(rows, read(text, 3), same), "rows that depend on the pieces");
  return 0;
}
