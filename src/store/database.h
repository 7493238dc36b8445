// database: kai.db with the statements it was asked for before. Private to store.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <map>
#include <string>
#include <string_view>

namespace kai {

class Database : public SQLite::Database {
 public:
  using SQLite::Database::Database;

  // Compiled the first time and then kept, since compiling costs more than running it; without
  // values. `sql`: a text of the program itself, so that there are few.
  SQLite::Statement& compiled(const char* sql) {
    const auto found = statements_.find(std::string_view(sql));
    if (found == statements_.end()) return statements_.try_emplace(sql, *this, sql).first->second;
    found->second.clearBindings();
    return found->second;
  }

 private:
  std::map<std::string, SQLite::Statement, std::less<>> statements_;
};

}  // namespace kai
