#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "http/channel.h"
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

std::string to_text(const Request& request, const std::string& host, bool keep) {
  const std::string_view type = request.body.empty() ? "" : "Content-Type: application/json\r\n";
  const std::string_view connection = keep ? "" : "Connection: close\r\n";
  std::string lines;
  for (const Header& header : request.headers) {
    lines += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\n{}{}{}"
      "Content-Length: {}\r\n\r\n{}",
      request.method, request.target, host, connection, type, lines, request.body.size(),
      request.body);
}

using Parser = beast::http::response_parser<GrowingBody>;

// A connection, and the answer that it is at. Movable: the parser has a place of its own.
struct Connection {
  std::unique_ptr<Channel> channel;
  std::unique_ptr<Parser> parser{};
  std::string raw{};              // read, not yet parsed
  std::vector<Header> headers{};  // of the head alone
};

beast::error_code feed(Connection& connection, const Limits& limits) {
  Parser& parser = *connection.parser;
  return feed(parser, connection.raw, static_cast<std::size_t>(limits.header_max.count),
              [&] { connection.headers = headers_in(parser.get()); });
}

}  // namespace

// Connections between two answers.
struct Connections::Shelf {
  struct Idle {
    std::string address;
    Connection connection;
    Time since{};
  };
  std::vector<Idle> idle;  // the one left last at the end

  void put(std::string address, Connection connection, Time now) {
    sweep(now);
    if (idle.size() == connections_max) idle.erase(idle.begin());
    idle.push_back({std::move(address), std::move(connection), now});
  }

  void sweep(Time now) {
    std::erase_if(idle, [&](const Idle& one) { return now - one.since > idle_max; });
  }

  // The one that was left last: the others may be closed by their server meanwhile. Null: none is
  // of use.
  std::unique_ptr<Channel> take(const std::string& address, Time now) {
    sweep(now);
    for (auto at = idle.size(); at-- > 0;) {
      if (idle[at].address != address) continue;
      Connection connection = std::move(idle[at].connection);
      idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(at));
      if (is_over(connection)) return std::move(connection.channel);
    }
    return nullptr;
  }

  // The answer has come to its end, nothing came behind it, and the server still listens.
  static bool is_over(Connection& connection) {
    if (!connection.channel->take_arrived(connection.raw, arrived_max)) return false;
    if (!connection.parser->is_done() && feed(connection, Limits{})) return false;
    return connection.parser->is_done() && connection.raw.empty();
  }

  static constexpr std::size_t arrived_max = 4096;
};

namespace {

class Reply final : public Lines {
 public:
  Reply(std::unique_ptr<Channel> channel, Clock& clock, std::string path, const Limits& limits,
        std::weak_ptr<Connections::Shelf> shelf)
      : connection_{std::move(channel), std::make_unique<Parser>()},
        clock_(clock),
        path_(std::move(path)),
        limits_(limits),
        shelf_(std::move(shelf)) {
    parser().header_limit(static_cast<std::uint32_t>(limits.header_max.count));
    parser().body_limit(boost::none);
  }

  ~Reply() override {
    const auto shelf = shelf_.lock();
    if (!shelf || broken_ || !parser().is_header_done() || !parser().get().keep_alive()) return;
    // What only announces the answer (1xx) is none.
    if (status() < 200) return;
    if (left_ || parser().is_done()) shelf->put(path_, std::move(connection_), clock_.now());
  }

  // Sends the request and waits for the head of the answer.
  Task<Result<void>> ask(std::string request, Time until) {
    auto sent = co_await connection_.channel->write(clock_, std::move(request), until);
    // A server may refuse a request before it has read all of it: its answer says why.
    if (!sent && sent.error().code != ErrorCode::lane_lost) co_return sent;
    while (!parser().is_header_done()) {
      auto read = co_await read_more(until);
      if (!read) co_return read;
    }
    co_return Result<void>();
  }

  // Whether the server said anything.
  bool has_begun() { return parser().got_some(); }

  std::vector<Header> headers() const override { return connection_.headers; }
  int status() const override { return static_cast<int>(head().result_int()); }
  void leave() override { left_ = true; }

  Task<Result<std::optional<std::string>>> next(Time until) override {
    if (co_await cancelled()) co_return std::unexpected(was_cancelled());
    for (;;) {
      std::string& body = parser().get().body();
      const std::size_t end = body.find('\n', scanned_);
      const bool whole = end != std::string::npos;
      const std::size_t length = (whole ? end : body.size()) - taken_;
      if (length > static_cast<std::size_t>(limits_.line_max.count)) co_return too_large("line");
      if (whole || (parser().is_done() && length > 0)) {
        std::string line = body.substr(taken_, length);
        taken_ = scanned_ = taken_ + length + (whole ? 1 : 0);
        co_return line;
      }
      if (parser().is_done()) co_return std::nullopt;
      body.erase(0, taken_);
      taken_ = 0;
      scanned_ = body.size();
      auto read = co_await read_more(until);
      if (!read) co_return std::unexpected(std::move(read.error()));
    }
  }

