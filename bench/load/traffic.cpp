#include "bench/load/traffic.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace kai::bench {

namespace {

constexpr int silence_max_ms = 60'000;

std::string reason() {
  return std::generic_category().message(errno);
}

bool begins_with(std::string_view line, std::string_view name) {
  return line.size() >= name.size() &&
         std::ranges::equal(line.substr(0, name.size()), name, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
}

Result<std::size_t> number_in(std::string_view text, int base) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::size_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (end.ec != std::errc{}) return fail(ErrorCode::lane_lost, "a length that is no number");
  return value;
}

}  // namespace

Result<Connection> Connection::open(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return fail(ErrorCode::storage, reason());
  Connection connection(socket);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return fail(ErrorCode::storage, reason());
  }
  return connection;
}

Connection::Connection(Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      buffer_(std::move(other.buffer_)),
      read_(other.read_) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(buffer_, other.buffer_);
  std::swap(read_, other.read_);
  return *this;
}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

Result<> Connection::send(std::string_view request) {
  asked_ = std::chrono::steady_clock::now();
  while (!request.empty()) {
    const auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent <= 0) return fail(ErrorCode::lane_lost, "cannot send: " + reason());
    request.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::size_t> Connection::read_some(std::size_t count, std::chrono::milliseconds limit) {
  pollfd ready{socket_, POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(limit.count())) == 0) return 0;
  std::array<char, 64 * 1024> bytes{};
  const auto got = ::recv(socket_, bytes.data(), std::min(count, bytes.size()), 0);
  if (got <= 0) return fail(ErrorCode::lane_lost, got == 0 ? "closed" : reason());
  buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return static_cast<std::size_t>(got);
}

Result<> Connection::fill() {
  if (read_ == buffer_.size()) {
    buffer_.clear();
    read_ = 0;
  }
  const auto got = read_some(64 * 1024, std::chrono::milliseconds(silence_max_ms));
  if (!got) return std::unexpected(got.error());
  return *got > 0 ? Result<>{} : fail(ErrorCode::lane_lost, "a minute without a byte");
}

Result<std::string_view> Connection::line() {
  for (;;) {
    const auto end = buffer_.find("\r\n", read_);
    if (end != std::string::npos) {
      const std::string_view found = std::string_view(buffer_).substr(read_, end - read_);
      read_ = end + 2;
      return found;
    }
    if (auto more = fill(); !more) return std::unexpected(more.error());
  }
}

Result<> Connection::skip(std::size_t count) {
  while (buffer_.size() - read_ < count) {
    if (auto more = fill(); !more) return more;
  }
  read_ += count;
  return {};
}

void Connection::note_first(Received& received) const {
  if (received.first > 0) return;
  received.first = std::chrono::duration<double>(std::chrono::steady_clock::now() - asked_).count();
}

Result<Received> Connection::ask(std::string_view request) {
  if (auto sent = send(request); !sent) return std::unexpected(sent.error());
  Received received;
  std::size_t length = 0;
  bool chunked = false;
  for (bool status = true;; status = false) {
    const auto head = line();
    if (!head) return std::unexpected(head.error());
    if (head->empty()) break;
    if (status) {
      if (head->size() < 12) return fail(ErrorCode::lane_lost, "no status line");
      received.status = static_cast<int>(*number_in(head->substr(9, 3), 10));
    } else if (begins_with(*head, "content-length:")) {
      const auto given = number_in(head->substr(15), 10);
      if (!given) return std::unexpected(given.error());
      length = *given;
    } else if (begins_with(*head, "transfer-encoding:")) {
      chunked = true;
    }
  }
  do {
    if (chunked) {
      const auto size = line();
      if (!size) return std::unexpected(size.error());
      const auto given = number_in(*size, 16);
      if (!given) return std::unexpected(given.error());
      length = *given;
    }
    const std::size_t from = received.bytes;
    while (buffer_.size() - read_ < length) {
      if (auto more = fill(); !more) return std::unexpected(more.error());
      note_first(received);
    }
    note_first(received);
    const std::string_view chunk = std::string_view(buffer_).substr(read_, length);
    for (auto at = chunk.find("data:"); at != chunk.npos; at = chunk.find("data:", at + 5)) {
      ++received.events;
    }
    constexpr std::size_t body_max = 4096;
    received.body.append(chunk.substr(0, body_max - std::min(body_max, received.body.size())));
    received.bytes = from + length;
    if (auto rest = skip(length + (chunked ? 2 : 0)); !rest) return std::unexpected(rest.error());
  } while (chunked && length > 0);
  received.whole = std::chrono::duration<double>(std::chrono::steady_clock::now() - asked_).count();
  return received;
}

std::string chat_request(std::string_view model, bool stream, std::string_view more,
                         std::string_view headers) {
  const std::string body = fmt::format(
      R"({{"model":"{}","messages":[{{"role":"user","content":"What is the capital of France?"}}],)"
      R"("stream":{}{}}})",
      model, stream, more);
  return fmt::format(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer none\r\n{}Content-Length: {}\r\n\r\n{}",
      headers, body.size(), body);
}

std::string get_request(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
}

}  // namespace kai::bench
