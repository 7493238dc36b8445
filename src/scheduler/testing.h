// For the tests of scheduler: virtual time that a test moves, and a residence that it directs.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/task_group.h"
#include "scheduler/scheduler.h"

namespace kai::testing_scheduler {

using namespace std::chrono_literals;

// Tasks side by side in time that stands still until pass().
class VirtualTime {
 public:
  // Lets everything happen that needs no time.
  void settle() {
    io.restart();
    io.poll();
  }
  void pass(Duration time) {
    bool over = false;
    start(sleep(over, clock.now() + time));
    while (!over && clock.advance()) settle();
  }
  std::size_t start(Task<bool> task) {
    const std::size_t index = group.start(std::move(task));
    settle();
    return index;
  }
  void cancel(std::size_t index) {
    group.cancel(index);
    settle();
  }

  boost::asio::io_context io{1};
  VirtualClock clock;
  TaskGroup<bool> group{io.get_executor()};

 private:
  // Twice, so that it wakes behind all others who wait for that instant.
  Task<bool> sleep(bool& over, Time until) {
    co_await clock.sleep_until(until);
    co_await clock.sleep_until(until);
    over = true;
    co_return true;
  }
};

// Loads in a second, unloads in 100 ms, unless a test says otherwise. Keeps book of what lies in
// memory: a load that fails leaves nothing there, as the worker promises.
class FakeResidence final : public Residence {
 public:
  explicit FakeResidence(Clock& clock) : clock_(clock) {}

  Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                            OnProgress on_progress) override {
    done.push_back(fmt::format("load {} {}x{} on {}", model.id.text, claim.context.count,
                               claim.sequences, lane.index));
    if (on_progress) on_progress(0.5);
    const int life = deaths_[lane];
    const Time begun = clock_.now();
    loads_max = std::max(loads_max, ++loads_);
    if (unread_for == Duration{}) {
      memory[lane][model.id] = std::max(memory[lane][model.id], model.facts.weights);
    }
    co_await clock_.sleep_until(std::min(until, clock_.now() + load_time));
    --loads_;
    const bool left = co_await cancelled();
    if (left && clock_.now() < begun + unread_for) {
      co_return fail(ErrorCode::cancelled, "cancelled before it was read");
    }
    if (deaths_[lane] != life) co_return fail(ErrorCode::lane_lost, "died while loading");
    memory[lane].erase(model.id);
    if (left) co_return fail(ErrorCode::cancelled, "cancelled");
    if (clock_.now() >= until) co_return fail(ErrorCode::deadline, "no time left to load");
    if (const auto error = load_fails ? load_fails(lane, model.id) : std::nullopt) {
      co_return std::unexpected(*error);
    }
    memory[lane][model.id] = model.facts.weights;
    co_return Loaded{model.facts.weights, {}, {}, 1s};
  }
  Task<bool> unload(LaneId lane, ModelId model, Time until) override {
    done.push_back(fmt::format("unload {} on {}", model.text, lane.index));
    co_await clock_.sleep_until(std::min(until, clock_.now() + 100ms));
    if (co_await cancelled()) unloads_cut.push_back(lane);
    memory[lane].erase(model);
    if (after_unload) after_unload(lane);
    co_return unloads_end_lanes;
  }

  void retire(const LaneId& lane) override {
    EXPECT_TRUE(memory[lane].empty());
    done.push_back(fmt::format("retire {}", lane.index));
  }

  // The worker dies, with all that it holds.
  void lose(const LaneId& lane) {
    memory[lane].clear();
    ++deaths_[lane];
  }

  Bytes in_memory() const {
    Bytes sum;
    for (const auto& [lane, models] : memory) {
      for (const auto& [model, bytes] : models) sum += bytes;
    }
    return sum;
  }

  Duration load_time = 1s;
  // A load that is cut before that leaves what lay there, and adds nothing.
  Duration unread_for{};
  std::function<std::optional<Error>(const LaneId&, const ModelId&)> load_fails;
  std::function<void(const LaneId&)> after_unload;
  std::vector<std::string> done;
  std::map<LaneId, std::map<ModelId, Bytes>> memory;
  int loads_max = 0;                // at once, ever
  bool unloads_end_lanes = false;   // what an unload says of itself
  std::vector<LaneId> unloads_cut;  // each would have cost the lane

 private:
  Clock& clock_;
  int loads_ = 0;
  std::map<LaneId, int> deaths_;
};

