#include "http/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

// An address as the kernel takes it.
struct Target {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  bool is_tcp() const { return storage.ss_family != AF_UNIX; }
};

template <class T>
Target target_of(const T& address) {
  Target target;
  static_assert(sizeof address <= sizeof target.storage);
  std::memcpy(&target.storage, &address, sizeof address);
  target.size = sizeof address;
  return target;
}

// Errors: storage. The kernel's own limit is 107 bytes.
Result<Target> unix_target(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.find('\0') != std::string::npos) {
    return fail(ErrorCode::storage, "A socket's path holds a zero byte: name a file.");
  }
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::storage,
                fmt::format("The socket path {} has {} bytes and the system allows {}: choose a "
                            "shorter folder.",
                            path, path.size(), sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return target_of(address);
}

// Errors: storage.
Result<Target> target_of(const Address& address) {
  if (!address.path.empty()) return unix_target(address.path);
  if (address.host.empty()) {
    return fail(ErrorCode::storage, "A socket's path is empty: name a file.");
  }
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(address.port);
  if (::inet_pton(AF_INET, address.host.c_str(), &four.sin_addr) == 1) return target_of(four);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(address.port);
  if (::inet_pton(AF_INET6, address.host.c_str(), &six.sin6_addr) == 1) return target_of(six);
  return fail(ErrorCode::storage, fmt::format("{} is no address: give it in numbers, such as "
                                              "127.0.0.1 or ::1.",
                                              address.host));
}

int new_descriptor(const Target& target) {
  return ::socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void set_on(int descriptor, int level, int option) {
  const int on = 1;
  // None of those we set is needed for things to go right.
  [[maybe_unused]] const int set = ::setsockopt(descriptor, level, option, &on, sizeof on);
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

Socket::Socket(const Executor& executor, int descriptor, std::string name)
    : descriptor_(executor), name_(std::move(name)) {
  boost::system::error_code error;
  descriptor_.assign(descriptor, error);
  if (error && descriptor >= 0) ::close(descriptor);
}

int Socket::release() {
  return descriptor_.is_open() ? descriptor_.release() : -1;
}

void Socket::close() {
  boost::system::error_code ignored;  // the descriptor is gone either way
  descriptor_.close(ignored);
}

void Socket::once_ready(Side side, std::function<void()> call) {
  using boost::asio::posix::descriptor_base;
  descriptor_.async_wait(
      side == Side::read ? descriptor_base::wait_read : descriptor_base::wait_write,
      [call = std::move(call)](boost::system::error_code) { in_one_turn(call); });
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
  if (clock.now() >= until) co_return std::unexpected(too_late(name_));
  co_return Result<void>();  // woken by an alarm of an earlier sleep
}

std::unexpected<Error> Socket::broken(int code) const {
  return fail(ErrorCode::lane_lost,
              fmt::format("The connection at {} broke: {}; ask again.", name_, reason(code)));
}

Task<Result<std::string>> Socket::read(Clock& clock, Time until) {
  for (;;) {
    // What came last was all there was: a look before waiting would find nothing.
    if (std::exchange(drained_, false)) {
      const auto woken = co_await ready(clock, Side::read, until);
      // In time or not, what has come is still read.
      if (!woken && woken.error().code == ErrorCode::cancelled)
        co_return std::unexpected(woken.error());
    }
    auto bytes = try_read(descriptor());
    if (bytes) {
      drained_ = !bytes->empty() && bytes->size() < block_max;
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
      auto socket = std::make_unique<Socket>(descriptor_.get_executor(), accepted, name_);
      // Each write is a whole message or a piece that somebody reads: none is to wait for more.
      set_on(accepted, IPPROTO_TCP, TCP_NODELAY);
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

bool Socket::take_arrived(std::string& bytes, std::size_t bytes_max) {
  std::array<char, 4096> block;
  // The rest at the next waking, so that one who never stops does not keep the thread.
  constexpr int blocks_max = 64;
  for (int blocks = 0; blocks < blocks_max; ++blocks) {
    const ssize_t count = ::recv(descriptor(), block.data(), block.size(), 0);
    if (count > 0) {
      const std::size_t room = bytes_max - std::min(bytes_max, bytes.size());
      bytes.append(block.data(), std::min(room, static_cast<std::size_t>(count)));
    } else if (count == 0 || errno != EINTR) {
      return count < 0 && not_yet(errno);
    }
  }
  return true;
}

void Socket::end_sending() {
  [[maybe_unused]] const int done = ::shutdown(descriptor(), SHUT_WR);  // else the peer is gone
}

Result<std::unique_ptr<Socket>> listen_at(const Executor& executor, const Address& address) {
  const auto target = target_of(address);
  if (!target) return std::unexpected(target.error());
  const std::string name = to_string(address);
  if (!target->is_tcp()) {
    if (auto free = make_way(name); !free) return std::unexpected(std::move(free.error()));
  }
  auto socket = std::make_unique<Socket>(executor, new_descriptor(*target), name);
  const int descriptor = socket->descriptor();
  if (target->is_tcp()) {
    // What is left of an earlier server's connections does not keep its port.
    set_on(descriptor, SOL_SOCKET, SO_REUSEADDR);
  } else if (::fchmod(descriptor, 0600) != 0) {
    // Linux takes the file's mode from the descriptor: there is no moment at which others may
    // enter.
    return fail(ErrorCode::storage, fmt::format("{} cannot be made private: {}; choose another "
                                                "folder.",
                                                name, reason(errno)));
  }
  if (::bind(descriptor, target->get(), target->size) == 0 &&
      ::listen(descriptor, SOMAXCONN) == 0) {
    return socket;
  }
  const int code = errno;
  const std::string_view remedy =
      code == EADDRINUSE ? "end the program that listens there, or choose another port"
      : target->is_tcp() ? "choose another address or port"
                         : "check that the folder exists and may be written";
  return fail(ErrorCode::storage,
              fmt::format("Cannot listen at {}: {}; {}.", name, reason(code), remedy));
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_storage found{};
  socklen_t size = sizeof found;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&found), &size) != 0) return 0;
  if (found.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&found)->sin_port);
  }
  if (found.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&found)->sin6_port);
  }
  return 0;
}

