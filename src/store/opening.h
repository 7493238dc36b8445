// opening: from a folder to an open, migrated kai.db, and what to do where that fails.
#pragma once

#include <SQLiteCpp/Exception.h>
#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "store/database.h"

namespace kai {

// What is wrong with kai.db, by what can be done about it.
enum class Trouble : std::uint8_t {
  passing,   // locked, full, read-only, an I/O error: may work again later
  damaged,   // not a database, or not a sound one: to be set aside
  refused,   // of a newer kai, or not kai's at all: not to be touched
  rejected,  // one statement breaks a rule of the tables; others are fine
};

struct Failure {
  Trouble trouble = Trouble::passing;
  std::string why;     // with the remedy
  bool reopen = true;  // passing: only a fresh connection can work again
};

// What `error`, thrown while using `folder`/kai.db, means.
Failure failure_of(const SQLite::Exception& error, const std::string& folder);

// A file on disk, whatever its name: names are given to other files.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};

// The file that is `folder`/kai.db now; nothing: there is none.
std::optional<FileId> database_file(const std::string& folder);

struct Opened {
  std::unique_ptr<Database> database;
  FileId file;
  std::string notice;  // not empty: a damaged database was set aside
};

// Opens or creates `folder`/kai.db at this version's schema; questions of dead processes become
// interrupted. One that shows damage is set aside and begun anew, as is `damaged`, a file that
// showed it only in use. One process at a time, by a lock on `folder`/kai.db.lock.
// Waits at most a second for others; never throws.
std::expected<Opened, Failure> open_database(const std::string& folder,
                                             std::optional<FileId> damaged = std::nullopt);

}  // namespace kai
