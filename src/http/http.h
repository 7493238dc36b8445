// http: HTTP/1.1 over Unix sockets, server and client, with streamed bodies. Sole user of Beast.
//
// One thread: everything runs on the executor handed in. Text is bytes here; nothing is decoded.
#pragma once

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

namespace kai::http {

struct Limits {
  Bytes body_max = 16_MiB;      // of a request or a whole response; larger: 413 / an error
  Bytes header_max{32 * 1024};  // of a head; larger: 431 / an error
  Bytes line_max = 4_MiB;       // of one streamed line
  Duration head_timeout = std::chrono::seconds(10);   // to receive a request whole; later: 408
  Duration write_timeout = std::chrono::seconds(30);  // to take one write; later: the client left
  int connections_max = 64;                           // at once; further ones are closed unanswered
};

struct Request {
  std::string method;  // "GET", "POST", …
  std::string target;  // "/generate"
  std::string body;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

// One answer being streamed. False from write(): the client has left, or the task was cancelled
// while the client was slow; stop working. One write at a time. Bytes are sent as they are.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual Task<bool> write(std::string chunk) = 0;
};

// Serves one request. Return a Response for a whole body; or take the stream, write chunks, and
// return nothing: `content_type` is sent with the first. `gone` is resumed once if the client
// leaves before the end, so that a handler asleep on it notices at once. A client that shuts down
// only its sending half counts as gone.
struct Exchange {
  Request request;
  Wait* gone = nullptr;  // lives as long as the handler runs
  std::function<Task<std::unique_ptr<Stream>>(std::string content_type)> stream;
};
using Handler = std::function<Task<std::optional<Response>>(Exchange&)>;

// Accepts on a Unix socket at `path` (replaced if it exists, mode 0600) until destroyed or the
// executor stops. Errors: storage (the path cannot be bound, with the reason).
//
// Destroying the server closes every connection and cancels the handlers at once, but they end in
// later turns of the executor: `clock` and what `handler` refers to must live until then, which is
// what stop() waits for. An executor that runs no more leaks them. The socket's file stays.
class Server {
 public:
  virtual ~Server() = default;
  // Stops accepting, cancels the handlers, returns when all have ended. Once; not from a handler.
  virtual Task<void> stop() = 0;
};
Result<std::unique_ptr<Server>> serve(Executor executor, Clock& clock, const std::string& path,
                                      Handler handler, const Limits& limits = {});

// A response whose body is read line by line. Destroying it closes the connection, which is how a
// request is cancelled; not while next() runs.
class Lines {
 public:
  virtual ~Lines() = default;
  virtual int status() const = 0;
  // The next line without its '\n'; nothing at the body's end. Errors: deadline (`until` came; ask
  // again with a later one), cancelled (the running task was), lane_lost (the connection broke or
  // spoke nonsense).
  virtual Task<Result<std::optional<std::string>>> next(Time until) = 0;
};

// Sends a request to the server at Unix socket `path`; one connection a request.
// Errors as Lines::next; lane_lost also when nobody listens there, invalid_request when method or
// target hold spaces or control characters.
Task<Result<std::unique_ptr<Lines>>> open(Clock& clock, std::string path, Request request,
                                          Time until, Limits limits = {});

// The same for a short answer: waits for the whole body.
Task<Result<Response>> fetch(Clock& clock, std::string path, Request request, Time until,
                             Limits limits = {});

}  // namespace kai::http
