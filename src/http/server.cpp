#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/http/status.hpp>
#include <exception>
#include <iterator>
#include <unordered_set>

#include "base/ensure.h"
#include "http/crowd.h"
#include "http/http.h"
#include "http/peer.h"
#include "http/reading.h"
#include "http/socket.h"

namespace kai::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

// What may arrive ahead while a request is being answered.
constexpr std::size_t ahead_max = 64 * 1024;

// Of the request that a connection is at.
struct Terms {
  bool keep = false;  // the connection goes on behind the answer
  bool old = false;   // HTTP/1.0
  bool head = false;  // HEAD
};

// One connection. Shared by its task, its Stream and the watch for the client's leaving, whichever
// lives longest; nothing here refers to the Server.
struct Session {
  explicit Session(std::unique_ptr<Socket> client) : socket(std::move(client)) {}

  std::unique_ptr<Socket> socket;
  std::string peer = peer_address(socket->descriptor());
  Wait gone;
  asio::cancellation_signal cancel;
  std::string raw;               // arrived, not yet read as a request
  Exchange* exchange = nullptr;  // while a handler runs
  Terms terms;
  std::string unsent_head;   // of a stream: goes with its first chunk
  std::uint64_t serial = 0;  // of the request
  bool begun = false;        // its task took its first step
  bool fresh = true;         // no request has come yet
  bool idle = false;         // waits for a request's first byte
  bool watching = false;
  bool left = false;  // the client did, or the connection is of no more use
};
using SessionRef = std::shared_ptr<Session>;

// All that connections share. Kept alive by them when the Server dies first.
struct Site {
  Executor executor;
  Clock& clock;
  std::unique_ptr<Socket> listener;
  Handler handler;
  Limits limits;
  Refuse refuse;

  Crowd crowd{limits.connections_max};
  std::unordered_set<SessionRef> sessions;
  bool accepting = true;  // the accepting task has not ended
  bool draining = false;
  bool stopped = false;
  Wait one_ended;
};
using SiteRef = std::shared_ptr<Site>;

Response plain(int status, std::string_view sentence) {
  return {.status = status, .content_type = "text/plain", .body = fmt::format("{}\n", sentence)};
}

// A value that would end its line would begin another header.
void add_headers(std::string& text, const std::vector<Header>& headers) {
  for (const auto& [name, value] : headers) {
    ensure((name + value).find_first_of("\r\n") == std::string::npos, "a header with a line's end");
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
  }
}

std::string head(int status, const StreamHead& what, const Terms& terms, std::string_view length) {
  const auto reason =
      beast::http::obsolete_reason(beast::http::int_to_status(static_cast<unsigned>(status)));
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", status, std::string_view(reason));
  if (!what.content_type.empty()) text += fmt::format("Content-Type: {}\r\n", what.content_type);
  if (!terms.keep) text += "Connection: close\r\n";
  if (terms.keep && terms.old) text += "Connection: keep-alive\r\n";
  add_headers(text, what.headers);
  return text + std::string(length) + "\r\n";
}

