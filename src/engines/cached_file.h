// CachedFile: a file's place in the kernel's page cache, into which it can be read before anybody
// needs it (posix_fadvise, preadv2).
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/quantities.h"
#include "base/result.h"

namespace kai {

class CachedFile {
 public:
  // Errors: not_found (it cannot be opened, or is no regular file).
  static Result<CachedFile> open(const std::string& path);
  CachedFile(CachedFile&& other) noexcept
      : file_(std::exchange(other.file_, -1)), size_(other.size_) {}
  CachedFile& operator=(CachedFile&&) = delete;
  ~CachedFile();

  Bytes size() const { return size_; }
  // Has the kernel begin to read a part of it. Returns in some milliseconds, long before all of a
  // large part is there.
  void want(Bytes from, Bytes length) const;
  // Whether the byte at `at` is in memory; nothing: the kernel or the file system cannot tell.
  std::optional<bool> has(Bytes at) const;
  // Has the kernel forget it, as far as nobody uses it: for measurements.
  void forget() const;

 private:
  CachedFile(int file, Bytes size) : file_(file), size_(size) {}
  int file_;
  Bytes size_;
};

}  // namespace kai
