// statements: what all tables are written with. Private to store.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <fmt/format.h>

#include <memory>
#include <type_traits>
#include <vector>

#include "store/database.h"

namespace kai {

// Rows kept of what was measured, in each table; those not written for longest go first.
inline constexpr int measured_max = 10'000;

// `sql`: as of Database::compiled().
template <class... Values>
void execute(Database& database, const char* sql, const Values&... values) {
  SQLite::Statement& statement = database.compiled(sql);
  // One that is not at its end would keep its transaction open.
  const auto reset = [](SQLite::Statement* used) { used->tryReset(); };
  const std::unique_ptr<SQLite::Statement, decltype(reset)> at_end(&statement, reset);
  SQLite::bind(statement, values...);
  statement.exec();
}

// What `read` makes of each row that a query without parameters gives.
template <class Read>
auto all_rows(Database& database, const char* sql, Read read) {
  SQLite::Statement rows(database, sql);
  std::vector<std::invoke_result_t<Read, SQLite::Statement&>> found;
  while (rows.executeStep()) found.push_back(read(rows));
  return found;
}

inline void forget_oldest(Database& database, const char* table) {
  const auto sql =
      fmt::format("DELETE FROM {0} WHERE rowid <= (SELECT max(rowid) FROM {0}) - ?", table);
  execute(database, sql.c_str(), measured_max);
}

}  // namespace kai
