#include "api/stdio.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/ensure.h"

namespace kai {

namespace {

namespace mcp = wire::mcp;
using boost::asio::posix::stream_descriptor;

constexpr int overloaded = -32000;  // JSON-RPC leaves these numbers to the server
constexpr Duration look = std::chrono::milliseconds(5);
constexpr Duration last_write = std::chrono::seconds(1);

std::size_t size_of(Bytes bytes) {
  return static_cast<std::size_t>(bytes.count);
}

}  // namespace

// Takes the events of a stream out of their frames.
class Stdio::Lines final : public http::Stream {
 public:
  Lines(Stdio& stdio, std::string id) : stdio_(stdio), id_(std::move(id)) {}

  Task<bool> write(std::string events) override {
    constexpr std::string_view key = "data: ";
    for (std::string_view rest = events; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (!line.starts_with(key)) continue;
      if (stdio_.is_cancelled(id_)) co_return false;
      if (!co_await stdio_.write(std::string(line.substr(key.size())))) co_return false;
    }
    co_return true;
  }

 private:
  Stdio& stdio_;
  std::string id_;
};

Stdio::Stdio(Executor executor, Clock& clock, Handler handler, StdioOptions options)
    : executor_(executor),
      clock_(clock),
      handler_(std::move(handler)),
      options_(options),
      input_(executor, ::dup(options.input)),
      output_(executor, ::dup(options.output)) {}

Stdio::~Stdio() {
  ensure(!reading_ && !writing_, "standard input and output died before run() was over");
}

Task<void> Stdio::run() {
  TaskGroup<bool> calls(executor_);
  while (!broken_) {
    while (auto line = next_line()) take(*line, calls);
    while (co_await calls.next(clock_, clock_.now())) continue;
    if (ended_) break;
    want_input();
    co_await clock_.sleep_on(stirred_, Time::max());
    if (co_await cancelled()) break;
  }
  co_await calls.join();
  co_await shield();
  const Time until = clock_.now() + last_write;
  while (!out_.empty() && !broken_ && clock_.now() < until) {
    co_await clock_.sleep_until(clock_.now() + look);
  }
  // What is called once they are ready refers to this.
  broken_ = true;
  input_.cancel();
  output_.cancel();
  while (reading_ || writing_) co_await clock_.sleep_on(stirred_, Time::max());
  co_await unshield();
}

// Nothing more is read from a client that does not read what it is told.
void Stdio::want_input() {
  if (reading_ || out_.size() > size_of(options_.unread_max)) return;
  reading_ = true;
  input_.async_wait(stream_descriptor::wait_read, [this](boost::system::error_code error) {
    reading_ = false;
    // Any error but this: a file, which cannot be waited for and never has to be.
    if (error != boost::asio::error::operation_aborted) read();
    stirred_.resume();
  });
}

void Stdio::read() {
  char bytes[64 * 1024];
  const auto count = ::read(input_.native_handle(), bytes, sizeof bytes);
  if (count > 0) {
    in_.append(bytes, static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    ended_ = true;
  }
}

std::optional<std::string> Stdio::next_line() {
  for (;;) {
    const auto end = in_.find('\n');
    if (end == std::string::npos) {
      if (in_.size() <= size_of(options_.line_max)) return std::nullopt;
      if (!std::exchange(skipping_, true)) {
        put(mcp::encode_error("null", mcp::invalid_request, "the line is too long"));
      }
      in_.clear();
      return std::nullopt;
    }
    std::string line = in_.substr(0, end);
    in_.erase(0, end + 1);
    if (std::exchange(skipping_, false) || line.empty()) continue;
    return line;
  }
}

void Stdio::take(const std::string& line, TaskGroup<bool>& calls) {
  mcp::Message message = mcp::decode(line);
  if (message.what == mcp::What::nothing) return;
  if (message.what == mcp::What::cancelled) {
    const auto found = running_.find(message.request);
    if (found == running_.end()) return;  // its reply has gone out already
    found->second.cancelled = true;
    calls.cancel(found->second.index);
    return;
  }
  if (message.what == mcp::What::wrong) {
    return put(mcp::encode_error(message.id, message.code, message.error->message));
  }
  if (running_.contains(message.id)) {
    return put(
        mcp::encode_error("null", mcp::invalid_request, "a request of this id is under way"));
  }
  if (running_.size() >= options_.calls_max) {
    return put(mcp::encode_error(message.id, overloaded, "too many requests at once"));
  }
  const std::string id = message.id;
  running_[id].index = calls.start(serve(std::move(message)));
}

Task<bool> Stdio::serve(mcp::Message message) {
  const std::string id = message.id;
  Wait gone;
  http::Exchange exchange;
  exchange.request = {.method = "POST",
                      .target = "/mcp",
                      .body = {},
                      .headers = {{"accept", "application/json, text/event-stream"}}};
  exchange.gone = &gone;
  exchange.stream = [this, id](http::StreamHead) { return lines(id); };
  const Reply reply = co_await handler_(exchange, std::move(message));
  if (reply && !is_cancelled(id)) co_await write(reply->body);
  running_.erase(id);
  stirred_.resume();
  co_return true;
}

Task<std::unique_ptr<http::Stream>> Stdio::lines(std::string id) {
  co_return std::make_unique<Lines>(*this, std::move(id));
}

bool Stdio::is_cancelled(const std::string& id) const {
  const auto found = running_.find(id);
  return found != running_.end() && found->second.cancelled;
}

void Stdio::put(std::string_view line) {
  out_ += line;
  out_ += '\n';
  flush();
}

// False: nobody reads.
Task<bool> Stdio::write(std::string line) {
  put(line);
  const Time until = clock_.now() + options_.write_timeout;
  while (out_.size() > size_of(options_.unread_max) && !broken_) {
    co_await clock_.sleep_until(clock_.now() + look);
    if (co_await cancelled()) co_return false;
    if (clock_.now() < until) continue;
    broken_ = true;
    stirred_.resume();
  }
  co_return !broken_;
}

void Stdio::flush() {
  if (writing_ || out_.empty() || broken_) return;
  writing_ = true;
  output_.async_wait(stream_descriptor::wait_write, [this](boost::system::error_code error) {
    writing_ = false;
    if (error == boost::asio::error::operation_aborted) return stirred_.resume();
    // So much a pipe that is ready takes without blocking.
    const auto count =
        ::write(output_.native_handle(), out_.data(), std::min<std::size_t>(out_.size(), PIPE_BUF));
    if (count > 0) out_.erase(0, static_cast<std::size_t>(count));
    broken_ = count < 0 && errno != EINTR;
    if (out_.empty() || broken_) stirred_.resume();
    flush();
  });
}

}  // namespace kai
