#include "keys/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/private_file.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr Duration look_every = std::chrono::seconds(1);
constexpr auto lock_wait_max = std::chrono::seconds(2);
constexpr auto lock_pause = std::chrono::milliseconds(5);
constexpr off_t file_max = 512 * 1024;  // bytes; a line has some 200 at most
constexpr std::string_view head =
    "# kai's keys; `kai keys` writes this file. Name, SHA-256 of the key, scopes, requests a "
    "minute,\n"
    "# requests at once (0: any number), made, expires (seconds since 1970; 0: never).\n";

std::string reason(int error) {
  return std::generic_category().message(error);
}

// Closes what it holds.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

template <class T>
std::optional<T> number_in(std::string_view word, T max) {
  T value{};
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end || value < 0 || value > max) return std::nullopt;
  return value;
}

WallTime from_unix(std::int64_t count) {
  return WallTime(std::chrono::seconds(count));
}

std::int64_t to_unix(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

// Nothing: the line is wrong.
std::optional<Key> key_in(std::string_view line) {
  std::array<std::string_view, 7> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto end = line.find(' ');
    if ((end == std::string_view::npos) != (i + 1 == words.size())) return std::nullopt;
    words[i] = line.substr(0, end);
    line.remove_prefix(std::min(words[i].size() + 1, line.size()));
  }
  constexpr std::int64_t time_max = 9'000'000'000;  // the year 2255: WallTime holds it
  const auto hash = hash_in(words[1]);
  const auto scopes = scopes_in(words[2]);
  const auto rate = number_in(words[3], 1'000'000);
  const auto at_once = number_in(words[4], 10'000);
  const auto created = number_in(words[5], time_max);
  const auto expires = number_in(words[6], time_max);
  if (!is_key_name(words[0]) || !hash || !scopes || !rate || !at_once || !created || !expires) {
    return std::nullopt;
  }
  Key key{std::string(words[0]), *hash, *scopes, *rate, *at_once, from_unix(*created), {}};
  if (*expires != 0) key.expires = from_unix(*expires);
  return key;
}

std::string text_of(const std::vector<Key>& keys) {
  std::string text(head);
  for (const Key& key : keys) {
    text += fmt::format("{} {} {} {} {} {} {}\n", key.name, to_hex(key.hash), to_string(key.scopes),
                        key.rate_max, key.at_once_max, to_unix(key.created),
                        key.expires ? to_unix(*key.expires) : 0);
  }
  return text;
}

std::unexpected<Error> unreadable(const std::string& path, std::string_view why) {
  return fail(ErrorCode::storage, fmt::format("the keys in {} cannot be read: {}", path, why));
}

// Whoever can write it makes keys.
std::string objection_to(const struct stat& found) {
  if (!S_ISREG(found.st_mode)) return "it is not a file";
  if (found.st_uid != ::geteuid() && found.st_uid != 0) return "it belongs to another user";
  if ((found.st_mode & 022) != 0) return "others may write it; chmod 600 it, and make new keys";
  if (found.st_size > file_max) return "it is larger than 512 KiB";
  return {};
}

Result<std::string> read_text(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.descriptor() < 0 && errno == ENOENT) return std::string();
  struct stat found{};
  if (file.descriptor() < 0 || ::fstat(file.descriptor(), &found) != 0) {
    return unreadable(path, reason(errno));
  }
  if (const auto why = objection_to(found); !why.empty()) return unreadable(path, why);
  std::string text(static_cast<std::size_t>(found.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.descriptor(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return unreadable(path, count < 0 ? reason(errno) : "it is cut off");
    size += static_cast<std::size_t>(count);
  }
  return text;
}

// One process at a time. Errors: storage.
Result<File> lock(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path().parent_path(), error);
  ::mkdir(fs::path(path).parent_path().c_str(), 0700);
  File file(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.descriptor() < 0) {
    return fail(ErrorCode::storage,
                fmt::format("{}.lock cannot be opened: {}", path, reason(errno)));
  }
  const auto until = std::chrono::steady_clock::now() + lock_wait_max;
  while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= until) {
      return fail(ErrorCode::storage, fmt::format("another kai holds {}.lock; try again", path));
    }
    std::this_thread::sleep_for(lock_pause);
  }
  return file;
}

}  // namespace

std::string key_file_in(const std::string& data_folder) {
  return data_folder + "/keys";
}

Result<std::vector<Key>> read_keys(const std::string& path) {
  const auto text = read_text(path);
  if (!text) return std::unexpected(text.error());
  std::vector<Key> keys;
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty() || line.starts_with('#')) continue;
    auto key = key_in(line);
    const bool again = key && std::ranges::count(keys, key->name, &Key::name) > 0;
    if (!key || again || keys.size() == keys_max) {
      return fail(ErrorCode::invalid_config,
                  fmt::format("{}:{}: {}; remove the line, and make a new key with `kai keys "
                              "create`",
                              path, number,
                              !key    ? "that is no key as `kai keys` writes it"
                              : again ? "there is a key of this name already"
                                      : "there are too many keys"));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

Result<> add_key(const std::string& path, const Key& key) {
  const auto locked = lock(path);
  if (!locked) return std::unexpected(locked.error());
  auto keys = read_keys(path);
  if (!keys) return std::unexpected(keys.error());
  if (std::ranges::count(*keys, key.name, &Key::name) > 0) {
    return fail(ErrorCode::invalid_request,
                fmt::format("there is a key {} already; choose another name, or `kai keys revoke "
                            "{}` first",
                            key.name, key.name));
  }
  if (keys->size() == keys_max) {
    return fail(ErrorCode::invalid_request,
                fmt::format("there are {} keys already; revoke some", keys_max));
  }
  keys->push_back(key);
  return write_private(path, text_of(*keys));
}

Result<std::size_t> remove_key(const std::string& path, const std::string& name) {
  const auto locked = lock(path);
  if (!locked) return std::unexpected(locked.error());
  auto keys = read_keys(path);
  if (!keys) return std::unexpected(keys.error());
  if (std::erase_if(*keys, [&](const Key& key) { return key.name == name; }) == 0) {
    return fail(ErrorCode::not_found, "there is no such key; `kai keys list` shows all");
  }
  if (auto written = write_private(path, text_of(*keys)); !written) {
    return std::unexpected(written.error());
  }
  return keys->size();
}

KeyWatch::KeyWatch(Clock& clock, std::string path) : clock_(clock), path_(std::move(path)) {
  look();
}

KeyWatch::State KeyWatch::state() const {
  struct stat found{};
  if (::stat(path_.c_str(), &found) != 0) return {};
  return {found.st_ino, found.st_size, found.st_ctim};
}

void KeyWatch::look() {
  looked_ = clock_.now();
  read_ = state();
  auto keys = read_keys(path_);
  fault_ = keys ? "" : keys.error().message;
  if (keys) keys_ = *std::move(keys);
}

bool KeyWatch::refresh() {
  looked_ = clock_.now();
  const State now = state();
  const bool same_file = now.inode == read_.inode && now.size == read_.size &&
                         now.changed.tv_sec == read_.changed.tv_sec &&
                         now.changed.tv_nsec == read_.changed.tv_nsec;
  if (same_file && fault_.empty()) return false;
  look();
  return true;
}

const std::vector<Key>& KeyWatch::keys() {
  if (clock_.now() - looked_ >= look_every) refresh();
  return keys_;
}

}  // namespace kai
