// devices: which devices there are, and which of them kai uses with how many lanes.
#pragma once

#include <vector>

#include "base/result.h"
#include "fleet/fleet.h"
#include "fleet/host.h"
#include "wire/worker_protocol.h"

namespace kai {

// What the CPU may give, see host.h.
struct Machine {
  int cores = 1;
  Bytes memory{};
};

// The devices of `options.devices` in its order ("auto": all, as found), with capacity, lanes and
// threads. A GPU that others have filled is left out unless it was named. Pure.
// Errors: invalid_config.
Result<std::vector<Device>> choose_devices(const std::vector<wire::DeviceFacts>& found,
                                           const FleetOptions& options, const Machine& machine);

// The devices as `kai-worker devices` finds them, none left out. Errors: internal (kai-worker does
// not run).
Result<std::vector<wire::DeviceFacts>> list_devices(const FleetOptions& options);

}  // namespace kai
