// interrupts: Ctrl-C, SIGTERM and SIGHUP, counted while this lives; for a server, SIGHUP apart: it
// does not end it. One that was started to ignore SIGHUP, as nohup does, goes on ignoring it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <functional>
#include <utility>

namespace kai {

// Counts only while the io_context runs; with its death the signals end the process again.
class Interrupts {
 public:
  explicit Interrupts(boost::asio::io_context& io) : Interrupts(io, {}) {}
  // `on_hangup` is called from the io_context.
  Interrupts(boost::asio::io_context& io, std::function<void()> on_hangup)
      : signals_(io, SIGINT, SIGTERM), on_hangup_(std::move(on_hangup)) {
    struct sigaction hangup{};
    ::sigaction(SIGHUP, nullptr, &hangup);
    if (hangup.sa_handler != SIG_IGN) signals_.add(SIGHUP);
    wait();
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  int count() const { return count_; }                           // since the last reset()
  bool to_end() const { return last_ != 0 && last_ != SIGINT; }  // the whole process shall go
  void reset() { count_ = 0; }

 private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      wait();  // first: what follows may throw
      if (signal == SIGHUP && on_hangup_) {
        on_hangup_();
      } else {
        ++count_;
        last_ = signal;
      }
    });
  }

  boost::asio::signal_set signals_;
  std::function<void()> on_hangup_;
  int count_ = 0;
  int last_ = 0;
};

}  // namespace kai
