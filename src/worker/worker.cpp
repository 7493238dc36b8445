#include "worker/worker.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <deque>
#include <map>

#include "base/clock.h"
#include "http/http.h"
#include "worker/memory_probe.h"
#include "worker/runner.h"
#include "worker/runtime.h"

namespace kai {

namespace {

namespace asio = boost::asio;

bool is_last(const wire::WorkerEvent& event) {
  return std::holds_alternative<wire::Loaded>(event) || std::holds_alternative<wire::Done>(event) ||
         std::holds_alternative<wire::Failed>(event);
}

http::Response refusal(int status, const Error& error) {
  return {status, "application/json", wire::encode(wire::WorkerEvent{wire::Failed{error}}) + "\n"};
}

// The routes. Lives on the I/O thread; the runner's events reach it through the executor.
class Routes {
 public:
  Routes(asio::io_context& io, Clock& clock, const RuntimeDevice& device,
         const WorkerOptions& options)
      : clock_(clock),
        beat_(options.beat),
        probe_(device),
        runner_(device, options.threads, [this, &io](Runner::Id id, wire::WorkerEvent event) {
          asio::post(io, [this, id, event = std::move(event)]() mutable {
            deliver(id, std::move(event));
          });
        }) {}

  Task<std::optional<http::Response>> answer(http::Exchange& exchange) {
    const http::Request& request = exchange.request;
    if (request.method == "GET" && request.target == "/status") {
      co_return http::Response{200, "application/json", wire::encode(co_await status()) + "\n"};
    }
    if (request.method != "POST") {
      co_return refusal(405, {ErrorCode::invalid_request, "only POST works here"});
    }
    if (request.target == "/load") {
      const auto load = wire::decode_load(request.body);
      if (!load) co_return refusal(400, load.error());
      co_await follow(exchange, runner_.load(*load));
    } else if (request.target == "/generate") {
      const auto generate = wire::decode_generate(request.body);
      if (!generate) co_return refusal(400, generate.error());
      co_await follow(exchange, runner_.generate(*generate));
    } else if (request.target == "/embed") {
      const auto embed = wire::decode_embed(request.body);
      if (!embed) co_return refusal(400, embed.error());
      co_await follow(exchange, runner_.embed(*embed));
    } else if (request.target == "/unload") {
      const auto model = wire::decode_unload(request.body);
      if (!model) co_return refusal(400, model.error());
      co_await follow(exchange, runner_.unload(*model));
    } else if (request.target == "/threads") {
      const auto threads = wire::decode_threads(request.body);
      if (!threads) co_return refusal(400, threads.error());
      runner_.use_threads(*threads);
      co_return http::Response{200, "application/json", "{}\n"};
    } else {
      co_return refusal(404, {ErrorCode::not_found, "no such route: " + request.target});
    }
    co_return std::nullopt;
  }

 private:
  struct Mailbox {
    std::deque<wire::WorkerEvent> events;
    Wait* arrived;
  };

  // With what the driver says of the device's memory, if it says so soon.
  Task<wire::Status> status() {
    const Time start = clock_.now();
    probe_.ask();
    auto reading = probe_.since(start);
    while (!reading && clock_.now() - start < probe_time) {
      co_await clock_.sleep_until(clock_.now() + probe_look);
      if (co_await cancelled()) break;
      reading = probe_.since(start);
    }
    wire::Status status = runner_.status();
    if (reading) {
      status.free = reading->free;
      status.total = reading->total;
    }
    co_return status;
  }

  void deliver(Runner::Id id, wire::WorkerEvent event) {
    const auto found = mailboxes_.find(id);
    if (found == mailboxes_.end()) return;  // its client has left
    found->second.events.push_back(std::move(event));
    found->second.arrived->resume();
  }

  // Writes an order's events until the last, with a beat between them, or until the client leaves.
  Task<void> follow(http::Exchange& exchange, Runner::Id id) {
    Mailbox& mailbox = mailboxes_.emplace(id, Mailbox{{}, exchange.gone}).first->second;
    const auto stream = co_await exchange.stream({"application/x-ndjson"});
    Time next_beat = clock_.now() + beat_;
    bool last = false;
    while (stream && !last) {
      if (mailbox.events.empty()) co_await clock_.sleep_on(*exchange.gone, next_beat);
      std::string lines;
      while (!mailbox.events.empty() && !last) {
        last = is_last(mailbox.events.front());
        lines += wire::encode(mailbox.events.front()) + "\n";
        mailbox.events.pop_front();
      }
      // Woken without an event: time for a beat, or the client has left, which writing one shows.
      if (lines.empty() || clock_.now() >= next_beat) {
        lines += wire::encode(wire::WorkerEvent{wire::Beat{runner_.counter()}}) + "\n";
        next_beat = clock_.now() + beat_;
      }
      if (!co_await stream->write(std::move(lines))) {
        last = false;
        break;
      }
    }
    mailboxes_.erase(id);
    if (!last) runner_.cancel(id);
  }

  Clock& clock_;
  static constexpr Duration probe_time = std::chrono::milliseconds(300);
  static constexpr Duration probe_look = std::chrono::milliseconds(2);

  Duration beat_;
  MemoryProbe probe_;
  std::map<Runner::Id, Mailbox> mailboxes_;
  Runner runner_;  // last: its thread posts to all of the above
};

// The end of stdin is the parent's end: the pipe dies with it, whatever killed it.
void stop_at_end_of_input(asio::posix::stream_descriptor& input, asio::io_context& io) {
  input.async_wait(asio::posix::stream_descriptor::wait_read, [&](boost::system::error_code error) {
    char bytes[256];
    if (error || ::read(STDIN_FILENO, bytes, sizeof bytes) <= 0) {
      io.stop();
    } else {
      stop_at_end_of_input(input, io);
    }
  });
}

}  // namespace

Result<> serve_worker(const WorkerOptions& options) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  start_runtime();
  const auto device = runtime_device(options.device);
  if (!device) return std::unexpected(device.error());

  asio::io_context io(1);
  const auto clock = make_real_clock(io.get_executor());
  asio::signal_set signals(io, SIGTERM);
  signals.async_wait([&](auto, int) { io.stop(); });
  // A terminal's Ctrl-C reaches the whole group; kai itself decides when its workers end.
  std::signal(SIGINT, SIG_IGN);

  Routes routes(io, *clock, *device, options);
  auto server =
      http::serve(io.get_executor(), *clock, options.socket,
                  [&routes](http::Exchange& exchange) { return routes.answer(exchange); });
  if (!server) return std::unexpected(server.error());
  asio::posix::stream_descriptor input(io, ::dup(STDIN_FILENO));
  stop_at_end_of_input(input, io);
  // Ready: whoever started us waits for this line.
  fmt::print("ready\n");
  std::fflush(stdout);
  io.run();
  // A decode may be in its middle and a load deaf for long: nothing here is worth waiting for.
  ::unlink(options.socket.c_str());
  std::_Exit(0);
}

}  // namespace kai
