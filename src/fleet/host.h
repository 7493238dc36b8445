// host: how much of this machine a process may use, which in a container is less than there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/quantities.h"

namespace kai {

// Where the kernel tells; tests put files of their own there.
struct HostFiles {
  std::string proc = "/proc";
  std::string cgroup = "/sys/fs/cgroup";
  std::string pci = "/sys/bus/pci/devices";
  std::string dev = "/dev";
  std::string etc = "/etc";
  std::string classes = "/sys/class";
};

// A graphics card, whether or not anything can use it.
enum class CardMaker : std::uint8_t { nvidia, amd, intel };
struct GraphicsCard {
  CardMaker maker = CardMaker::nvidia;
  std::string bus;     // "0000:01:00.0"
  std::string driver;  // of the kernel: "nvidia", "nouveau", "amdgpu", …; empty: none
};
// Those of the three makers on the PCI bus, in its order; none inside most virtual machines.
std::vector<GraphicsCard> graphics_cards(const HostFiles& files = {});

// Whether this user may open the kernel's render nodes, through which Vulkan computes.
enum class RenderNode : std::uint8_t { none, closed, open };
RenderNode render_node(const HostFiles& files = {});

// The distribution's families by the names of os-release, its own first: "ubuntu debian".
std::string distribution(const HostFiles& files = {});

// Cores that may be used at once, >= 1: the processor's, bounded by the process's affinity and by
// its control groups' CPU quota (v1 and v2), rounded down: threads beyond a quota are stopped for
// most of every period, and ggml's others spin meanwhile.
int usable_cores(const HostFiles& files = {});

// The same before it is rounded: 1.5 of a quota of 150 %; > 0.
double core_limit(const HostFiles& files = {});

// The machine's memory, or the smallest limit of the control groups (v1 and v2); 0: not known.
Bytes memory_limit(const HostFiles& files = {});

// Memory that may still be taken: what is available, bounded by the limits of the control groups
// (v1 and v2), their reclaimable file cache counted as free. Nothing is taken off.
Bytes usable_memory(const HostFiles& files = {});

}  // namespace kai