std::string peer_address(int descriptor) {
  sockaddr_storage found{};
  socklen_t size = sizeof found;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&found), &size) != 0) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* number = nullptr;
  if (found.ss_family == AF_INET) {
    number = &reinterpret_cast<const sockaddr_in*>(&found)->sin_addr;
  } else if (found.ss_family == AF_INET6) {
    number = &reinterpret_cast<const sockaddr_in6*>(&found)->sin6_addr;
  }
  if (number == nullptr) return {};
  return ::inet_ntop(found.ss_family, number, text.data(), text.size());
}

Task<Result<std::unique_ptr<Socket>>> connect_to(Clock& clock, Address address, Time until) {
  const auto target = target_of(address);
  if (!target) co_return fail(ErrorCode::lane_lost, target.error().message);
  const std::string name = to_string(address);
  const auto executor = co_await boost::asio::this_coro::executor;
  auto socket = std::make_unique<Socket>(executor, new_descriptor(*target), name);
  set_on(socket->descriptor(), IPPROTO_TCP, TCP_NODELAY);
  for (bool waited = false;;) {
    // Not asio's connect: it takes the EAGAIN of a full queue for a connection on its way.
    const bool connected = ::connect(socket->descriptor(), target->get(), target->size) == 0;
    const int code = errno;
    if (connected || code == EISCONN) {
      // As a new one: asio tells of what was waited for once, that it can be written to, with every
      // later wait, and wakes for nothing.
      if (waited) socket = std::make_unique<Socket>(executor, socket->release(), name);
      co_return socket;
    }
    if (code == EINTR) continue;
    if (code == EINPROGRESS || code == EALREADY) {
      // A TCP connection on its way; the next connect() says how it went.
      auto woken = co_await socket->writable(clock, until);
      if (!woken) co_return std::unexpected(std::move(woken.error()));
      waited = true;
      continue;
    }
    if (!not_yet(code)) {
      co_return fail(ErrorCode::lane_lost,
                     fmt::format("Nobody answers at {}: {}; ask again.", name, reason(code)));
    }
    if (clock.now() >= until) co_return std::unexpected(too_late(name));
    co_await clock.sleep_until(std::min(until, clock.now() + shortage_pause));
    if (co_await cancelled()) co_return std::unexpected(was_cancelled());
  }
}

std::string to_string(const Address& address) {
  if (!address.path.empty()) return address.path;
  const bool six = address.host.find(':') != std::string::npos;
  const std::string as = address.tls ? " as " + address.tls->name : "";
  return fmt::format("{}{}{}:{}{}", six ? "[" : "", address.host, six ? "]" : "", address.port, as);
}

}  // namespace kai::http
