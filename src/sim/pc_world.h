// PcWorld: a whole kai on a PC in virtual time: coordinator, planner, scheduler and consensus as
// they are, over models whose costs are the PC's. kai knows these costs as if it had measured each
// model alone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "coordinator/coordinator.h"
#include "coordinator/housekeeper.h"
#include "domain/pc.h"
#include "sim/forgetful_store.h"
#include "sim/pc_engine.h"

namespace kai {

// What a model says to a question, token by token; `random` is this ask's own.
using PcWords = std::function<std::vector<std::string>(
    const ModelId& model, const std::string& question, Random& random)>;

// Nobody is asked otherwise so that kai learns.
CoordinatorOptions without_study();
// Nor is anybody cut for being late, to see how long all of them take.
CoordinatorOptions without_timeouts();

struct PcWorldOptions {
  std::uint64_t seed = 1;
  std::vector<std::size_t> members;  // places in pc.models, each once, at least one
  std::vector<double> priors{};      // 0..1, one a member; empty: 0.5 each
  PcQuestion question{};             // what every model reads and, without `words`, writes
  bool reads_as_planned = false;     // true: it reads as many tokens as its plan says instead
  PcWords words{};
  std::size_t step = 16;  // >= 1: tokens told at once
  Faults faults{};
  bool watch_memory = false;  // what others take of the GPU's memory is seen
  double readings_fail = 0;   // 0..1, of these; see PcEngine
  CoordinatorOptions coordinator = without_study();
  // Of a process that lives on between the questions; nothing: nobody keeps house.
  std::optional<HouseOptions> house{};
};

// What a question, or several, took.
struct PcPlayed {
  std::vector<Outcome> outcomes;
  Duration makespan{};        // from the first question's asking to the last's end
  double gpu_busy = 0;        // 0..1 of the makespan: the GPU's bandwidth or arithmetic in use
  double cpu_busy = 0;        // the same of the CPU
  std::vector<Event> events;  // in their order
  std::vector<std::string> broken;  // promises of the questions, limits of the devices
};

class PcWorld {
 public:
  // `pc` must outlive this. The GPU, "gpu0", and the CPU, "cpu", have two lanes each, of which one
  // answers while the other loads or computes the rest of a split model. The CPU has the PC's
  // memory less the tenth that kai leaves to others.
  PcWorld(const Pc& pc, PcWorldOptions options);
  ~PcWorld();

  // A question with such a text as is planned with about PcQuestion::prompt tokens.
  Query query();
  Query query(std::string text);
  // The same, with every model asked and heard to its end, however long that takes: without
  // PcWorldOptions::words each takes what its card says where nothing else runs.
  Query query_in_full();
  PcPlayed play(Query query);
  // What playing it now would do, as Coordinator::forecast() has it.
  Result<Forecast> forecast(Query query) const { return coordinator_->forecast(std::move(query)); }
  // Each comes at its Query::asked.
  PcPlayed play(std::vector<Query> queries);
  // Lets time pass without a question.
  void pass(Duration time);

  // As Housekeeper::load(), of a world that keeps house; more than `limit` passes.
  Result<Residence::Loaded> load(ModelId model, Duration limit);

  // Sees every event, in its order, before what comes next.
  void on_event(OnEvent watch) { watch_ = std::move(watch); }

  VirtualClock& clock() { return clock_; }
  PcEngine& engine() { return engine_; }
  const Fleet& fleet() const { return fleet_; }
  Scheduler& scheduler() { return *scheduler_; }
  const std::vector<CostCard>& cards() const { return coordinator_->cards(); }
  const std::vector<std::string>& notices() const { return notices_; }  // of who keeps house

 private:
  void note(const Event& event, PcPlayed& played);

  const PcWorldOptions options_;
  const Pc& pc_;
  Random random_;
  boost::asio::io_context io_{1};
  VirtualClock clock_;
  Fleet fleet_;
  ForgetfulStore store_;
  MachineLock lock_;
  PcEngine engine_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<MemoryWatch> memory_;
  std::unique_ptr<Coordinator> coordinator_;
  OnEvent watch_;
  std::optional<Housekeeper> housekeeper_;
  TaskGroup<bool> house_{io_.get_executor()};
  std::vector<std::string> notices_;
};

// A card as measured: a model alone on a device of this kind, with this prompt and answer.
CostCard measured_card(const Pc& pc, const PcModel& model, const Device& device,
                       const PcQuestion& question);

}  // namespace kai
