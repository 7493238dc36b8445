// devices: which devices kai uses and with how many lanes, apart from finding them. Pure.
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
// threads. A GPU that others have filled is left out unless it was named.
// Errors: invalid_config.
Result<std::vector<Device>> choose_devices(const std::vector<wire::DeviceFacts>& found,
                                           const FleetOptions& options, const Machine& machine);

}  // namespace kai
