#include "engines/lane.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <filesystem>
#include <fstream>

#include "base/process.h"

namespace kai {

namespace {

namespace asio = boost::asio;

class RealLane;

class RealStream final : public LaneStream {
 public:
  RealStream(RealLane& lane, Clock& clock, std::unique_ptr<http::Lines> lines, int start)
      : lane_(lane),
        clock_(clock),
        lines_(std::move(lines)),
        stepped_(clock.now()),
        start_(start) {}
  Task<Result<wire::WorkerEvent>> next(Time until) override;
  void allow(Duration step) override { step_max_ = step; }

 private:
  RealLane& lane_;
  Clock& clock_;
  std::unique_ptr<http::Lines> lines_;
  std::int64_t counter_ = -1;  // of the last beat
  Duration step_max_ = Duration::max();
  std::optional<Time> listening_{};  // since then for the next line, through several next()
  Time stepped_;                     // when the worker last got on
  int start_;                        // which of the lane's processes this speaks with
};

class RealLane final : public Lane {
 public:
  RealLane(Executor executor, Clock& clock, std::string name, std::string device, int threads,
           LaneOptions options)
      : executor_(std::move(executor)),
        clock_(clock),
        name_(std::move(name)),
        device_(std::move(device)),
        threads_(threads),
        options_(std::move(options)) {}
  ~RealLane() override {
    kill();
    std::error_code ignored;
    std::filesystem::remove(socket(), ignored);
    std::filesystem::remove(log(), ignored);
  }

  Task<Result<std::unique_ptr<LaneStream>>> open(http::Request request, Time until) override;
  void kill() override { process_.reset(); }
  bool runs() const override { return process_ != nullptr && !starting_ && !process_->dead(); }
  Task<Result<wire::Status>> status(Time until) override;
  Task<void> use_threads(int threads, Time until) override;
  int starts() const override { return starts_; }

  // Says that the process of start number `start` is lost, with its own last words, and kills it
  // unless another has taken its place already.
  Error lost(int start, std::string_view what);
  const LaneOptions& options() const { return options_; }

 private:
  Task<Result<>> start_process(Time until);
  Task<Result<>> until_ready(Time until);
  std::string socket() const { return options_.folder + "/" + name_ + ".sock"; }
  std::string log() const { return options_.folder + "/" + name_ + ".log"; }

