// Any bytes to the server over a real socket: each request is answered once, what is no request is
// refused once, then the connection is closed.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>

#include "http/http.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kai;

constexpr std::string_view status_line = "HTTP/1.1 ";
constexpr std::string_view go_on = "HTTP/1.1 100 ";
int handled = 0;  // requests that reached the handler, of this input

Task<std::optional<http::Response>> answer(http::Exchange& exchange) {
  ++handled;
  ensure(exchange.request.body.size() <= 4096, "a body over its limit");
  ensure(!exchange.request.method.empty() && !exchange.request.target.empty(), "half a request");
  if (exchange.request.target.size() % 2 == 0) co_return http::Response{};
  const auto stream = co_await exchange.stream({"text/plain"});
  if (stream) co_await stream->write("a line\n");
  co_return std::nullopt;
}

// One server for all inputs.
class Site {
 public:
  Site() {
    std::string pattern = "/tmp/kai-fuzz-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    http::Limits limits;
    limits.body_max = Bytes(4096);
    limits.header_max = Bytes(2048);
    auto started = http::serve(io_.get_executor(), clock_, folder_ + "/s", answer, limits);
    ensure(started.has_value(), "no server");
    server_ = std::move(*started);
  }
  ~Site() {
    server_.reset();
    io_.restart();
    io_.poll();
    std::filesystem::remove_all(folder_);
  }

  // What the server sends until it closes.
  std::string tell(std::string_view bytes) {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder_ + "/s").copy(address.sun_path, sizeof address.sun_path - 1);
    ensure(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
           "connect");
    // The half of the stream that ends tells an unfinished request from a slow one.
    std::string heard;
    bool done = false;
    for (int turn = 0; turn < turns_max && !done; ++turn) {
      if (!bytes.empty()) {
        const auto sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        bytes = sent < 0 && errno != EAGAIN ? std::string_view()
                                            : bytes.substr(sent < 0 ? 0 : std::size_t(sent));
      } else if (turn >= turns_before_end) {
        ::shutdown(client, SHUT_WR);
      }
      io_.restart();
      io_.poll();
      char block[4096];
      ssize_t size = 0;
      while ((size = ::recv(client, block, sizeof block, 0)) > 0) {
        heard.append(block, static_cast<std::size_t>(size));
      }
      done = size == 0 || (size < 0 && errno != EAGAIN);
    }
    ::close(client);
    ensure(done, "the server neither answers nor closes");
    return heard;
  }

 private:
  static constexpr int turns_max = 1000;
  static constexpr int turns_before_end = 4;
  boost::asio::io_context io_{1};
  VirtualClock clock_;
  std::string folder_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static Site site;
  handled = 0;
  const std::string heard = site.tell(fuzz::text_of(bytes, size));
  ensure(heard.empty() || heard.starts_with(status_line), "an answer that is no HTTP");
  int answers = 0;
  for (auto at = heard.find(status_line); at != std::string::npos;
       at = heard.find(status_line, at + 1)) {
    if (!std::string_view(heard).substr(at).starts_with(go_on)) ++answers;
  }
  ensure(answers <= handled + 1, "more answers than requests and a refusal");
  return 0;
}
