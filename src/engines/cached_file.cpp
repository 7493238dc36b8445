#include "engines/cached_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace kai {

Result<CachedFile> CachedFile::open(const std::string& path) {
  // Of a pipe nobody writes to, too, this returns at once.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file < 0) return fail(ErrorCode::not_found, path + " cannot be opened");
  CachedFile opened(file, {});
  struct stat facts{};
  if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return fail(ErrorCode::not_found, path + " is no regular file");
  }
  opened.size_ = Bytes(facts.st_size);
  return opened;
}

CachedFile::~CachedFile() {
  if (file_ >= 0) ::close(file_);
}

// What it returns is of no use: where the kernel does not follow, the file is read when it is
// loaded, as without.
void CachedFile::want(Bytes from, Bytes length) const {
  [[maybe_unused]] const int ignored =
      ::posix_fadvise(file_, from.count, length.count, POSIX_FADV_WILLNEED);
}

std::optional<bool> CachedFile::has(Bytes at) const {
  char byte = 0;
  iovec part{&byte, 1};
  const ssize_t got = ::preadv2(file_, &part, 1, at.count, RWF_NOWAIT);
  if (got == 1) return true;
  if (got == 0) return true;  // behind its end: there is nothing to read
  return errno == EAGAIN ? std::optional(false) : std::nullopt;
}

void CachedFile::forget() const {
  ::fsync(file_);  // pages that are not on disk yet stay
  [[maybe_unused]] const int ignored = ::posix_fadvise(file_, 0, 0, POSIX_FADV_DONTNEED);
}

}  // namespace kai