// One acquire(), from outside.
struct Asking {
  std::optional<Result<Lease>> got;  // nothing: it still waits, or has given its lease back
  int queued = 0;                    // calls of AcquireProgress::queued
  std::vector<double> loading;
  std::size_t task = 0;
  Time asked;
  std::optional<Time> ended;  // with its lease or without
  bool served = false;        // with its lease
  bool elsewhere = false;     // set by a test: it is to be asked on another device

  bool waits() const { return !ended; }
  bool has_lease() const { return got && got->has_value(); }
  ErrorCode error() const {
    return got && !got->has_value() ? got->error().code : ErrorCode::internal;
  }
};

// A scheduler over one device of 100 bytes, asked by a test. running 0: as many as lanes.
class Desk {
 public:
  explicit Desk(int lanes, int running = 0, SchedulerOptions options = {},
                DeviceKind kind = DeviceKind::cpu)
      : devices_{{DeviceId("cpu"), kind, "", Bytes(100), lanes, 1, running == 0 ? lanes : running}},
        scheduler{devices_, residence, time.clock, options} {}
  ~Desk() {
    // Leases must not outlive the scheduler.
    time.group.cancel_all();
    time.settle();
    while (time.group.running() > 0 && time.clock.advance()) time.settle();
    askings_.clear();
  }

  // A model of `bytes` in all, whatever its context.
  Asking& ask(const std::string& name, std::int64_t bytes, Duration patience = 1h,
              std::int64_t context = 10, int sequences = 1) {
    Ask ask;
    ask.sequences = sequences;
    ask.context = Tokens(context);
    return ask_for(std::move(ask), name, bytes, patience);
  }
  // Of a question that is wanted that soon, an answer of so long.
  Asking& ask_wanted(const std::string& name, std::int64_t bytes, Duration wanted_in,
                     Duration run = {}) {
    Ask ask;
    ask.context = Tokens(10);
    ask.wanted_by = time.clock.now() + wanted_in;
    ask.decode = run;
    return ask_for(std::move(ask), name, bytes, 1h);
  }
  // Asks and waits until it has its lease.
  Asking& get(const std::string& name, std::int64_t bytes, std::int64_t context = 10) {
    Asking& asking = ask(name, bytes, 1h, context);
    time.pass(2s);
    EXPECT_TRUE(asking.has_lease()) << name;
    return asking;
  }
  void give_back(Asking& asking) {
    asking.got.reset();
    time.settle();
  }
  // The device has another capacity, and everybody learns of it.
  void resize(std::int64_t bytes) {
    scheduler.set_capacity(DeviceId("cpu"), Bytes(bytes));
    time.start(settle());
    time.pass(1s);
  }
  void leave(Asking& asking) { time.cancel(asking.task); }
  // Models that answer now.
  std::size_t running() const {
    std::set<ModelId> models;
    for (const auto& asking : askings_) {
      if (asking.has_lease()) models.insert((*asking.got)->model());
    }
    return models.size();
  }
  Bytes held() const { return scheduler.ledger().held(DeviceId("cpu")); }

 private:
  Asking& ask_for(Ask ask, const std::string& name, std::int64_t bytes, Duration patience) {
    ask.member = MemberId(name);
    ask.model = ModelId(name);
    ask.device = DeviceId("cpu");
    ask.deadline = time.clock.now() + patience;
    Asking& asking = askings_.emplace_back();
    asking.asked = time.clock.now();
    asking.task = time.start(acquire(asking, std::move(ask), model_of(name, bytes)));
    return asking;
  }
  const Model& model_of(const std::string& name, std::int64_t bytes) {
    Model& model = models_.emplace_back();
    model.id = ModelId(name);
    model.facts.weights = Bytes(bytes);
    return model;
  }
  Task<bool> settle() {
    co_await scheduler.settle(DeviceId("cpu"), time.clock.now() + 5s);
    co_return true;
  }
  Task<bool> acquire(Asking& asking, Ask ask, const Model& model) {
    const CostCard card{ask.model, ask.device, model.facts.weights, kv_per_token, {}, {}, 1, 1, 0};
    asking.got.emplace(co_await scheduler.acquire(
        ask, model, card,
        {[&asking] { ++asking.queued; }, [&asking](double done) { asking.loading.push_back(done); },
         [&asking] { return asking.elsewhere; }}));
    asking.ended = time.clock.now();
    asking.served = asking.got->has_value();
    co_return true;
  }

  std::deque<Model> models_;
  std::vector<Device> devices_;

 public:
  Bytes kv_per_token{};
  VirtualTime time;
  FakeResidence residence{time.clock};
  Scheduler scheduler;

 private:
  std::deque<Asking> askings_;
};

}  // namespace kai::testing_scheduler
