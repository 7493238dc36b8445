// RunningServer: the `kai serve` that this configuration names, seen from another process.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cli/server_file.h"
#include "cli/terminal.h"
#include "config/config.h"
#include "http/http.h"

namespace kai {

class RunningServer {
 public:
  // The one that runs with this configuration; else whatever listens at serve.address and
  // serve.port, if anything does.
  explicit RunningServer(const Config& config);

  // The body of its answer; blocks for at most `limit`. Errors: storage (nobody listens there, or
  // no kai), deadline, invalid_request (it refused, in its own words).
  Result<std::string> get(const std::string& target, Duration limit = std::chrono::seconds(5));
  Result<std::string> post(const std::string& target, std::string body,
                           Duration limit = std::chrono::seconds(5));

  WallTime now() const { return clock_->wall(); }
  std::string url() const;  // "http://127.0.0.1:11524"
  // Prints an error of this server and gives the exit status: that of a missing key where it wants
  // one.
  int tell(const Error& error, Terminal& terminal) const;
  boost::asio::io_context& io() { return io_; }

 private:
  Result<std::string> ask(http::Request request, Duration limit);

  boost::asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  ServerPlace place_;
  bool wants_key_ = false;  // it said so last
};

}  // namespace kai
