#include "bench/machine/scratch.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>

namespace kai::bench {

namespace {

namespace fs = std::filesystem;

void remove_whole(const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

// Of runs that were killed.
void remove_left(std::string_view prefix) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(), ignored)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(prefix)) continue;
    pid_t owner = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), owner);
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) remove_whole(entry.path());
  }
}

}  // namespace

Scratch::Scratch(std::string_view prefix)
    : folder_(fs::temp_directory_path() / fmt::format("{}{}", prefix, ::getpid())) {
  remove_left(prefix);
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_all);
}

Scratch::~Scratch() {
  remove_whole(folder_);
}

}  // namespace kai::bench
