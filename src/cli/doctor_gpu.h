// doctor_gpu: which GPUs there are, whether kai can use them, and what it takes where it cannot.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "domain/checkup.h"
#include "fleet/fleet.h"
#include "fleet/host.h"
#include "fleet/nvidia.h"

namespace kai {

// Everything that is known of them.
struct GpuView {
  std::vector<wire::DeviceFacts> found;  // by llama.cpp
  std::vector<Device> chosen;            // of these, by the configuration
  std::vector<std::string> backends;     // that kai-worker carries: "CPU", "CUDA", …
  wire::NvidiaFacts nvidia;              // nothing where it was not asked
  std::vector<GraphicsCard> cards;       // on the bus
  RenderNode render = RenderNode::none;
  std::string distribution;  // as os-release names it and its relatives: "ubuntu debian"
};

// What of it is told as data: NVIDIA's own view, and the cards on the bus.
CheckedNvidia nvidia_of(const GpuView& view);
std::vector<CheckedCard> cards_of(const GpuView& view);
// The GPUs that llama.cpp found, with what NVIDIA's library says of them.
std::vector<CheckedGpu> gpus_of(const GpuView& view);

// At least one. Remedies name the packages of Debian, Ubuntu, Fedora and Arch; elsewhere, in words,
// what to look for.
std::vector<Finding> gpu_findings(const GpuView& view);

}  // namespace kai
