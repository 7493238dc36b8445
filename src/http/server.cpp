#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <exception>
#include <iterator>
#include <unordered_set>

#include "base/ensure.h"
#include "http/http.h"
#include "http/parse.h"
#include "http/socket.h"

namespace kai::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

std::string head(int status, std::string_view content_type, std::string_view length) {
  const auto reason =
      beast::http::obsolete_reason(beast::http::int_to_status(static_cast<unsigned>(status)));
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nConnection: close\r\n{}\r\n\r\n",
                     status, std::string_view(reason), content_type, length);
}

std::string to_text(const Response& response) {
  return head(response.status, response.content_type,
              fmt::format("Content-Length: {}", response.body.size())) +
         response.body;
}

Response plain(int status, std::string_view sentence) {
  return {.status = status, .content_type = "text/plain", .body = fmt::format("{}\n", sentence)};
}

// One connection. Shared by its task, its Stream and the watch for the client's leaving, whichever
// lives longest; nothing here refers to the Server.
struct Session {
  explicit Session(std::unique_ptr<Socket> client) : socket(std::move(client)) {}

  std::unique_ptr<Socket> socket;
  Wait gone;
  asio::cancellation_signal cancel;
  std::string unsent_head;  // of a stream: goes with its first chunk
  bool begun = false;       // its task took its first step
  bool streaming = false;   // the handler asked for the stream
  bool left = false;        // the client did, or the connection is of no more use
  bool ended = false;       // the handler has returned
};
using SessionRef = std::shared_ptr<Session>;

// All that connections share. Kept alive by them when the Server dies first.
struct Site {
  Executor executor;
  Clock& clock;
  std::unique_ptr<Socket> listener;
  Handler handler;
  Limits limits;

  std::unordered_set<SessionRef> sessions;
  bool accepting = true;  // the accepting task has not ended
  bool stopped = false;
  Wait one_ended;
};
using SiteRef = std::shared_ptr<Site>;

Task<bool> send(SiteRef site, SessionRef session, std::string bytes) {
  if (session->left) co_return false;
  const Time until = site->clock.now() + site->limits.write_timeout;
  const auto sent = co_await session->socket->write(site->clock, std::move(bytes), until);
  // After any failure an unknown part was sent: nothing sensible can follow.
  if (!sent) session->left = true;
  co_return !session->left;
}

class ChunkedStream final : public Stream {
 public:
  ChunkedStream(SiteRef site, SessionRef session)
      : site_(std::move(site)), session_(std::move(session)) {}

  Task<bool> write(std::string chunk) override {
    if (session_->ended) co_return false;
    if (chunk.empty()) co_return !session_->left;  // sent, it would end the body
    std::string bytes = std::exchange(session_->unsent_head, "");
    fmt::format_to(std::back_inserter(bytes), "{:x}\r\n{}\r\n", chunk.size(), chunk);
    co_return co_await send(site_, session_, std::move(bytes));
  }

 private:
  SiteRef site_;
  SessionRef session_;
};

// What to refuse a request with; 0: nothing, the client has left.
using Refusal = int;

Refusal refusal_for(const beast::error_code& error) {
  if (error == beast::http::error::body_limit) return 413;
  return error == beast::http::error::header_limit ? 431 : 400;
}

std::string_view refusal_text(Refusal status) {
  switch (status) {
    case 408: return "The request did not arrive in time.";
    case 413: return "The request's body is too large.";
    case 431: return "The request's head is too large.";
    default: return "The request is not HTTP.";
  }
}

Task<std::expected<Request, Refusal>> read_request(SiteRef site, SessionRef session) {
  const Limits& limits = site->limits;
  const Time until = site->clock.now() + limits.head_timeout;
  beast::http::request_parser<GrowingBody> parser;
  parser.eager(true);
  parser.header_limit(static_cast<std::uint32_t>(limits.header_max.count));
  parser.body_limit(static_cast<std::uint64_t>(limits.body_max.count));
  std::string raw;
  while (!parser.is_done()) {
    const auto bytes = co_await session->socket->read(site->clock, until);
    if (!bytes) {
      co_return std::unexpected(bytes.error().code == ErrorCode::deadline ? 408 : 0);
    }
    if (bytes->empty()) co_return std::unexpected(0);
    raw += *bytes;
    const auto error = feed(parser, raw, static_cast<std::size_t>(limits.header_max.count));
    if (error) co_return std::unexpected(refusal_for(error));
  }
  co_return Request{.method = std::string(parser.get().method_string()),
                    .target = std::string(parser.get().target()),
                    .body = std::move(parser.get().body())};
}

