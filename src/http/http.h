// http: HTTP/1.1 over Unix and TCP sockets, server and client, with streamed bodies; of a client
// also through TLS. Sole user of Beast and of OpenSSL.
//
// One thread: everything runs on the executor handed in. Text is bytes here; nothing is decoded.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"
#include "base/task.h"
#include "http/trust.h"

namespace kai::http {

// That a server is to be spoken to by TLS, and who it must prove to be.
struct Tls {
  Trust trust;
  std::string name;  // in its certificate: a name, or a number
};

// Where a server listens, and where it is found: a Unix socket's path, or a TCP port.
struct Address {
  std::string path;          // of a Unix socket; empty: TCP
  std::string host;          // a number, "127.0.0.1" or "::1": names are not looked up
  std::uint16_t port = 0;    // to listen at 0 takes any that is free
  std::optional<Tls> tls{};  // of a client; kai's own servers speak none

  Address(std::string socket) : path(std::move(socket)) {}  // NOLINT: a path is an address
  Address(std::string number, std::uint16_t tcp) : host(std::move(number)), port(tcp) {}
};
// "127.0.0.1:80", "[::1]:80", "/run/socket", "1.2.3.4:443 as host.example".
std::string to_string(const Address& address);

struct Limits {
  Bytes body_max = 16_MiB;      // of a request or a whole response; larger: 413 / an error
  Bytes header_max{32 * 1024};  // of a head; larger: 431 / an error
  int headers_max = 64;         // lines of a request's head; more: 431
  Bytes line_max = 4_MiB;       // of one streamed line
  Duration head_timeout = std::chrono::seconds(10);   // to receive a request whole; later: 408
  Duration idle_timeout = std::chrono::seconds(60);   // for a connection's next request
  Duration write_timeout = std::chrono::seconds(30);  // to take one write; later: the client left
  Duration linger_max = std::chrono::seconds(2);      // for a refused client to read why
  int connections_max = 64;                           // at once; further ones are closed unanswered
};

struct Header {
  std::string name;  // received: in lower case
  std::string value;
};

struct Request {
  std::string method;  // "GET", "POST", …
  std::string target;  // "/generate"
  std::string body;
  std::vector<Header> headers = {};  // in their order; beside those that the connection needs
  std::string host = {};  // as it is called, where that is no number; sent, never looked up
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::vector<Header> headers = {};
};

// The first value of a header, by its name in lower case; nothing: it is not there.
std::optional<std::string_view> header_of(const std::vector<Header>& headers,
                                          std::string_view name);

// One answer being streamed. False from write(): the client has left, or the task was cancelled
// while the client was slow; stop working. One write at a time. Bytes are sent as they are.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual Task<bool> write(std::string chunk) = 0;
};

// What goes before a stream's first chunk, and with it.
struct StreamHead {
  std::string content_type;
  std::vector<Header> headers = {};
};

// Serves one request. Return a Response for a whole body; or take the stream, write chunks, and
// return nothing. `gone` is resumed once if the client leaves before the end, so that a handler
// asleep on it notices at once; or have the handler's task cancelled then. A client that shuts down
// only its sending half counts as gone. The answer to HEAD is sent without its body.
struct Exchange {
  Request request;
  // Set by the handler's own gate: whom the request is from. Empty: nobody has to say.
  std::string caller = {};
  Wait* gone = nullptr;  // lives as long as the handler runs
  std::function<Task<std::unique_ptr<Stream>>(StreamHead head)> stream;
  bool leaving_cancels = false;  // set by the handler: who leaves cancels its task
  bool streaming = false;        // the stream was taken
  // Set by the handler: its stream breaks off without an end, so that no client takes a part for
  // the whole.
  bool cut = false;
};
using Handler = std::function<Task<std::optional<Response>>(Exchange&)>;

// What a client is told whose request cannot be handed over: it is no HTTP, too large, or late
// (400, 408, 413, 417, 431, 501, 505). The connection ends with it. `target`: as far as it is
// known; empty where not even the first line came.
using Refuse =
    std::function<Response(int status, std::string_view target, std::string_view sentence)>;

// Accepts at `address` until destroyed or the executor stops; a Unix socket is replaced if it
// exists, with mode 0600. Connections are kept for further requests, one after the other, also
// where a client sends them ahead (up to 64 KiB; one that sends more has its connection closed
// behind the answer). Errors: storage (the address cannot be bound, with the reason).
//
// Destroying the server closes every connection and cancels the handlers at once, but they end in
// later turns of the executor: `clock` and what `handler` refers to must live until then, which is
// what stop() waits for. An executor that runs no more leaks them. The socket's file stays.
class Server {
 public:
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;  // of TCP, as bound; else 0
  // Stops accepting and closes the connections that wait for a request. Answers that are being
  // made go on; false: some still do at `until`. Not from a handler.
  virtual Task<bool> drain(Time until) = 0;
  // Stops accepting, cancels the handlers, returns when all have ended. Once; not from a handler.
  virtual Task<void> stop() = 0;
};
Result<std::unique_ptr<Server>> serve(Executor executor, Clock& clock, const Address& address,
                                      Handler handler, const Limits& limits = {},
                                      Refuse refuse = {});

// A response whose body is read line by line. Destroying it closes the connection, which is how a
// request is cancelled; not while next() runs.
class Lines {
 public:
  virtual ~Lines() = default;
  virtual int status() const = 0;
  virtual std::vector<Header> headers() const = 0;
  // The next line without its '\n'; nothing at the body's end. Errors: deadline (`until` came; ask
  // again with a later one), cancelled (the running task was), lane_lost (the connection broke or
  // spoke nonsense).
  virtual Task<Result<std::optional<std::string>>> next(Time until) = 0;
  // Nothing that still comes is of interest, and nothing will but the body's end: the connection
  // may be kept for another request. Without Connections of no effect.
  virtual void leave() = 0;
};

// Sends a request to the server at `address`; one connection a request. Errors as Lines::next;
// lane_lost also when nobody listens there, invalid_request when method or target hold spaces or
// control characters.
Task<Result<std::unique_ptr<Lines>>> open(Clock& clock, Address address, Request request,
                                          Time until, Limits limits = {});

// The same for a short answer: waits for the whole body.
Task<Result<Response>> fetch(Clock& clock, Address address, Request request, Time until,
                             Limits limits = {});

// Connections to servers that are kept for further requests: at most 64, each for 30 s without one,
// or until the next request where that comes later. A request whose connection its server had just
// closed is sent again over another one. `clock` must outlive this; what open() gave may outlive
// it.
class Connections {
 public:
  struct Shelf;

  explicit Connections(Clock& clock);
  // As http::open(), over a connection whose last answer came to its end, where there is one.
  Task<Result<std::unique_ptr<Lines>>> open(Address address, Request request, Time until,
                                            Limits limits = {});
  // Closes those that were of no use for 30 s; asking does the same.
  void sweep();
  std::size_t idle() const;  // that are open, without a request

 private:
  static constexpr std::size_t connections_max = 64;
  static constexpr Duration idle_max = std::chrono::seconds(30);

  Clock& clock_;
  std::shared_ptr<Shelf> shelf_;
};

}  // namespace kai::http
