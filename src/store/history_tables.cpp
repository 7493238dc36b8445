// history_tables: questions asked before, listed and searched.
#include <algorithm>

#include "store/statements.h"
#include "store/tables.h"

namespace kai {

namespace {

constexpr std::string_view columns =
    "q.id, q.asked_ns, q.ending, q.tier, q.voters, q.agreeing, q.latency_ns, q.question, q.answer, "
    "q.confidence";

HistoryRow row_of(SQLite::Statement& rows) {
  HistoryRow row;
  row.id = QueryId(rows.getColumn(0).getString());
  row.asked = WallTime(Duration(rows.getColumn(1).getInt64()));
  row.ending = rows.getColumn(2).getString();
  row.tier = tier_named(rows.getColumn(3).getString()).value_or(Tier::simple);
  row.voters = rows.getColumn(4).getInt();
  row.agreeing = rows.getColumn(5).getInt();
  row.latency = Duration(rows.getColumn(6).getInt64());
  row.question = rows.getColumn(7).getString();
  row.answer = rows.getColumn(8).getString();
  if (!rows.getColumn(9).isNull()) row.confidence = rows.getColumn(9).getDouble();
  return row;
}

constexpr std::string_view any_failure = "failed";  // an ending that is searched for, no code
constexpr int words_max = 32;                       // further ones are not looked for

// FTS5's own language is not spoken: each word is a string of its own, all must be there, and the
// last may be the beginning of one.
std::string as_match(std::string_view text) {
  using namespace std::string_view_literals;
  constexpr std::string_view blank = " \t\r\n\0"sv;  // FTS5 reads no further than a NUL
  std::string match;
  for (int words = 0; words < words_max && !text.empty(); ++words) {
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto word = text.substr(0, text.find_first_of(blank));
    text.remove_prefix(word.size());
    match += match.empty() ? "\"" : " \"";
    for (const char letter : word)
      match += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    match += '"';
  }
  return match.empty() ? match : match + " *";
}

// The conditions of a search, with their values in order.
class Conditions {
 public:
  void add(std::string_view condition, std::string value) {
    text_ += fmt::format("{} {}", text_.empty() ? " WHERE" : " AND", condition);
    if (condition.contains('?')) values_.push_back(std::move(value));
  }
  const std::string& text() const { return text_; }
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::string text_;
  std::vector<std::string> values_;
};

}  // namespace

std::vector<HistoryRow> history(Database& database, int rows_max) {
  SQLite::Statement rows(
      database, fmt::format("SELECT {} FROM questions q ORDER BY seq DESC LIMIT ?", columns));
  rows.bind(1, std::max(rows_max, 0));
  std::vector<HistoryRow> found;
  while (rows.executeStep()) found.push_back(row_of(rows));
  return found;
}

HistoryPage search(Database& database, const HistorySearch& what) {
  Conditions where;
  const std::string match = as_match(what.text);
  // In the order of its rowid FTS5 stops as soon as there are enough.
  const std::string seq = match.empty() ? "q.seq" : "t.rowid";
  if (!match.empty()) where.add("questions_text MATCH ?", match);
  if (!what.before.text.empty()) {
    where.add(seq + " < (SELECT seq FROM questions WHERE id = ?)", what.before.text);
  }
  if (what.tier) where.add("q.tier = ?", std::string(to_string(*what.tier)));
  if (what.kind) where.add("q.shape = ?", std::string(to_string(*what.kind)));
  if (what.ending == any_failure) {
    where.add("q.ending NOT IN ('answered', 'begun', 'interrupted', 'cancelled')", "");
  } else if (!what.ending.empty()) {
    where.add("q.ending = ?", what.ending);
  }
  if (what.dissent)
    where.add(*what.dissent ? "q.agreeing < q.voters" : "q.agreeing = q.voters", "");
  if (what.model) {
    where.add(seq + " IN (SELECT seq FROM question_models WHERE model = ?)", what.model->text);
  }
  // The values go as text, which "CAST" makes numbers again.
  const auto within = [&](std::string_view bound, std::optional<double> value) {
    if (!value) return;
    where.add(fmt::format("{} IN (SELECT seq FROM questions WHERE confidence {} CAST(? AS REAL))",
                          seq, bound),
              fmt::format("{}", *value));
  };
  within(">=", what.confidence_min);
  within("<", what.confidence_max);
  const std::string from =
      match.empty() ? "questions q" : "questions_text t CROSS JOIN questions q ON q.seq = t.rowid";
  SQLite::Statement rows(database, fmt::format("SELECT {} FROM {}{} ORDER BY {} DESC LIMIT ?",
                                               columns, from, where.text(), seq));
  int place = 0;
  for (const auto& value : where.values()) rows.bind(++place, value);
  const int rows_max = std::max(what.rows_max, 0);
  rows.bind(++place, std::int64_t{rows_max} + 1);
  HistoryPage page;
  while (rows.executeStep()) {
    page.more = static_cast<int>(page.rows.size()) == rows_max;
    if (!page.more) page.rows.push_back(row_of(rows));
  }
  return page;
}

}  // namespace kai
