// Hosts: engines of others beside this machine's lanes, behind one Engine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engines/engine.h"
#include "engines/host.h"
#include "scheduler/scheduler.h"

namespace kai {

class Hosts final : public Engine, public Residence {
 public:
  // `lanes` is asked for whatever is on no host. All must outlive this, as must `clock`.
  template <class Lanes>
  Hosts(Lanes& lanes, std::vector<std::unique_ptr<Host>> hosts)
      : engine_(lanes), residence_(lanes), hosts_(std::move(hosts)) {}

  const std::vector<std::unique_ptr<Host>>& all() const { return hosts_; }

  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, const Lease& lease,
                   OnStep on_step) override;
  std::string out(const DeviceId& device) const override;
  Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                            OnProgress on_progress) override;
  Task<bool> unload(LaneId lane, ModelId model, Time until) override;
  void retire(const LaneId& lane) override;

 private:
  Host* host(const DeviceId& device) const;  // null: it is a device of this machine

  Engine& engine_;
  Residence& residence_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace kai
