#include "store/opening.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

#include "store/tables.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr auto lock_wait_max = std::chrono::milliseconds(500);
// Short, since the store tries again by itself and must be able to stop within a second.
constexpr int busy_ms_max = 250;
// Below this a folder counts as full: SQLite's shared memory and one small write.
constexpr std::uintmax_t room_min = 128 * 1024;

std::string path_in(const std::string& folder) {
  return (fs::path(folder) / "kai.db").string();
}

std::string reason(int error) {
  return std::generic_category().message(error);
}

Failure unusable(const std::string& folder, const std::string& why) {
  return {Trouble::passing,
          fmt::format("history is not kept: {}: {}; make the folder writable or choose another "
                      "data folder",
                      folder, why)};
}

Failure full(const std::string& folder) {
  return {Trouble::passing,
          fmt::format("history is not kept: no space is left on the disk of {}; free some", folder),
          false};
}

bool is_full(const std::string& folder) {
  std::error_code error;
  const auto room = fs::space(folder, error);
  return !error && room.available < room_min;
}

std::expected<void, Failure> make_folder(const std::string& folder) {
  if (folder.empty()) {
    return std::unexpected(Failure{Trouble::refused, "history is not kept: no data folder is set"});
  }
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  const fs::path parent = fs::absolute(folder, error).lexically_normal().parent_path();
  fs::create_directories(parent, error);
  if (::mkdir(folder.c_str(), 0700) == 0 || fs::is_directory(folder, error)) return {};
  return std::unexpected(unusable(folder, reason(errno)));
}

// Keeps other processes from opening, migrating or setting aside at the same time. Freed by the
// kernel when the process dies.
class OpeningLock {
 public:
  static std::expected<OpeningLock, Failure> take(const std::string& folder) {
    const std::string path = path_in(folder) + ".lock";
    OpeningLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600));
    if (lock.file_ < 0 && errno == ENOSPC) return std::unexpected(full(folder));
    if (lock.file_ < 0) return std::unexpected(unusable(folder, reason(errno)));
    const auto until = std::chrono::steady_clock::now() + lock_wait_max;
    while (::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
      if (std::chrono::steady_clock::now() >= until) {
        return std::unexpected(unusable(folder, "another kai holds kai.db.lock"));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return lock;
  }

  OpeningLock(OpeningLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  OpeningLock& operator=(OpeningLock&&) = delete;
  ~OpeningLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  explicit OpeningLock(int file) : file_(file) {}
  int file_;
};

// Questions are private whatever the folder's mode; SQLite gives -wal and -shm the same one. Only a
// file that nobody has open: closing any descriptor of one frees SQLite's locks on it.
void create_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

// Renames the database with its journal, so that it can still be looked at. The new name.
std::expected<std::string, Failure> set_aside(const std::string& folder) {
  const std::string path = path_in(folder);
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::string base = fmt::format("{}.corrupt-{:%Y%m%dT%H%M%S}", path, fmt::gmtime(now));
  std::string aside = base;
  std::error_code error;
  for (int more = 2; fs::exists(aside, error); ++more) aside = fmt::format("{}-{}", base, more);
  for (const char* part : {"-wal", "-shm"}) {
    fs::rename(path + part, aside + part, error);
    if (error && error != std::errc::no_such_file_or_directory) {
      return std::unexpected(unusable(folder, error.message()));
    }
  }
  fs::rename(path, aside, error);
  if (error) return std::unexpected(unusable(folder, error.message()));
  return aside;
}

std::optional<Failure> refusal(Database& database, const std::string& folder) {
  const int version = schema_version_of(database);
  if (version > schema_version()) {
    return Failure{Trouble::refused,
                   fmt::format("history is not kept: {} was written by a newer kai (schema {}, "
                               "this one knows {}); update kai or choose another data folder",
                               path_in(folder), version, schema_version())};
  }
  const bool foreign =
      version == 0 && database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
  if (version < 0 || foreign) {
    return Failure{Trouble::refused,
                   fmt::format("history is not kept: {} is a database, but not kai's; move it "
                               "away or choose another data folder",
                               path_in(folder))};
  }
  return std::nullopt;
}

// May throw SQLite::Exception.
std::expected<Opened, Failure> connect(const std::string& folder) {
  create_private(path_in(folder));
  Opened opened;
  opened.database = std::make_unique<Database>(
      path_in(folder), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_ms_max);
  Database& database = *opened.database;
  if (auto failure = refusal(database, folder)) return std::unexpected(*std::move(failure));
  database.exec("PRAGMA journal_mode = WAL");
  // A commit survives kill -9; the last ones may be lost with the power until flush().
  database.exec("PRAGMA synchronous = NORMAL");
  migrate(database);
  probe(database);
  mark_interrupted(database);
  const auto file = database_file(folder);
  if (!file) return std::unexpected(unusable(folder, "kai.db vanished while it was opened"));
  opened.file = *file;
  return opened;
}

std::expected<Opened, Failure> try_connect(const std::string& folder) {
  try {
    return connect(folder);
  } catch (const SQLite::Exception& error) {
    return std::unexpected(failure_of(error, folder));
  }
}

}  // namespace

Failure failure_of(const SQLite::Exception& error, const std::string& folder) {
  switch (error.getErrorCode() & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Trouble::damaged, fmt::format("{} is damaged: {}", path_in(folder), error.what())};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Trouble::passing,
              fmt::format("history is not kept: {} is locked by another program; close it",
                          path_in(folder)),
              false};
    case SQLITE_FULL: return full(folder);
    case SQLITE_PERM:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
      if (is_full(folder)) return full(folder);
      return unusable(folder, error.what());
    default: return {Trouble::rejected, fmt::format("{}: {}", path_in(folder), error.what())};
  }
}

std::optional<FileId> database_file(const std::string& folder) {
  struct stat found{};
  if (::stat(path_in(folder).c_str(), &found) != 0) return std::nullopt;
  return FileId{found.st_dev, found.st_ino};
}

std::expected<Opened, Failure> open_database(const std::string& folder,
                                             std::optional<FileId> damaged) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  const auto lock = OpeningLock::take(folder);
  if (!lock) return std::unexpected(lock.error());

  std::string notice;
  const auto begin_anew = [&](const std::string& why) -> std::expected<void, Failure> {
    auto aside = set_aside(folder);
    if (!aside) return std::unexpected(aside.error());
    notice = fmt::format("{}; it was set aside as {} and a new history begun", why, *aside);
    return {};
  };
  if (damaged && database_file(folder) == damaged) {
    auto anew = begin_anew(path_in(folder) + " is damaged");
    if (!anew) return std::unexpected(anew.error());
  }
  auto opened = try_connect(folder);
  if (!opened && opened.error().trouble == Trouble::damaged) {
    if (auto anew = begin_anew(opened.error().why); !anew) return std::unexpected(anew.error());
    opened = try_connect(folder);
  }
  if (!opened) {
    // A second failure of this kind is the disk's, and a schema that is not as it was is nobody's
    // to overwrite: both wait for the user.
    Failure& failure = opened.error();
    if (failure.trouble == Trouble::damaged || failure.trouble == Trouble::rejected) {
      failure = {Trouble::refused,
                 fmt::format("history is not kept: {}; move the file away", failure.why)};
    }
    return opened;
  }
  opened->notice = std::move(notice);
  return opened;
}

}  // namespace kai
