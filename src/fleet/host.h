// host: how much of this machine a process may use, which in a container is less than there is.
#pragma once

#include <string>

#include "base/quantities.h"

namespace kai {

// Where the kernel tells; tests put files of their own there.
struct HostFiles {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
};

// Cores that may be used at once, >= 1: the processor's, bounded by the process's affinity and by
// its control groups' CPU quota (v1 and v2), rounded down: threads beyond a quota are stopped for
// most of every period, and ggml's others spin meanwhile.
int usable_cores(const HostFiles& files = {});

// Memory that may still be taken: what is available, bounded by the limits of the control groups
// (v1 and v2), their reclaimable file cache counted as free. Nothing is taken off.
Bytes usable_memory(const HostFiles& files = {});

}  // namespace kai
