// machine: what kai-worker says of the machine it runs on: `speed` and `nvidia`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/quantities.h"
#include "base/result.h"
#include "domain/hardware.h"
#include "domain/model.h"

namespace kai::wire {

// What `kai-worker speed` prints: the speed, or the error in its place. Errors: internal (what it
// printed), invalid_request (the text is neither).
std::string encode(const DeviceSpeed& speed);
Result<DeviceSpeed> decode_speed(std::string_view json);

// One card as NVIDIA's library (NVML) sees it, whoever uses it.
struct NvidiaCard {
  std::string name;
  std::string bus;  // "0000:01:00.0"; empty: it does not say
  Bytes total{};
  Bytes free{};
  int processes = 0;  // that compute on it
};

// What `kai-worker nvidia` prints.
struct NvidiaFacts {
  std::string missing;  // not empty: there is no such library, in the loader's words
  std::string fault;    // not empty: the library is there and does not work, and why
  std::string driver;   // its version, "580.65.06"; empty where it cannot be told
  std::vector<NvidiaCard> cards;
};
std::string encode(const NvidiaFacts& facts);
Result<NvidiaFacts> decode_nvidia(std::string_view json);  // errors: invalid_request

// A line of `kai-worker gpus`. What cannot be true is absent: more used than there is, a share
// beyond 1, a heat that no card survives. Errors: invalid_request.
std::string encode(const std::vector<GpuReading>& readings);
Result<std::vector<GpuReading>> decode_gpu_readings(std::string_view json);

}  // namespace kai::wire
