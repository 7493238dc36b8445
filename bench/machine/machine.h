// machine: kai's scheduler, engine and coordinator over real workers of this machine, on one of its
// devices, which holds only some of its members.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/coordinator.h"
#include "engines/lane_engine.h"
#include "scheduler/scheduler.h"
#include "sim/forgetful_store.h"

namespace kai::bench {

// All members' model files, of one shape. `facts`: of each of them; `folder`: exists, private.
struct Members {
  std::vector<std::string> paths;
  ModelFacts facts;
  std::string folder;
};

// What one ask was given.
struct Served {
  Answer answer;
  Duration load{};  // 0: its model was there
};

// Where they answer.
struct Site {
  DeviceId device{"cpu"};  // as `kai-worker devices` names it
  int holds = 1;           // members at a time, >= 1
  int threads = 1;         // of a lane, on the CPU
};

class Machine {
 public:
  // overtaken_max: see SchedulerOptions; 0 s is the order of asking.
  Machine(const Members& members, const Site& site, Duration overtaken_max);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // `questions` questions at once, each to all members in their order; all answers, or the first
  // error. Members' answers have exactly `answer_tokens`.
  Result<std::vector<Served>> ask_all(int questions);

  // One question to all members through kai's own planner and coordinator, to its end. It learns
  // its cards as kai does.
  struct Finish {
    Duration predicted{}, real{};
  };
  Result<Finish> ask_planned(std::vector<ModelId> members);
  const std::vector<CostCard>& cards() const { return coordinator_->cards(); }
  const std::vector<Model>& models() const { return fleet_.models; }

  static constexpr std::int64_t answer_tokens = 16;

 private:
  template <class T>
  T drive(Task<T> task);
  Task<Result<std::vector<Served>>> ask_group(int questions);
  Task<Result<Served>> ask_one(const Model& model, std::string question);

  boost::asio::io_context io_{1};
  std::unique_ptr<Clock> clock_ = make_real_clock(io_.get_executor());
  Fleet fleet_;
  ForgetfulStore store_;
  MachineLock lock_{"", *clock_};
  std::optional<LaneEngine> engine_;
  std::optional<Scheduler> scheduler_;
  std::optional<Coordinator> coordinator_;
  int asked_ = 0;
};

}  // namespace kai::bench
