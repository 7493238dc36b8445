#include "base/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace kai {

namespace {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<> write_private(const std::string& path, std::string_view text) {
  const auto refuse = [&] {
    return fail(ErrorCode::storage, fmt::format("{} cannot be written: {}", path,
                                                std::generic_category().message(errno)));
  };
  std::string draft = path + ".XXXXXX";
  const int file = ::mkostemp(draft.data(), O_CLOEXEC);  // for this user alone
  if (file < 0) return refuse();
  bool good = write_all(file, text) && ::fsync(file) == 0;
  int error = errno;
  if (::close(file) != 0 && good) {
    good = false;
    error = errno;
  }
  if (good && ::rename(draft.c_str(), path.c_str()) == 0) return {};
  if (good) error = errno;
  ::unlink(draft.c_str());
  errno = error;
  return refuse();
}

}  // namespace kai
