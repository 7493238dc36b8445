#include "cli/server_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace kai {

namespace {

std::string path_in(const Config& config) {
  return config.runtime_folder + "/server";
}

}  // namespace

std::unique_ptr<ServerFile> ServerFile::write(const Config& config, const ServerPlace& place) {
  // Complete and locked before it has its name: whoever finds it finds all of it.
  const std::string made = fmt::format("{}.{}", path_in(config), ::getpid());
  const int file = ::open(made.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return nullptr;
  const std::string text = fmt::format("{} {} {} {}\n", place.address.host, place.address.port,
                                       fingerprint(config), place.secret);
  const bool good = ::flock(file, LOCK_EX | LOCK_NB) == 0 &&
                    ::write(file, text.data(), text.size()) == std::ssize(text) &&
                    std::rename(made.c_str(), path_in(config).c_str()) == 0;
  if (!good) {
    ::unlink(made.c_str());
    ::close(file);
    return nullptr;
  }
  return std::unique_ptr<ServerFile>(new ServerFile(path_in(config), file));
}

ServerFile::~ServerFile() {
  struct stat mine{}, there{};
  const bool is_mine = ::fstat(file_, &mine) == 0 && ::lstat(path_.c_str(), &there) == 0 &&
                       mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
  if (is_mine) ::unlink(path_.c_str());
  ::close(file_);
}

std::optional<ServerPlace> running_server(const Config& config) {
  const int file = ::open(path_in(config).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  struct stat found{};
  const bool ours = ::fstat(file, &found) == 0 && S_ISREG(found.st_mode) &&
                    found.st_uid == ::geteuid() && (found.st_mode & 077) == 0;
  const bool stale = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  std::array<char, 256> text{};
  const ssize_t size = ours && !stale ? ::read(file, text.data(), text.size()) : 0;
  ::close(file);
  if (size <= 0) return std::nullopt;
  std::istringstream words(std::string(text.data(), static_cast<std::size_t>(size)));
  std::string host, print, secret;
  std::uint16_t port = 0;
  if (!(words >> host >> port >> print >> secret) || print != fingerprint(config)) {
    return std::nullopt;
  }
  return ServerPlace{http::Address(host, port), secret};
}

std::vector<http::Header> shown_key(const std::string& secret) {
  const char* set = std::getenv("KAI_API_KEY");
  const std::string key = set != nullptr && *set != '\0' ? set : secret;
  // What is no part of a header is no part of a key.
  const bool good = std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F; });
  if (key.empty() || !good) return {};
  return {{"Authorization", "Bearer " + key}};
}

}  // namespace kai