std::string to_text(const Response& response, const Terms& terms) {
  // RFC 9110, 8.6: what has no body tells no length of its own.
  const bool bodiless = response.status == 204 || response.status == 304;
  const std::string length =
      bodiless ? std::string() : fmt::format("Content-Length: {}\r\n", response.body.size());
  std::string text =
      head(response.status, {response.content_type, response.headers}, terms, length);
  if (!terms.head && !bodiless) text += response.body;
  return text;
}

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
      : site_(std::move(site)), session_(std::move(session)), serial_(session_->serial) {}

  Task<bool> write(std::string chunk) override {
    if (session_->exchange == nullptr || session_->serial != serial_) co_return false;
    if (chunk.empty()) co_return !session_->left;  // sent, it would end the body
    std::string bytes = std::exchange(session_->unsent_head, "");
    if (session_->terms.old) {
      bytes += chunk;
    } else if (!session_->terms.head) {
      fmt::format_to(std::back_inserter(bytes), "{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    co_return co_await send(site_, session_, std::move(bytes));
  }

 private:
  SiteRef site_;
  SessionRef session_;
  std::uint64_t serial_;
};

struct Refusal {
  int status = 0;      // 0: nothing is said, the client has left
  std::string target;  // of the request, as far as it came
  std::string_view why{};
};

// What has arrived of the next request and what it still takes; nothing to refuse yet.
Task<std::expected<Request, Refusal>> read_request(SiteRef site, SessionRef session) {
  const Limits& limits = site->limits;
  const bool fresh = std::exchange(session->fresh, false);
  session->idle = session->raw.empty();
  const bool waits = session->idle && !fresh;
  Time until = site->clock.now() + (waits ? limits.idle_timeout : limits.head_timeout);
  RequestReader reader(limits);
  for (;;) {
    if (!session->raw.empty()) {
      if (const int status = reader.feed(session->raw); status != 0) {
        co_return std::unexpected(Refusal{status, reader.target(), reader.why()});
      }
      if (reader.done()) break;
      if (reader.wants_continue() &&
          !co_await send(site, session, "HTTP/1.1 100 Continue\r\n\r\n")) {
        co_return std::unexpected(Refusal{});
      }
    }
    const auto bytes = co_await session->socket->read(site->clock, until);
    const bool late = !bytes && bytes.error().code == ErrorCode::deadline;
    if (late && !(waits && session->idle)) {
      co_return std::unexpected(Refusal{408, reader.target(), refusal_text(408)});
    }
    if (!bytes || bytes->empty()) co_return std::unexpected(Refusal{});
    if (std::exchange(session->idle, false) && waits) {
      until = site->clock.now() + limits.head_timeout;
    }
    session->raw += *bytes;
  }
  session->idle = false;
  session->terms = {.keep = reader.keeps_alive() && !site->draining,
                    .old = reader.is_old(),
                    .head = reader.is_head()};
  co_return reader.take();
}

// Resumes `gone` when the client hangs up while a handler runs, and keeps what it sends ahead.
void watch(const SessionRef& session) {
  if (std::exchange(session->watching, true)) return;
  session->socket->once_ready(Socket::Side::read, [weak = std::weak_ptr(session)] {
    const auto alive = weak.lock();
    if (!alive) return;
    alive->watching = false;
    if (alive->exchange == nullptr) return;  // whoever reads the next request sees it
    const bool here = alive->socket->take_arrived(alive->raw, ahead_max);
    // Something of it may have been thrown away: no further request can be read.
    if (alive->raw.size() == ahead_max) alive->terms.keep = false;
    if (here) return watch(alive);
    alive->left = true;
    alive->gone.resume();
    if (alive->exchange->leaving_cancels) {
      alive->cancel.emit(asio::cancellation_type::terminal);
    }
  });
}

Task<std::unique_ptr<Stream>> start_stream(SiteRef site, SessionRef session, StreamHead what) {
  ensure(!std::exchange(session->exchange->streaming, true), "a handler took its stream twice");
  Terms& terms = session->terms;
  if (terms.old) terms.keep = false;  // the connection's end is the body's
  session->unsent_head = head(200, what, terms, terms.old ? "" : "Transfer-Encoding: chunked\r\n");
  co_return std::make_unique<ChunkedStream>(std::move(site), std::move(session));
}

// Whether the connection goes on.
Task<bool> respond(SiteRef site, SessionRef session, Request request) {
  Exchange exchange{.request = std::move(request), .gone = &session->gone, .stream = {}};
  if (!session->peer.empty()) {
    exchange.request.headers.push_back({std::string(peer_header), session->peer});
  }
  exchange.stream = [site, session](StreamHead what) {
    return start_stream(site, session, std::move(what));
  };
  ++session->serial;
  session->exchange = &exchange;
  watch(session);
  const auto response = co_await site->handler(exchange);
  session->exchange = nullptr;
  const bool streaming = exchange.streaming;
  ensure(!response || !streaming, "a handler streamed and returned a response too");
  Terms& terms = session->terms;
  if (site->draining && !streaming) terms.keep = false;
  if (response) {
    co_await send(site, session, to_text(*response, terms));
  } else if (!streaming) {
    co_await send(site, session, to_text(plain(500, "The handler gave no answer."), terms));
  } else if (exchange.cut) {
    session->left = true;
  } else {
    // Fails after shut(), so that no client takes a part for the whole.
    const bool chunked = !terms.old && !terms.head;
    co_await send(site, session,
                  std::exchange(session->unsent_head, "") + (chunked ? "0\r\n\r\n" : ""));
  }
  co_return terms.keep && !session->left && !site->draining;
}

// Tells why and waits until the client has read it: a connection that is closed over bytes not yet
// read is reset, and what was sent last may be lost with it.
Task<void> refuse(SiteRef site, SessionRef session, Refusal refusal) {
  const auto response = site->refuse ? site->refuse(refusal.status, refusal.target, refusal.why)
                                     : plain(refusal.status, refusal.why);
  if (!co_await send(site, session, to_text(response, {}))) co_return;
  session->socket->end_sending();
  const Time until = site->clock.now() + site->limits.linger_max;
  for (;;) {
    const auto bytes = co_await session->socket->read(site->clock, until);
    if (!bytes || bytes->empty() || site->clock.now() >= until) co_return;
  }
}

Task<void> serve_session(SiteRef site, SessionRef session) {
  co_await asio::this_coro::throw_if_cancelled(false);
  session->begun = true;
  while (!site->stopped && !site->draining) {
    auto request = co_await read_request(site, session);
    if (!request) {
      if (request.error().status != 0) co_await refuse(site, session, request.error());
      co_return;
    }
    if (!co_await respond(site, session, std::move(*request))) co_return;
  }
}

void admit(const SiteRef& site, std::unique_ptr<Socket> client) {
  const auto session = std::make_shared<Session>(std::move(client));
  // Before a key was looked at: closed at once.
  if (!site->crowd.enter(session->peer)) return;
  // The completion holds the session, since asio touches its `cancel` until then.
  site->sessions.insert(session);
  asio::co_spawn(site->executor, serve_session(site, session),
                 asio::bind_cancellation_slot(session->cancel.slot(),
                                              [site, session](std::exception_ptr error) {
                                                session->socket->close();
                                                site->sessions.erase(session);
                                                site->crowd.leave(session->peer);
                                                site->one_ended.resume();
                                                if (error) std::rethrow_exception(error);
                                              }));
}

Task<void> accept_all(SiteRef site) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (auto client = co_await site->listener->accept(site->clock)) {
    const bool room =
        site->sessions.size() < static_cast<std::size_t>(site->limits.connections_max);
    if (room && !site->draining && !site->stopped) admit(site, std::move(client));
  }
}

