// LaneEngine: asks models that run in this machine's own workers, one worker a lane.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "domain/embedded.h"
#include "engines/core_shares.h"
#include "engines/engine.h"
#include "engines/lane.h"
#include "scheduler/memory_watch.h"
#include "scheduler/scheduler.h"

namespace kai {

class LaneEngine final : public Engine, public Residence, public MemoryGauge {
 public:
  // Workers start with their first model; hosts among the devices have none. `executor` and `clock`
  // outlive this.
  LaneEngine(Executor executor, Clock& clock, std::span<const Device> devices,
             const LaneOptions& options);
  ~LaneEngine() override;

  // Called when a worker died or hung: what it held is gone (wire it to Scheduler::lane_lost).
  void on_lane_lost(std::function<void(const LaneId&)> call) { lane_lost_ = std::move(call); }

  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, const Lease& lease,
                   OnStep on_step) override;
  // Texts as vectors, by the lease's model, which is one for embeddings, until ask.deadline.
  // Errors: deadline, cancelled, model_refused, lane_lost, device_lost, invalid_request (a text has
  // no tokens).
  Task<Result<Embedded>> embed(std::vector<std::string> texts, Ask ask, const Lease& lease);
  Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                            OnProgress on_progress) override;
  Task<bool> unload(LaneId lane, ModelId model, Time until) override;
  // Its process ends, which gives back what no unload does.
  void retire(const LaneId& id) override { lane(id).kill(); }
  // Of the GPUs, by a worker on each; where none runs, there is no reading.
  Task<std::vector<MemoryReading>> read(Time until) override;

 private:
  Lane& lane(const LaneId& id);
  Task<MemoryReading> read_gpu(DeviceId device, Time until);
  void note_lost(const LaneId& lane, const Error& error);
  bool on_cpu(const LaneId& id) const;
  Task<Result<wire::WorkerEvent>> next_event(const LaneId& id, LaneStream& stream, bool shares,
                                             Time until);
  Duration patience(Duration expected, Time until) const;

  Clock& clock_;
  LaneOptions options_;
  std::vector<DeviceId> gpus_;
  std::map<LaneId, std::unique_ptr<Lane>> lanes_;
  CoreShares cores_;
  std::function<void(const LaneId&)> lane_lost_;
};

}  // namespace kai
