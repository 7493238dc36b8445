// LaneEngine: asks models that run in this machine's own workers, one worker a lane.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>

#include "engines/engine.h"
#include "engines/lane.h"
#include "scheduler/scheduler.h"

namespace kai {

class LaneEngine final : public Engine, public Residence {
 public:
  // Workers start with their first model. `executor` and `clock` outlive this.
  LaneEngine(Executor executor, Clock& clock, std::span<const Device> devices,
             const LaneOptions& options);
  ~LaneEngine() override;

  // Called when a worker died or hung: what it held is gone (wire it to Scheduler::lane_lost).
  void on_lane_lost(std::function<void(const LaneId&)> call) { lane_lost_ = std::move(call); }

  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, const Lease& lease,
                   OnStep on_step) override;
  Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                            OnProgress on_progress) override;
  Task<void> unload(LaneId lane, ModelId model, Time until) override;

 private:
  Lane& lane(const LaneId& id);
  void note_lost(const LaneId& lane, const Error& error);

  Clock& clock_;
  std::map<LaneId, std::unique_ptr<Lane>> lanes_;
  int split_threads_ = 1;           // for the layers of a GPU's model that are on the CPU
  std::map<ModelId, int> crashes_;  // loads in a row that killed their worker
  std::function<void(const LaneId&)> lane_lost_;
};

}  // namespace kai
