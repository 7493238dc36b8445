// runtime_folder: a private place for this process's sockets, beside the locks it shares with the
// user's other kai.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace kai {

// Invariant: the folder lives exactly as long as this; nobody takes it for left over before.
class RuntimeFolder {
 public:
  // Makes `base` with mode 0700 where it is missing. Errors: storage (with the remedy): `base` is a
  // link, not a folder, another user's, open to others, or too long for a socket's path (60
  // characters).
  static Result<> prepare(const std::string& base);
  // The same, and makes a folder for this process in it; removes those of processes that have died.
  // Errors: also where `base` cannot be written.
  static Result<std::unique_ptr<RuntimeFolder>> open(const std::string& base);
  ~RuntimeFolder();
  RuntimeFolder(const RuntimeFolder&) = delete;
  RuntimeFolder& operator=(const RuntimeFolder&) = delete;

  const std::string& own() const { return own_; }  // for sockets and logs

 private:
  RuntimeFolder(std::string own, int alive) : own_(std::move(own)), alive_(alive) {}

  std::string own_;
  int alive_;  // a locked file in it, which says that its process lives
};

}  // namespace kai
