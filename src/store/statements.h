// statements: what all tables are written with. Private to store.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>

#include <type_traits>
#include <vector>

namespace kai {

// Rows kept of what was measured, in each table; those not written for longest go first.
inline constexpr int measured_max = 10'000;

inline void forget_oldest(SQLite::Database& database, const char* table) {
  database.exec(fmt::format("DELETE FROM {0} WHERE rowid <= (SELECT max(rowid) FROM {0}) - {1}",
                            table, measured_max));
}

template <class... Values>
void execute(SQLite::Database& database, const char* sql, const Values&... values) {
  SQLite::Statement statement(database, sql);
  SQLite::bind(statement, values...);
  statement.exec();
}

// What `read` makes of each row that a query without parameters gives.
template <class Read>
auto all_rows(SQLite::Database& database, const char* sql, Read read) {
  SQLite::Statement rows(database, sql);
  std::vector<std::invoke_result_t<Read, SQLite::Statement&>> found;
  while (rows.executeStep()) found.push_back(read(rows));
  return found;
}

}  // namespace kai