  Executor executor_;
  Clock& clock_;
  std::string name_, device_;
  int threads_;
  LaneOptions options_;
  std::unique_ptr<Process> process_;
  int starts_ = 0;
  int threads_now_ = 0;  // as the process of start number starts_ was told
  int failures_ = 0;     // starts in a row that led to nothing
  Time next_start_{};
  bool starting_ = false;
  Wait started_;
};

Error RealLane::lost(int start, std::string_view what) {
  if (start != starts_) return {ErrorCode::lane_lost, fmt::format("the worker {} died", name_)};
  std::ifstream file(log());
  std::string line;
  std::string last;
  while (std::getline(file, line) && last.size() < 4096) {
    if (!line.empty()) last = line.substr(0, 300);
  }
  kill();
  return {ErrorCode::lane_lost,
          fmt::format("the worker {} {}{}", name_, what, last.empty() ? "" : ": " + last)};
}

Task<Result<std::unique_ptr<LaneStream>>> RealLane::open(http::Request request, Time until) {
  if (!process_ || process_->dead()) {
    if (auto started = co_await start_process(until); !started)
      co_return std::unexpected(started.error());
  }
  const int start = starts_;
  auto lines = co_await http::open(clock_, socket(), std::move(request),
                                   std::min(until, clock_.now() + options_.silence_max));
  if (lines) co_return std::make_unique<RealStream>(*this, clock_, std::move(*lines), start);
  if (lines.error().code == ErrorCode::cancelled) co_return std::unexpected(lines.error());
  if (lines.error().code == ErrorCode::deadline && clock_.now() >= until) {
    co_return std::unexpected(lines.error());
  }
  co_return std::unexpected(
      lost(start, lines.error().code == ErrorCode::deadline ? "does not answer" : "died"));
}

Task<Result<wire::Status>> RealLane::status(Time until) {
  if (!runs()) co_return fail(ErrorCode::lane_lost, fmt::format("no worker {} runs", name_));
  const auto said = co_await http::fetch(clock_, socket(), {"GET", "/status", ""}, until);
  if (!said) co_return std::unexpected(said.error());
  auto status = wire::decode_status(said->body);
  if (status) co_return status;
  co_return fail(ErrorCode::lane_lost, fmt::format("the worker {} spoke nonsense", name_));
}

Task<void> RealLane::use_threads(int threads, Time until) {
  if (threads == threads_now_ || !runs()) co_return;
  const int start = starts_;
  threads_now_ = threads;  // two asks may say it at once
  const auto said =
      co_await http::fetch(clock_, socket(), {"POST", "/threads", wire::encode_threads(threads)},
                           std::min(until, clock_.now() + options_.silence_max));
  if (!said && start == starts_) threads_now_ = 0;
}

Task<Result<>> RealLane::start_process(Time until) {
  // Two asks may find the lane dead at once: the second waits for what the first brings.
  while (starting_) {
    co_await clock_.sleep_until(std::min(until, clock_.now() + std::chrono::milliseconds(5)));
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled");
    if (clock_.now() >= until) co_return fail(ErrorCode::deadline, "no time left");
    if (!starting_ && process_) co_return Result<>{};
  }
  starting_ = true;
  auto result = co_await until_ready(until);
  starting_ = false;
  co_return result;
}

Task<Result<>> RealLane::until_ready(Time until) {
  process_.reset();
  if (clock_.now() < next_start_) {
    if (next_start_ >= until) {
      co_return fail(
          ErrorCode::device_lost,
          fmt::format("the worker {} failed {} times in a row and rests", name_, failures_));
    }
    co_await clock_.sleep_until(next_start_);
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled");
  }
  auto process = Process::start({options_.worker, "serve", "--socket", socket(), "--device",
                                 device_, "--threads", std::to_string(threads_)},
                                log());
  ++starts_;
  threads_now_ = threads_;
  // Growing pauses between deaths; a start that was followed by work resets them (see open()).
  const auto doubled = options_.pause_first * (std::int64_t{1} << std::min(failures_, 20));
  next_start_ = clock_.now() + std::min<Duration>(doubled, options_.pause_max);
  ++failures_;
  if (!process) co_return std::unexpected(process.error());
  process_ = std::move(*process);

  // "ready" arrives, or the output ends with the process, or time runs out.
  struct Ready {
    Wait wait;
    std::string line;
    bool over = false;
  } ready;
  asio::posix::stream_descriptor output(executor_, ::dup(process_->output()));
  asio::async_read_until(output, asio::dynamic_buffer(ready.line, 64), '\n',
                         [&ready](boost::system::error_code, std::size_t) {
                           ready.over = true;
                           ready.wait.resume();
                         });
  const Time latest = std::min(until, clock_.now() + options_.start_max);
  while (!ready.over && clock_.now() < latest && !co_await cancelled()) {
    co_await clock_.sleep_on(ready.wait, latest);
  }
  const bool stop = co_await cancelled();
  if (!ready.over) {
    output.cancel();
    co_await shield();
    while (!ready.over) co_await ready.wait.until_resumed();
    co_await unshield();
  }
  if (ready.line.starts_with("ready")) {
    failures_ = 0;
    co_return Result<>{};
  }
  if (stop) {
    kill();
    co_return fail(ErrorCode::cancelled, "cancelled");
  }
  if (clock_.now() >= until && latest == until) {
    kill();
    co_return fail(ErrorCode::deadline, "no time was left to start a worker");
  }
  co_return fail(ErrorCode::device_lost, lost(starts_, "did not start").message);
}

Task<Result<wire::WorkerEvent>> RealStream::next(Time until) {
  for (;;) {
    if (!listening_) listening_ = clock_.now();
    const Time silent = *listening_ + lane_.options().silence_max;
    auto line = co_await lines_->next(std::min(until, silent));
    if (!line) {
      const ErrorCode code = line.error().code;
      if (code == ErrorCode::cancelled) co_return std::unexpected(line.error());
      if (code == ErrorCode::deadline && clock_.now() >= until) {
        co_return std::unexpected(line.error());
      }
      co_return std::unexpected(
          lane_.lost(start_, code == ErrorCode::deadline ? "gave no sign of life" : "died"));
    }
    listening_.reset();
    if (!*line) co_return std::unexpected(lane_.lost(start_, "ended its answer too early"));
    auto event = wire::decode_event(**line);
    if (!event) co_return std::unexpected(lane_.lost(start_, "spoke nonsense"));
    const auto* beat = std::get_if<wire::Beat>(&*event);
    if (beat == nullptr || std::exchange(counter_, beat->counter) != beat->counter) {
      stepped_ = clock_.now();
    }
    if (beat == nullptr) co_return std::move(*event);
    if (clock_.now() - stepped_ > std::min(step_max_, lane_.options().step_max)) {
      co_return std::unexpected(lane_.lost(start_, "does not get on"));
    }
  }
}

}  // namespace

std::unique_ptr<Lane> make_lane(Executor executor, Clock& clock, std::string name,
                                std::string device, int threads, LaneOptions options) {
  return std::make_unique<RealLane>(std::move(executor), clock, std::move(name), std::move(device),
                                    threads, std::move(options));
}

}  // namespace kai
