// Fleets of models by chance, on a PC or one like it, and kai's own plan for each held against the
// shortest way there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/pc.h"
#include "sim/optimum.h"

namespace kai {

struct DrawnFleet {
  Pc pc;  // has the fleet's models alone
  std::vector<std::size_t> members;
};

// `models` of the reference's models, with repetition, each made larger or smaller by a factor of
// up to 1.4. With even seeds on the reference PC itself; with odd ones the bandwidth and arithmetic
// of GPU and CPU, the link and the GPU's memory each differ by a factor of up to 2. models: 1..7;
// the same seed, the same fleet.
DrawnFleet random_fleet(const Pc& reference, int models, std::uint64_t seed);

// All models asked for 256 tokens through the whole of kai, heard to their end, splits allowed, the
// costs known as measured alone; against find_optimum() with KV caches for as many tokens.
struct FleetTrial {
  Seconds kai{}, predicted{};
  std::size_t answers = 0;  // whole ones
  int split = 0;            // models that kai split
  int fits = 0;             // models that the GPU holds wholly, alone
  Optimum optimum;
  std::vector<std::string> placed;  // kai's asks in their order: model, device, share
  std::vector<std::string> broken;  // see PcPlayed
};
FleetTrial try_fleet(const DrawnFleet& fleet, const OptimumOptions& options);

}  // namespace kai
