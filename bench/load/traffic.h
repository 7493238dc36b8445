// traffic: a plain client that stamps what it sees: one connection, one request after the other.
// Blocking; a thread each where many ask at once. Knows of HTTP/1.1 what the servers that are
// measured here answer with.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kai::bench {

struct Received {
  int status = 0;
  double first = 0;  // seconds to the first byte of the body
  double whole = 0;  // … to its last one
  std::size_t bytes = 0;
  int events = 0;    // "data:" lines
  std::string body;  // its first bytes, at most 4 KiB
};

class Connection {
 public:
  // To this machine's `port`. Errors: storage, with the system's reason.
  static Result<Connection> open(std::uint16_t port);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  // Sends a request and reads the answer to its end. Errors: lane_lost (closed, nonsense, a minute
  // without a byte).
  Result<Received> ask(std::string_view request);
  // Sends only.
  Result<> send(std::string_view request);
  int descriptor() const { return socket_; }
  // Bytes that came, at most `count`; 0: none within `limit`. Errors: lane_lost.
  Result<std::size_t> read_some(std::size_t count, std::chrono::milliseconds limit);

 private:
  explicit Connection(int socket) : socket_(socket) {}
  Result<> fill();                   // at least one byte more
  Result<std::string_view> line();   // without its end
  Result<> skip(std::size_t count);  // bytes of a body
  void note_first(Received& received) const;

  int socket_ = -1;
  std::string buffer_;
  std::size_t read_ = 0;  // of buffer_
  std::chrono::steady_clock::time_point asked_;
};

// A chat completion of `model` as OpenAI's clients send it, with `more` fields of the document and
// `headers`, each with its "\r\n".
std::string chat_request(std::string_view model, bool stream, std::string_view more = "",
                         std::string_view headers = "");
std::string get_request(std::string_view path);

}  // namespace kai::bench
