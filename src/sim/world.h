// World: a whole kai in virtual time: coordinator, planner, scheduler and consensus as they are,
// on models that a script plays. Same seed, same story, to the nanosecond.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "coordinator/coordinator.h"
#include "sim/forgetful_store.h"
#include "sim/script_engine.h"

namespace kai {

struct WorldOptions {
  std::uint64_t seed = 1;
  int models = 3;           // 1..12
  int cpu_lanes = 2;        // 1..16
  int tokens = 0;           // of every answer; 0: as a model would write, by the seed
  Bytes memory = 4096_MiB;  // of the one device
  bool digest = true;       // keep one: costs a microsecond an event
  Faults faults;
};

// What a run must never break; a sentence for each time it did.
struct Played {
  Outcome outcome;
  std::vector<std::string> broken;
};

class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();

  // Asks one question and plays it to its end. `patience` > 0: the user leaves after that time.
  Played play(Query query, Duration patience = Duration::zero());
  // The seed's next question: text, tier, mode, deadline, patience, all by chance.
  Played play_next();
  Query query(std::string question);

  void heal() { engine_.heal(); }
  VirtualClock& clock() { return clock_; }
  const Fleet& fleet() const { return fleet_; }
  const Scheduler& scheduler() const { return *scheduler_; }
  // Of everything that happened so far; equal for equal seeds.
  std::uint64_t digest() const { return digest_; }
  std::int64_t faults_played() const { return engine_.faults_played(); }
  void on_event(OnEvent watch) { watch_ = std::move(watch); }

 private:
  void note(const Event& event);

  WorldOptions options_;
  Random random_;
  boost::asio::io_context io_{1};
  VirtualClock clock_;
  Fleet fleet_;
  ForgetfulStore store_;
  MachineLock lock_;
  ScriptEngine engine_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Coordinator> coordinator_;
  OnEvent watch_;
  std::uint64_t digest_ = 0;
};

}  // namespace kai