void shut(const SiteRef& site) {
  if (std::exchange(site->stopped, true)) return;
  site->listener->close();
  for (const SessionRef& session : site->sessions) {
    session->socket->close();
    // Before its first step a task would not hear; it looks at `stopped` then. From outside the
    // executor it may be gone by the time that it would hear.
    asio::dispatch(site->executor, [site, session] {
      if (!session->begun || !site->sessions.contains(session)) return;
      session->cancel.emit(asio::cancellation_type::terminal);
    });
  }
}

Task<void> wait_until_ended(SiteRef site) {
  co_await shield();
  while (site->accepting || !site->sessions.empty()) co_await site->one_ended.until_resumed();
}

class SocketServer final : public Server {
 public:
  explicit SocketServer(SiteRef site)
      : site_(std::move(site)), port_(bound_port(site_->listener->descriptor())) {}
  ~SocketServer() override { shut(site_); }

  std::uint16_t port() const override { return port_; }

  Task<bool> drain(Time until) override {
    site_->draining = true;
    site_->listener->close();
    for (const SessionRef& session : site_->sessions) {
      if (session->idle) session->socket->close();
    }
    return drained(site_, until);
  }

  Task<void> stop() override {
    shut(site_);
    return wait_until_ended(site_);
  }

 private:
  static Task<bool> drained(SiteRef site, Time until) {
    while (!site->sessions.empty() && site->clock.now() < until) {
      co_await site->clock.sleep_on(site->one_ended, until);
      if (co_await cancelled()) break;
    }
    co_return site->sessions.empty();
  }

  SiteRef site_;
  std::uint16_t port_;
};

}  // namespace

std::optional<std::string_view> header_of(const std::vector<Header>& headers,
                                          std::string_view name) {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return std::nullopt;
}

Result<std::unique_ptr<Server>> serve(Executor executor, Clock& clock, const Address& address,
                                      Handler handler, const Limits& limits, Refuse refuse) {
  auto listener = listen_at(executor, address);
  if (!listener) return std::unexpected(std::move(listener.error()));
  auto site = std::make_shared<Site>(executor, clock, std::move(*listener), std::move(handler),
                                     limits, std::move(refuse));
  asio::co_spawn(executor, accept_all(site), [site](std::exception_ptr error) {
    site->accepting = false;
    site->one_ended.resume();
    if (error) std::rethrow_exception(error);
  });
  return std::make_unique<SocketServer>(std::move(site));
}

}  // namespace kai::http
