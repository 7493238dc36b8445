#include "cli/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

namespace kai {

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

bool FolderLock::hold() {
  if (file_ >= 0) return true;
  const int file =
      ::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (file < 0) return true;
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) {
    file_ = file;
    return true;
  }
  const bool taken = errno == EWOULDBLOCK;
  ::close(file);
  return !taken;
}

}  // namespace kai
