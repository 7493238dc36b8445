// stdio: MCP over standard input and output, for a program that starts kai itself: one message a
// line.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/answering.h"
#include "base/clock.h"
#include "base/quantities.h"
#include "base/task.h"
#include "base/task_group.h"
#include "http/http.h"
#include "wire/mcp.h"

namespace kai {

struct StdioOptions {
  int input = 0, output = 1;  // descriptors; they stay open
  Bytes line_max = 4_MiB;
  std::size_t calls_max = 64;                         // at once; further ones are refused
  Bytes unread_max = 1_MiB;                           // written ahead of the reader
  Duration write_timeout = std::chrono::seconds(30);  // with so much unread; later: the client left
};

class Stdio {
 public:
  // As Mcp::answer().
  using Handler = std::function<Task<Reply>(http::Exchange&, wire::mcp::Message)>;

  // `clock` and what `handler` refers to must outlive this.
  Stdio(Executor executor, Clock& clock, Handler handler, StdioOptions options = {});
  ~Stdio();
  Stdio(const Stdio&) = delete;
  Stdio& operator=(const Stdio&) = delete;

  // Until the input ends, nobody reads the output, or the task is cancelled: then whatever is being
  // answered is cancelled, too. Once.
  Task<void> run();

 private:
  class Lines;
  struct Call {
    std::size_t index = 0;
    bool cancelled = false;
  };

  void want_input();
  void read();
  std::optional<std::string> next_line();
  void take(const std::string& line, TaskGroup<bool>& calls);
  Task<bool> serve(wire::mcp::Message message);
  Task<std::unique_ptr<http::Stream>> lines(std::string id);
  bool is_cancelled(const std::string& id) const;
  void put(std::string_view line);
  Task<bool> write(std::string line);
  void flush();

  Executor executor_;
  Clock& clock_;
  Handler handler_;
  StdioOptions options_;
  boost::asio::posix::stream_descriptor input_, output_;
  std::string in_, out_;  // not yet taken, not yet written
  bool reading_ = false, writing_ = false;
  bool skipping_ = false;                // the rest of a line that is too long
  bool ended_ = false;                   // the input has
  bool broken_ = false;                  // the output is
  std::map<std::string, Call> running_;  // by the request's id
  Wait stirred_;                         // of run()
};

}  // namespace kai
