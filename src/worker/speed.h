// speed: how fast a device multiplies, which is what a model's speed comes down to.
#pragma once

#include "base/result.h"
#include "domain/model.h"
#include "worker/runtime.h"

namespace kai {

struct SpeedOptions {
  int lane_threads = 1;  // 1..1024, of one lane
  int all_threads = 1;   // lane_threads..1024, of all of them
  // Of weights that are read, 16 MB or more: what is left of a large cache matters little.
  Bytes weights = Bytes(256'000'000);
};

// One vector times a matrix that no cache holds, as in writing a token, and a small matrix times
// many vectors, as in reading a prompt; the best of some passes, since other programs only slow it
// down. start_runtime() must have been called. Some 0.2 s on a CPU. Errors: internal (no memory,
// or llama.cpp refuses).
Result<DeviceSpeed> measure_speed(const RuntimeDevice& device, const SpeedOptions& options = {});

}  // namespace kai
