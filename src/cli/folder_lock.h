// FolderLock: of several processes one does what only one may, told by a locked file: the kernel
// frees it when that one ends, however it does.
#pragma once

#include <string>
#include <utility>

namespace kai {

class FolderLock {
 public:
  // `path`: of the file, which is made where it is missing and stays.
  explicit FolderLock(std::string path) : path_(std::move(path)) {}
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Whether this one has it, from the first time that it is so until the end; waits for nothing.
  // Where there can be no such file nobody else has it: true.
  bool hold();

 private:
  std::string path_;
  int file_ = -1;  // locked
};

}  // namespace kai
