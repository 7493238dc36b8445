// Lanes whose worker is played by the test: a script that says "ready" in its place, and a server
// that listens at its socket. So every word of a worker, and every silence, can be had.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <filesystem>
#include <fstream>

#include "base/task_group.h"
#include "engines/lane_engine.h"
#include "http/http.h"
#include "wire/worker_protocol.h"

namespace kai::testing_engines {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

inline const LaneId lane{DeviceId("cpu"), 0};

// What the played worker says to one request: its lines, then the end of its answer, or silence
// until the client leaves.
struct Say {
  std::vector<wire::WorkerEvent> events = {};
  std::string raw = {};  // after them, as it is
  bool stays = false;    // never ends by itself
  bool beats = false;    // and gives a sign of life every 20 ms, always the same
  int steps = 0;         // before that, so many signs of a worker that gets on, and …
  std::vector<wire::WorkerEvent> then = {};  // … these
};

class LaneEngineTest : public testing::Test {
 protected:
  LaneEngineTest() {
    std::string name = (fs::temp_directory_path() / "kai-lane-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    options_.folder = folder_;
    options_.silence_max = 100ms;
    options_.step_min = 100ms;
    options_.step_max = 150ms;
    options_.pause_first = 1ms;
    options_.pause_max = 2ms;
    become("echo ready; exec cat");
    model_.id = ModelId("m:1b");
    model_.path = "/m.gguf";
    ask_.member = MemberId("m:1b#2");
    ask_.model = model_.id;
    ask_.device = lane.device;
    ask_.answer_max = Tokens(8);
  }
  ~LaneEngineTest() override {
    engine_.reset();
    servers_.clear();
    io_.restart();
    io_.run_for(1s);
    fs::remove_all(folder_);
  }

  // The program that stands for the worker.
  void become(const std::string& commands) {
    options_.worker = folder_ + "/worker";
    std::ofstream(options_.worker) << "#!/bin/sh\n" << commands << '\n';
    fs::permissions(options_.worker, fs::perms::owner_all);
  }
  // What it says to the next requests, in their order; the last again and again.
  void says(std::vector<Say> says) { says_.assign(says.begin(), says.end()); }

  LaneEngine& engine() {
    if (!engine_) {
      for (const std::string name : {"cpu.0", "gpu0.0"}) {
        auto server =
            http::serve(io_.get_executor(), *clock_, folder_ + "/" + name + ".sock",
                        [this, name](http::Exchange& exchange) { return answer(exchange, name); });
        EXPECT_TRUE(server);
        servers_.push_back(std::move(*server));
      }
      engine_ = std::make_unique<LaneEngine>(io_.get_executor(), *clock_, devices_, options_);
      engine_->on_lane_lost([this](const LaneId&) { ++lost_; });
    }
    return *engine_;
  }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      result.emplace(std::move(value));
    });
    const Time until = clock_->now() + 20s;
    while (!result && clock_->now() < until) {
      io_.restart();
      io_.run_one_for(50ms);
    }
    EXPECT_TRUE(result) << "the task hangs";
    return std::move(*result);
  }

  Result<Residence::Loaded> load(Duration patience = 10s, Duration expected = {}) {
    return run(engine().load(lane, model_, {.context = Tokens(64), .load = expected},
                             clock_->now() + patience,
                             [this](double done) { progress_.push_back(done); }));
  }
  Answer ask(Duration patience = 10s) {
    ask_.deadline = clock_->now() + patience;
    return run(asked());
  }
  Task<Answer> asked() {
    LaneEngine& lanes = engine();
    Scheduler scheduler(devices_, ready_, *clock_);
    const auto lease = co_await scheduler.acquire(ask_, model_, CostCard{}, {});
    co_return co_await lanes.ask({{Role::user, "Why?"}}, ask_, model_, *lease,
                                 [this](const auto& step) { steps_.push_back(step.index()); });
  }
  // Whether kai ended the lane for it.
  Task<bool> unloaded(Duration patience) {
    return engine().unload(lane, model_.id, clock_->now() + patience);
  }

  // A residence where everything is there at once, for a lease.
  class Ready final : public Residence {
   public:
    Task<Result<Loaded>> load(LaneId, const Model&, Claim, Time, OnProgress) override {
      co_return Loaded{};
    }
    Task<bool> unload(LaneId, ModelId, Time) override { co_return false; }
  };

  Task<std::optional<http::Response>> answer(http::Exchange& exchange, std::string worker) {
    if (exchange.request.target == "/threads") {
      if (deaf_) co_await clock_->sleep_on(*exchange.gone, Time::max());
      threads_.emplace_back(worker, *wire::decode_threads(exchange.request.body));
      co_return http::Response{200, "application/json", "{}"};
    }
    requests_.push_back(exchange.request);
    if (exchange.request.target == "/status") {
      co_return http::Response{200, "application/json", status_};
    }
    if (says_.empty()) co_return http::Response{500, "text/plain", "no"};
    const Say say = says_.front();
    if (says_.size() > 1) says_.pop_front();
    const auto stream = co_await exchange.stream({"application/x-ndjson"});
    std::string lines;
    for (const auto& event : say.events) lines += wire::encode(event) + '\n';
    bool hears = stream && co_await stream->write(lines + say.raw);
    for (int step = 0; hears && step < say.steps; ++step) {
      co_await clock_->sleep_until(clock_->now() + 20ms);
      hears = co_await stream->write(wire::encode(wire::WorkerEvent{wire::Beat{step}}) + '\n');
    }
    for (const auto& event : say.then) hears = co_await stream->write(wire::encode(event) + '\n');
    while (hears && say.stays) {
      const Time next = say.beats ? clock_->now() + 20ms : Time::max();
      co_await clock_->sleep_on(*exchange.gone, next);
      hears = say.beats &&
              co_await stream->write(wire::encode(wire::WorkerEvent{wire::Beat{1}}) + '\n');
    }
    co_return std::nullopt;
  }

  std::string folder_;
  LaneOptions options_;
  boost::asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  std::vector<Device> devices_{{lane.device, DeviceKind::cpu, "", Bytes(100), 1, 1}};
  Ready ready_;
  Model model_;
  Ask ask_;
  std::deque<Say> says_;
  std::string status_;                   // the answer to GET /status
  std::vector<http::Request> requests_;  // but those of threads
  std::vector<std::pair<std::string, int>> threads_;
  bool deaf_ = false;  // to what it is told of threads
  std::vector<double> progress_;
  std::vector<std::size_t> steps_;
  int lost_ = 0;
  std::vector<std::unique_ptr<http::Server>> servers_;
  std::unique_ptr<LaneEngine> engine_;
};

}  // namespace kai::testing_engines