// Resumes `gone` when the client hangs up before the handler has ended.
void watch(const SessionRef& session) {
  session->socket->once_ready(Socket::Side::read, [weak = std::weak_ptr(session)] {
    const auto alive = weak.lock();
    if (!alive || alive->ended) return;
    if (alive->socket->drain()) return watch(alive);
    alive->left = true;
    alive->gone.resume();
  });
}

Task<std::unique_ptr<Stream>> start_stream(SiteRef site, SessionRef session,
                                           std::string content_type) {
  ensure(!std::exchange(session->streaming, true), "a handler took its stream twice");
  session->unsent_head = head(200, content_type, "Transfer-Encoding: chunked");
  co_return std::make_unique<ChunkedStream>(std::move(site), std::move(session));
}

Task<void> respond(SiteRef site, SessionRef session, Request request) {
  watch(session);
  Exchange exchange{.request = std::move(request), .gone = &session->gone, .stream = {}};
  exchange.stream = [site, session](std::string content_type) {
    return start_stream(site, session, std::move(content_type));
  };
  const auto response = co_await site->handler(exchange);
  session->ended = true;
  ensure(!response || !session->streaming, "a handler streamed and returned a response too");
  if (response) {
    co_await send(site, session, to_text(*response));
  } else if (!session->streaming) {
    co_await send(site, session, to_text(plain(500, "The handler gave no answer.")));
  } else {
    // Fails after shut(), so that no client takes a part for the whole.
    co_await send(site, session, session->unsent_head + "0\r\n\r\n");
  }
}

Task<void> serve_session(SiteRef site, SessionRef session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  session->begun = true;
  if (site->stopped) co_return;
  auto request = co_await read_request(site, session);
  if (request) {
    co_await respond(site, session, std::move(*request));
  } else if (request.error() != 0) {
    co_await send(site, session, to_text(plain(request.error(), refusal_text(request.error()))));
  }
}

void admit(const SiteRef& site, std::unique_ptr<Socket> client) {
  const auto session = std::make_shared<Session>(std::move(client));
  // The completion holds the session, since asio touches its `cancel` until then.
  site->sessions.insert(session);
  asio::co_spawn(site->executor, serve_session(site, session),
                 asio::bind_cancellation_slot(session->cancel.slot(),
                                              [site, session](std::exception_ptr error) {
                                                session->socket->close();
                                                site->sessions.erase(session);
                                                site->one_ended.resume();
                                                if (error) std::rethrow_exception(error);
                                              }));
}

Task<void> accept_all(SiteRef site) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (auto client = co_await site->listener->accept(site->clock)) {
    const bool room =
        site->sessions.size() < static_cast<std::size_t>(site->limits.connections_max);
    if (room && !site->stopped) admit(site, std::move(client));
  }
}

void shut(const SiteRef& site) {
  if (std::exchange(site->stopped, true)) return;
  site->listener->close();
  for (const SessionRef& session : site->sessions) {
    session->socket->close();
    // Before its first step a task would not hear; it looks at `stopped` then.
    if (session->begun) session->cancel.emit(asio::cancellation_type::terminal);
  }
}

Task<void> wait_until_ended(SiteRef site) {
  co_await shield();
  while (site->accepting || !site->sessions.empty()) co_await site->one_ended.until_resumed();
}

class UnixServer final : public Server {
 public:
  explicit UnixServer(SiteRef site) : site_(std::move(site)) {}
  ~UnixServer() override { shut(site_); }
  Task<void> stop() override {
    shut(site_);
    return wait_until_ended(site_);
  }

 private:
  SiteRef site_;
};

}  // namespace

Result<std::unique_ptr<Server>> serve(Executor executor, Clock& clock, const std::string& path,
                                      Handler handler, const Limits& limits) {
  auto listener = listen_at(executor, path);
  if (!listener) return std::unexpected(std::move(listener.error()));
  auto site =
      std::make_shared<Site>(executor, clock, std::move(*listener), std::move(handler), limits);
  asio::co_spawn(executor, accept_all(site), [site](std::exception_ptr error) {
    site->accepting = false;
    site->one_ended.resume();
    if (error) std::rethrow_exception(error);
  });
  return std::make_unique<UnixServer>(std::move(site));
}

}  // namespace kai::http