  // The rest of the body at once.
  Task<Result<Response>> rest(Time until) {
    std::string& body = parser().get().body();
    const auto body_max = static_cast<std::uint64_t>(limits_.body_max.count);
    while (!parser().is_done() && body.size() <= body_max) {
      auto read = co_await read_more(until);
      if (!read) co_return std::unexpected(std::move(read.error()));
    }
    if (body.size() > body_max) co_return too_large("body");
    Response response{.status = status(), .content_type = "", .body = std::move(body)};
    response.content_type =
        std::string(header_of(connection_.headers, "content-type").value_or(""));
    response.headers = connection_.headers;
    co_return response;
  }

 private:
  Parser& parser() { return *connection_.parser; }
  const Parser::value_type& head() const { return connection_.parser->get(); }

  // Reads and parses one block. What came before the answer broke is still given out: lane_lost
  // comes with the next call.
  Task<Result<void>> read_more(Time until) {
    if (broken_) co_return std::unexpected(*broken_);
    auto bytes = co_await connection_.channel->read(clock_, until);
    if (!bytes) co_return std::unexpected(std::move(bytes.error()));
    beast::error_code error;
    if (bytes->empty() && !parser().is_header_done()) {
      error = beast::http::error::end_of_stream;
    } else if (bytes->empty()) {
      parser().put_eof(error);
    } else {
      connection_.raw += *bytes;
      error = feed(connection_, limits_);
    }
    if (error) {
      broken_ = {ErrorCode::lane_lost, fmt::format("The answer from {} broke off: {}; ask again.",
                                                   path_, error.message())};
      connection_.channel->close();
    }
    co_return Result<void>();
  }

  std::unexpected<Error> too_large(std::string_view what) {
    broken_ = {
        ErrorCode::lane_lost,
        fmt::format("The answer from {} was dropped: a {} in it passes the limit.", path_, what)};
    connection_.channel->close();
    return std::unexpected(*broken_);
  }

  Connection connection_;
  Clock& clock_;
  std::string path_;
  Limits limits_;
  std::weak_ptr<Connections::Shelf> shelf_;
  std::optional<Error> broken_;
  bool left_ = false;
  std::size_t taken_ = 0;    // of the parser's body, already given out
  std::size_t scanned_ = 0;  // of the parser's body, known to hold no further line's end
};

using Asked = Result<std::unique_ptr<Reply>>;

// `shelf`: null, and the connection ends with the answer.
Task<Asked> ask(Clock& clock, Address address, Request request, Time until, Limits limits,
                std::shared_ptr<Connections::Shelf> shelf = nullptr) {
  if (!fits_request_line(request.method) || !fits_request_line(request.target)) {
    co_return fail(ErrorCode::invalid_request,
                   "A request's method or target holds a space or a control character: encode it.");
  }
  const std::string name = to_string(address);
  const std::string host = !request.host.empty()  ? request.host
                           : address.path.empty() ? name
                                                  : "kai";
  const std::string text = to_text(request, host, shelf != nullptr);
  for (;;) {
    auto channel = shelf ? shelf->take(name, clock.now()) : nullptr;
    const bool used = channel != nullptr;
    if (!used) {
      auto fresh = co_await channel_to(clock, address, until);
      if (!fresh) co_return std::unexpected(std::move(fresh.error()));
      channel = *std::move(fresh);
    }
    auto reply = std::make_unique<Reply>(std::move(channel), clock, name, limits, shelf);
    auto asked = co_await reply->ask(text, until);
    if (asked) co_return reply;
    // Its server had just closed it, without having read the request.
    const bool was_closed = used && asked.error().code == ErrorCode::lane_lost;
    if (!was_closed || reply->has_begun()) co_return std::unexpected(std::move(asked.error()));
  }
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

Connections::Connections(Clock& clock) : clock_(clock), shelf_(std::make_shared<Shelf>()) {}

void Connections::sweep() {
  shelf_->sweep(clock_.now());
}

std::size_t Connections::idle() const {
  return shelf_->idle.size();
}

Task<Result<std::unique_ptr<Lines>>> Connections::open(Address address, Request request, Time until,
                                                       Limits limits) {
  auto reply = co_await ask(clock_, std::move(address), std::move(request), until, limits, shelf_);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  co_return std::unique_ptr<Lines>(std::move(*reply));
}

}  // namespace kai::http
