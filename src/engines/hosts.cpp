#include "engines/hosts.h"

#include <algorithm>

namespace kai {

Host* Hosts::host(const DeviceId& device) const {
  const auto found = std::ranges::find_if(
      hosts_, [&](const auto& one) { return one->options().name == device.text; });
  return found == hosts_.end() ? nullptr : found->get();
}

Task<Answer> Hosts::ask(std::vector<Message> messages, Ask ask, const Model& model,
                        const Lease& lease, OnStep on_step) {
  if (Host* there = host(lease.lane().device)) {
    co_return co_await there->ask(std::move(messages), std::move(ask), model, std::move(on_step));
  }
  co_return co_await engine_.ask(std::move(messages), std::move(ask), model, lease,
                                 std::move(on_step));
}

std::string Hosts::out(const DeviceId& device) const {
  const Host* there = host(device);
  return there == nullptr ? engine_.out(device) : there->view().out;
}

Task<Result<Residence::Loaded>> Hosts::load(LaneId lane, const Model& model, Claim claim,
                                            Time until, OnProgress on_progress) {
  if (Host* there = host(lane.device)) {
    co_return co_await there->load(model, until, std::move(on_progress));
  }
  co_return co_await residence_.load(std::move(lane), model, std::move(claim), until,
                                     std::move(on_progress));
}

// What a host keeps is its own affair: others may use it.
Task<bool> Hosts::unload(LaneId lane, ModelId model, Time until) {
  if (host(lane.device) != nullptr) co_return false;
  co_return co_await residence_.unload(std::move(lane), std::move(model), until);
}

void Hosts::retire(const LaneId& lane) {
  if (host(lane.device) == nullptr) residence_.retire(lane);
}

}  // namespace kai
