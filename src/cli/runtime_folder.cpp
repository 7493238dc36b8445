#include "cli/runtime_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace kai {

namespace {

namespace fs = std::filesystem;

// A socket's path has room for 108 bytes (unix(7)); the rest is for "/<pid>/gpu0.0.sock".
constexpr std::size_t path_chars_max = 60;

std::unexpected<Error> refuse(const std::string& base, std::string_view why) {
  return fail(ErrorCode::storage,
              fmt::format("the runtime folder {} {}; set KAI_RUNTIME_FOLDER to a private folder",
                          base, why));
}

std::string reason() {
  return std::generic_category().message(errno);
}

}  // namespace

Result<> RuntimeFolder::prepare(const std::string& base) {
  if (base.size() > path_chars_max) {
    return refuse(base, fmt::format("has a path over {} characters", path_chars_max));
  }
  if (::mkdir(base.c_str(), 0700) != 0 && errno != EEXIST) {
    return refuse(base, "cannot be made: " + reason());
  }
  struct stat found{};
  if (::lstat(base.c_str(), &found) != 0) return refuse(base, "cannot be read: " + reason());
  if (!S_ISDIR(found.st_mode)) return refuse(base, "is a link or a file");
  if (found.st_uid != ::geteuid()) return refuse(base, "belongs to another user");
  if ((found.st_mode & 077) != 0) return refuse(base, "is open to other users");
  return {};
}

namespace {

int lock_file(const std::string& path, int how) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0 || ::flock(file, how) == 0) return file;
  ::close(file);
  return -1;
}

// A process's folder is left over when nobody locks the file in it any more.
void remove_left_over(const std::string& base) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(base, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) continue;
    const int alive = lock_file(entry.path().string() + "/alive", LOCK_EX | LOCK_NB);
    if (alive < 0) continue;
    fs::remove_all(entry.path(), ignored);
    ::close(alive);
  }
}

}  // namespace

Result<std::unique_ptr<RuntimeFolder>> RuntimeFolder::open(const std::string& base) {
  if (auto made = prepare(base); !made) return std::unexpected(made.error());
  // One process at a time between making a folder and locking the file in it.
  const int turn = lock_file(base + "/folders.lock", LOCK_EX);
  if (turn < 0) return refuse(base, "cannot be written: " + reason());
  remove_left_over(base);
  const std::string own = fmt::format("{}/{}", base, ::getpid());
  const bool made = ::mkdir(own.c_str(), 0700) == 0;
  const int alive = made ? lock_file(own + "/alive", LOCK_EX | LOCK_NB) : -1;
  const std::string why = reason();
  ::close(turn);
  if (alive < 0) return refuse(base, "cannot be written: " + why);
  return std::unique_ptr<RuntimeFolder>(new RuntimeFolder(own, alive));
}

RuntimeFolder::~RuntimeFolder() {
  std::error_code ignored;
  fs::remove_all(own_, ignored);
  ::close(alive_);
}

}  // namespace kai
