// nvidia: what NVIDIA's own library (NVML) says of its cards. The driver brings it; kai never links
// to it.
#pragma once

#include <string>

#include "wire/machine.h"

namespace kai {

// Loads the library and asks it; never fails: what is wrong stands in the result. May hang in a
// broken driver or crash, so meant for a process of its own. Calls of NVML as its header nvml.h
// declares them, which a driver keeps for good.
wire::NvidiaFacts read_nvidia(const std::string& library = "libnvidia-ml.so.1");

}  // namespace kai
