#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <optional>

#include "http/http.h"
#include "http/parse.h"
#include "http/socket.h"

namespace kai::http {

namespace beast = boost::beast;

namespace {

// What would end the request line early must not come from a model's name.
bool fits_request_line(const std::string& word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string to_text(const Request& request, const std::string& host) {
  const std::string_view type = request.body.empty() ? "" : "Content-Type: application/json\r\n";
  std::string lines;
  for (const Header& header : request.headers) {
    lines += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}{}"
      "Content-Length: {}\r\n\r\n{}",
      request.method, request.target, host, type, lines, request.body.size(), request.body);
}

class Reply final : public Lines {
 public:
  Reply(std::unique_ptr<Socket> socket, Clock& clock, std::string path, const Limits& limits)
      : socket_(std::move(socket)), clock_(clock), path_(std::move(path)), limits_(limits) {
    parser_.header_limit(static_cast<std::uint32_t>(limits.header_max.count));
    parser_.body_limit(boost::none);
  }

  // Sends the request and waits for the head of the answer.
  Task<Result<void>> ask(std::string request, Time until) {
    auto sent = co_await socket_->write(clock_, std::move(request), until);
    // A server may refuse a request before it has read all of it: its answer says why.
    if (!sent && sent.error().code != ErrorCode::lane_lost) co_return sent;
    while (!parser_.is_header_done()) {
      auto read = co_await read_more(until);
      if (!read) co_return read;
    }
    co_return Result<void>();
  }

  std::vector<Header> headers() const override { return headers_; }
  int status() const override { return static_cast<int>(parser_.get().result_int()); }

  Task<Result<std::optional<std::string>>> next(Time until) override {
    if (co_await cancelled()) co_return std::unexpected(was_cancelled());
    for (;;) {
      std::string& body = parser_.get().body();
      const std::size_t end = body.find('\n', scanned_);
      const bool whole = end != std::string::npos;
      const std::size_t length = (whole ? end : body.size()) - taken_;
      if (length > static_cast<std::size_t>(limits_.line_max.count)) co_return too_large("line");
      if (whole || (parser_.is_done() && length > 0)) {
        std::string line = body.substr(taken_, length);
        taken_ = scanned_ = taken_ + length + (whole ? 1 : 0);
        co_return line;
      }
      if (parser_.is_done()) co_return std::nullopt;
      body.erase(0, taken_);
      taken_ = 0;
      scanned_ = body.size();
      auto read = co_await read_more(until);
      if (!read) co_return std::unexpected(std::move(read.error()));
    }
  }

  // The rest of the body at once.
  Task<Result<Response>> rest(Time until) {
    std::string& body = parser_.get().body();
    const auto body_max = static_cast<std::uint64_t>(limits_.body_max.count);
    while (!parser_.is_done() && body.size() <= body_max) {
      auto read = co_await read_more(until);
      if (!read) co_return std::unexpected(std::move(read.error()));
    }
    if (body.size() > body_max) co_return too_large("body");
    Response response{.status = status(), .content_type = "", .body = std::move(body)};
    response.content_type = std::string(header_of(headers_, "content-type").value_or(""));
    response.headers = headers_;
    co_return response;
  }

 private:
  // Reads and parses one block. What came before the answer broke is still given out: lane_lost
  // comes with the next call.
  Task<Result<void>> read_more(Time until) {
    if (broken_) co_return std::unexpected(*broken_);
    auto bytes = co_await socket_->read(clock_, until);
    if (!bytes) co_return std::unexpected(std::move(bytes.error()));
    beast::error_code error;
    if (bytes->empty() && !parser_.is_header_done()) {
      error = beast::http::error::end_of_stream;
    } else if (bytes->empty()) {
      parser_.put_eof(error);
    } else {
      raw_ += *bytes;
      error = feed(parser_, raw_, static_cast<std::size_t>(limits_.header_max.count),
                   [this] { headers_ = headers_in(parser_.get()); });
    }
    if (error) {
      broken_ = {ErrorCode::lane_lost, fmt::format("The answer from {} broke off: {}; ask again.",
                                                   path_, error.message())};
      socket_->close();
    }
    co_return Result<void>();
  }

  std::unexpected<Error> too_large(std::string_view what) {
    socket_->close();
    return fail(
        ErrorCode::lane_lost,
        fmt::format("The answer from {} was dropped: a {} in it passes the limit.", path_, what));
  }

  std::unique_ptr<Socket> socket_;
  Clock& clock_;
  std::string path_;
  Limits limits_;
  beast::http::response_parser<GrowingBody> parser_;
  std::vector<Header> headers_;  // of the head alone
  std::optional<Error> broken_;
  std::string raw_;          // read, not yet parsed
  std::size_t taken_ = 0;    // of the parser's body, already given out
  std::size_t scanned_ = 0;  // of the parser's body, known to hold no further line's end
};

Task<Result<std::unique_ptr<Reply>>> ask(Clock& clock, Address address, Request request, Time until,
                                         Limits limits) {
  if (!fits_request_line(request.method) || !fits_request_line(request.target)) {
    co_return fail(ErrorCode::invalid_request,
                   "A request's method or target holds a space or a control character: encode it.");
  }
  auto socket = co_await connect_to(clock, address, until);
  if (!socket) co_return std::unexpected(std::move(socket.error()));
  auto reply = std::make_unique<Reply>(std::move(*socket), clock, to_string(address), limits);
  const std::string host = !request.host.empty()  ? request.host
                           : address.path.empty() ? to_string(address)
                                                  : "kai";
  auto asked = co_await reply->ask(to_text(request, host), until);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  co_return reply;
}

}  // namespace

Task<Result<std::unique_ptr<Lines>>> open(Clock& clock, Address address, Request request,
                                          Time until, Limits limits) {
  auto reply = co_await ask(clock, std::move(address), std::move(request), until, limits);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  co_return std::unique_ptr<Lines>(std::move(*reply));
}

Task<Result<Response>> fetch(Clock& clock, Address address, Request request, Time until,
                             Limits limits) {
  auto reply = co_await ask(clock, std::move(address), std::move(request), until, limits);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  co_return co_await (*reply)->rest(until);
}

}  // namespace kai::http
