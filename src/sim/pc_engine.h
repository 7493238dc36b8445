// PcEngine: a PC's models for a whole kai in virtual time. What they do takes what the formulas of
// PcMachine say, sharing GPU, CPU and link; memory is counted, and a load that finds too little
// fails as a worker's does. A model may be split between
// the GPU and the CPU's memory.
// Voices of one model share its weights; those that write at once take one reading of them, as the
// planner counts it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/pc.h"
#include "scheduler/memory_watch.h"
#include "sim/fluid_time.h"
#include "sim/pc_machine.h"
#include "sim/script_engine.h"

namespace kai {

class PcEngine final : public ScriptEngine, public MemoryGauge {
 public:
  // `clock` and `pc` outlive this. devices: where the lanes are, each of a kind of its own. Loads
  // are those of Pc::pinned. Models are called as in pc.models.
  PcEngine(Clock& clock, std::uint64_t seed, Faults faults, const Pc& pc,
           std::span<const Device> devices);

  // Another program takes of the GPU's memory what is free, at most `bytes`; gives what it got.
  Bytes steal(Bytes bytes);
  void give_back(Bytes stolen);

  // Of the GPU, at once. Where readings are to fail by chance (0..1), some lie, some hang until
  // they are given up.
  Task<std::vector<MemoryReading>> read(Time until) override;
  void let_readings_fail(double chance) { readings_fail_ = chance; }

  // Of a device's memory: in use by models, and the most that ever was.
  Bytes taken(const DeviceId& device) const { return places_.at(device).taken; }
  Bytes peak(const DeviceId& device) const { return places_.at(device).peak; }
  // The most models that ever answered at once there.
  int running_most(const DeviceId& device) const { return places_.at(device).running_most; }
  int loads_without_memory() const { return loads_without_memory_; }  // refused for want of it
  Seconds used(Part part) { return time_.used(part); }                // so far

 private:
  struct Place {
    DeviceKind kind = DeviceKind::cpu;
    Bytes size{};  // all there is, whatever kai may use
    Bytes taken{};
    Bytes peak{};
    std::map<LaneId, int> answering{};  // voices on each lane that has some
    int running_most = 0;
  };
  struct Held {
    Bytes bytes{};
    Bytes beside{};      // in the CPU's memory, of a model that is split
    double share = 1;    // of its layers on the lane's device
    bool whole = false;  // its weights are there
  };
  Task<void> spend(Stretch stretch, Time until) override;
  Result<> take(const LaneId& lane, const Model& model, const Claim& claim) override;
  void free(const LaneId& lane, const ModelId& model) override;
  void free_all(const LaneId& lane) override;
  void grow(const LaneId& lane, Bytes there, Bytes beside);
  Task<void> spend_load(Stretch stretch, const PcModel& model, double share, Time until);
  Task<void> spend_answer(Stretch stretch, const PcModel& model, double share, Time until);

  Clock& clock_;
  const Pc& pc_;
  FluidTime time_;
  std::map<DeviceId, Place> places_;
  std::map<LaneId, std::map<ModelId, Held>> held_;
  std::map<LaneId, int> groups_;  // of a lane's works
  std::map<LaneId, int> lives_;   // deaths so far
  Bytes stolen_{};
  int loads_without_memory_ = 0;
  double readings_fail_ = 0;
  Random readings_;
};

}  // namespace kai
