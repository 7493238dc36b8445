// An order written down in advance: what a plan that knows every cost can reach on a PC. The rules:
//  1. GPU and CPU have a list each, and answer one model at a time, in the list's order.
//  2. The GPU's next is loaded while another answers, one at a time, as soon as its share fits the
//     free memory. Without shares it is loaded wholly; one that does not fit even the empty GPU
//     waits until it is empty, and is split: the GPU gets the largest share that fits, the CPU the
//     rest. Beside a split model the CPU answers another, and they share its bandwidth.
//  3. The CPU's models are ready from the start, but for the fixed time of a load.
//  4. A model that has answered goes at once. Loads are those of Pc::pinned.
// The run ends with the last answer.
#pragma once

#include <vector>

#include "sim/pc_machine.h"

namespace kai {

struct PcOrder {
  std::vector<std::size_t> gpu;  // places in pc.models, each in one list, once
  std::vector<std::size_t> cpu;
  std::vector<double> shares{};  // (0..1], one for each of `gpu`, or none: rule 2
};

// context: that KV caches are made for; prompt and answer fit in.
PcRun run_ordered(const Pc& pc, const PcOrder& order, const PcQuestion& question, Tokens context);

enum class Splitting : std::uint8_t { allowed, never };

// The fastest of all ways to give members to the CPU, with three orders of each list: by the
// time an answer takes on the GPU, the longest first, the shortest first, and the shortest before
// the longest first. Tries 3 * 2^members runs of some 10 us; members: 1 to 12.
// Without splitting, models that the GPU does not hold wholly are the CPU's.
PcOrder best_order(const Pc& pc, const std::vector<std::size_t>& members,
                   const PcQuestion& question, Tokens context, Splitting splitting);

}  // namespace kai
