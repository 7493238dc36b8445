#include "cli/service.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace kai {

namespace {

std::string taken(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> number_in(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

Service::Service() : address_(taken("NOTIFY_SOCKET")) {
  const auto microseconds = number_in(taken("WATCHDOG_USEC"));
  const auto process = number_in(taken("WATCHDOG_PID"));
  constexpr std::int64_t microseconds_max = 86'400'000'000;  // a day
  if (microseconds && *microseconds <= microseconds_max && (!process || *process == ::getpid())) {
    watchdog_ = std::chrono::microseconds(*microseconds);
  }
  // A path, or a name of Linux' own that begins with NUL and is written with '@'.
  const bool known = address_.starts_with('/') || address_.starts_with('@');
  if (!known || address_.size() >= sizeof(sockaddr_un::sun_path)) return;
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

Service::~Service() {
  if (socket_ >= 0) ::close(socket_);
}

void Service::tell(const std::string& lines) const {
  if (socket_ < 0) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  // A manager that does not listen is no reason not to serve.
  [[maybe_unused]] const ssize_t sent =
      ::sendto(socket_, lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&to), size);
}

void Service::ready(std::string_view status) const {
  tell(fmt::format("READY=1\nSTATUS={}\n", status));
}

void Service::reloading(Time now) const {
  const auto since = std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch());
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", since.count()));
}

void Service::stopping(std::string_view status) const {
  tell(fmt::format("STOPPING=1\nSTATUS={}\n", status));
}

Task<bool> Service::keep_alive(Clock& clock) const {
  while (watchdog_ && socket_ >= 0 && !co_await cancelled()) {
    tell("WATCHDOG=1\n");
    co_await clock.sleep_until(clock.now() + *watchdog_ / 2);
  }
  co_return true;
}

}  // namespace kai
