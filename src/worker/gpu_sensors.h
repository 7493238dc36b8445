// GpuSensors: what this machine's GPUs do now: NVIDIA's through its library, AMD's through the
// kernel's files. Both may hang with a broken driver: meant for a process of its own.
#pragma once

#include <string>
#include <vector>

#include "domain/hardware.h"
#include "worker/nvml.h"

namespace kai {

class GpuSensors {
 public:
  // `classes`: where the kernel lists devices by kind.
  explicit GpuSensors(const std::string& library = "libnvidia-ml.so.1",
                      std::string classes = "/sys/class");
  ~GpuSensors();
  GpuSensors(const GpuSensors&) = delete;
  GpuSensors& operator=(const GpuSensors&) = delete;

  // One a card that is there; what it does not say is absent. As it says it: whether that can be
  // true is for others to judge.
  std::vector<GpuReading> read() const;

 private:
  std::unique_ptr<nvml::Library> nvml_;  // null: there is none that works
  std::string classes_;
};

}  // namespace kai
