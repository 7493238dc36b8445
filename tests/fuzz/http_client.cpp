// Any bytes to the client over a real socket, as an answer: taken whole, or refused with a reason.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "http/http.h"
#include "http/socket.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

constexpr int turns_max = 1000;

// One listener for all inputs.
class Site {
 public:
  Site() {
    std::string pattern = "/tmp/kai-fuzz-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    auto listener = http::listen_at(io_.get_executor(), folder_ + "/s");
    ensure(listener.has_value(), "no listener");
    listener_ = std::move(*listener);
    limits_.body_max = Bytes(4096);
    limits_.header_max = Bytes(2048);
    limits_.line_max = Bytes(256);
  }
  ~Site() { std::filesystem::remove_all(folder_); }

  void fetch_from(std::string_view bytes) {
    const auto response = answered(
        http::fetch(clock_, folder_ + "/s", {"GET", "/", ""}, Time::max(), limits_), bytes);
    if (!response) return fuzz::check(response.error(), ErrorCode::lane_lost);
    ensure(response->body.size() <= 4096, "a body over its limit");
  }
  void read_lines_from(std::string_view bytes) { answered(lines(), bytes); }

 private:
  Task<Result<>> lines() {
    auto answer =
        co_await http::open(clock_, folder_ + "/s", {"GET", "/", ""}, Time::max(), limits_);
    if (!answer) co_return std::unexpected(answer.error());
    for (;;) {
      const auto line = co_await (*answer)->next(Time::max());
      if (!line || !*line) co_return Result<>{};
      ensure((*line)->size() <= 256, "a line over its limit");
      ensure((*line)->find('\n') == std::string::npos, "two lines in one");
    }
  }

  // Runs the client against a peer that says `bytes` and hangs up.
  template <class T>
  T answered(Task<T> task, std::string_view bytes) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T value) {
      ensure(error == nullptr, "an exception left the client");
      result = std::move(value);
    });
    int peer = -1;
    for (int turn = 0; turn < turns_max && !result; ++turn) {
      io_.restart();
      io_.poll();
      if (peer < 0) {
        peer = ::accept4(listener_->descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      }
      if (peer < 0) continue;
      const auto sent = ::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
      if (bytes.empty() || (sent < 0 && errno != EAGAIN)) ::shutdown(peer, SHUT_WR);
    }
    if (peer >= 0) ::close(peer);
    ensure(result.has_value(), "the client waits for ever");
    return std::move(*result);
  }

  boost::asio::io_context io_{1};
  VirtualClock clock_;
  std::string folder_;
  http::Limits limits_;
  std::unique_ptr<http::Socket> listener_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static Site site;
  site.fetch_from(fuzz::text_of(bytes, size));
  site.read_lines_from(fuzz::text_of(bytes, size));
  return 0;
}
