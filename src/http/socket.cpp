#include "http/socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace kai::http {

namespace {

constexpr std::size_t block_max = 64 * 1024;
constexpr unsigned streak_max = 16;
// How long to wait for the system to free a descriptor or a place in a full queue.
constexpr Duration shortage_pause = std::chrono::milliseconds(5);

std::string reason(int code) {
  return std::error_code(code, std::system_category()).message();
}

bool not_yet(int code) {
  return code == EAGAIN || code == EWOULDBLOCK;
}

Error too_late(const std::string& path) {
  return {ErrorCode::deadline, fmt::format("Time ran out waiting at {}: allow more time.", path)};
}

// Errors: storage. The kernel's own limit is 107 bytes.
Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.find('\0') != std::string::npos) {
    return fail(ErrorCode::storage, "A socket's path is empty or holds a zero byte: name a file.");
  }
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::storage,
                fmt::format("The socket path {} has {} bytes and the system allows {}: choose a "
                            "shorter folder.",
                            path, path.size(), sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

int new_descriptor() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// Errors: errno. The block is on the stack, so that an idle connection holds no buffer.
std::expected<std::string, int> try_read(int descriptor) {
  std::array<char, block_max> block;
  const ssize_t count = ::recv(descriptor, block.data(), block.size(), 0);
  if (count < 0) return std::unexpected(errno);
  return std::string(block.data(), static_cast<std::size_t>(count));
}

Result<void> make_way(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) {
    return fail(
        ErrorCode::storage,
        fmt::format("{} exists and is not a socket: move it away or choose another path.", path));
  }
  if (::unlink(path.c_str()) != 0) {
    return fail(ErrorCode::storage,
                fmt::format("The old socket {} cannot be removed: {}.", path, reason(errno)));
  }
  return {};
}

}  // namespace

Error was_cancelled() {
  return {ErrorCode::cancelled, "The request was cancelled: ask again if that was a mistake."};
}

Socket::Socket(const Executor& executor, int descriptor, std::string path)
    : descriptor_(executor), path_(std::move(path)) {
  boost::system::error_code error;
  descriptor_.assign(descriptor, error);
  if (error && descriptor >= 0) ::close(descriptor);
}

void Socket::close() {
  boost::system::error_code ignored;  // the descriptor is gone either way
  descriptor_.close(ignored);
}

void Socket::once_ready(Side side, std::function<void()> call) {
  using boost::asio::posix::descriptor_base;
  descriptor_.async_wait(
      side == Side::read ? descriptor_base::wait_read : descriptor_base::wait_write,
      [call = std::move(call)](boost::system::error_code) { call(); });
}

Task<Result<void>> Socket::ready(Clock& clock, Side side, Time until) {
  const auto readiness = side == Side::read ? readable_ : writable_;
  if (!std::exchange(readiness->armed, true)) {
    once_ready(side, [weak = std::weak_ptr(readiness)] {
      if (const auto alive = weak.lock()) {
        alive->armed = false;
        alive->wait.resume();
      }
    });
  }
  co_await clock.sleep_on(readiness->wait, until);
  if (!readiness->armed) co_return Result<void>();
  if (co_await cancelled()) co_return std::unexpected(was_cancelled());
  if (clock.now() >= until) co_return std::unexpected(too_late(path_));
  co_return Result<void>();  // woken by an alarm of an earlier sleep
}

std::unexpected<Error> Socket::broken(int code) const {
  return fail(ErrorCode::lane_lost,
              fmt::format("The connection at {} broke: {}; ask again.", path_, reason(code)));
}

Task<Result<std::string>> Socket::read(Clock& clock, Time until) {
  for (;;) {
    auto bytes = try_read(descriptor());
    if (bytes) {
      co_await take_turns();
      co_return std::move(*bytes);
    }
    if (bytes.error() == EINTR) continue;
    if (!not_yet(bytes.error())) co_return broken(bytes.error());
    auto woken = co_await ready(clock, Side::read, until);
    if (!woken) co_return std::unexpected(std::move(woken.error()));
  }
}

Task<Result<void>> Socket::write(Clock& clock, std::string bytes, Time until) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    // MSG_NOSIGNAL: a peer that left is an error here, not a SIGPIPE that ends the process.
    const ssize_t count = ::send(descriptor(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
      co_await take_turns();
    } else if (not_yet(errno)) {
      auto woken = co_await ready(clock, Side::write, until);
      if (!woken) co_return std::unexpected(std::move(woken.error()));
    } else if (errno != EINTR) {
      co_return broken(errno);
    }
  }
  co_return Result<void>();
}

Task<void> Socket::take_turns() {
  if (++streak_ % streak_max != 0) co_return;
  co_await boost::asio::post(descriptor_.get_executor(), boost::asio::use_awaitable);
}

Task<std::unique_ptr<Socket>> Socket::accept(Clock& clock) {
  while (descriptor_.is_open()) {
    const int accepted = ::accept4(descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      auto socket = std::make_unique<Socket>(descriptor_.get_executor(), accepted, path_);
      co_await take_turns();
      co_return socket;
    }
    if (not_yet(errno)) {
      const auto woken = co_await ready(clock, Side::read, Time::max());
      if (!woken) break;  // cancelled
    } else if (errno != EINTR && errno != ECONNABORTED) {
      co_await clock.sleep_until(clock.now() + shortage_pause);
      if (co_await cancelled()) break;
    }
  }
  co_return nullptr;
}

bool Socket::drain() {
  std::array<char, 4096> dropped;
  for (;;) {
    const ssize_t count = ::recv(descriptor(), dropped.data(), dropped.size(), 0);
    if (count > 0 || (count < 0 && errno == EINTR)) continue;
    return count < 0 && not_yet(errno);
  }
}

Result<std::unique_ptr<Socket>> listen_at(const Executor& executor, const std::string& path) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  if (auto free = make_way(path); !free) return std::unexpected(std::move(free.error()));
  auto socket = std::make_unique<Socket>(executor, new_descriptor(), path);
  const int descriptor = socket->descriptor();
  // Linux takes the file's mode from the descriptor: there is no moment at which others may enter.
  if (::fchmod(descriptor, 0600) == 0 &&
      ::bind(descriptor, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0 &&
      ::listen(descriptor, SOMAXCONN) == 0) {
    return socket;
  }
  return fail(ErrorCode::storage, fmt::format("Cannot listen at {}: {}; check that the folder "
                                              "exists and may be written.",
                                              path, reason(errno)));
}

Task<Result<std::unique_ptr<Socket>>> connect_to(Clock& clock, std::string path, Time until) {
  const auto address = address_of(path);
  if (!address) co_return fail(ErrorCode::lane_lost, address.error().message);
  auto socket =
      std::make_unique<Socket>(co_await boost::asio::this_coro::executor, new_descriptor(), path);
  for (;;) {
    // Not asio's connect: it takes the EAGAIN of a full queue for a connection on its way.
    if (::connect(socket->descriptor(), reinterpret_cast<const sockaddr*>(&*address),
                  sizeof *address) == 0) {
      co_return socket;
    }
    const int code = errno;
    if (code == EINTR) continue;
    if (!not_yet(code)) {
      co_return fail(ErrorCode::lane_lost,
                     fmt::format("Nobody answers at {}: {}; ask again.", path, reason(code)));
    }
    if (clock.now() >= until) co_return std::unexpected(too_late(path));
    co_await clock.sleep_until(std::min(until, clock.now() + shortage_pause));
    if (co_await cancelled()) co_return std::unexpected(was_cancelled());
  }
}

}  // namespace kai::http
