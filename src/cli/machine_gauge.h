// MachineGauge: what is free on this machine's devices, by two witnesses: the workers on them and,
// for NVIDIA's cards, the driver's own library.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "domain/model.h"
#include "scheduler/memory_watch.h"
#include "wire/machine.h"

namespace kai {

class MachineGauge final : public MemoryGauge {
 public:
  // `worker`: path of kai-worker, which asks the library in a process of its own each time, since
  // that may hang or crash: some 10 ms of a core. `lanes` and `clock` must outlive this.
  MachineGauge(Executor executor, Clock& clock, MemoryGauge& lanes, std::string worker,
               std::span<const Device> devices);

  // The smaller of what both say of a card; where one fails or cannot be true, the other alone.
  Task<std::vector<MemoryReading>> read(Time until) override;

 private:
  Task<wire::NvidiaFacts> ask_library(Time until);

  Executor executor_;
  Clock& clock_;
  MemoryGauge& lanes_;
  std::string worker_;
  std::vector<Device> cards_;  // of NVIDIA's
};

// The same, once both have spoken. `cards`: devices that the library may know. Pure.
std::vector<MemoryReading> both_views(std::vector<MemoryReading> lanes,
                                      std::span<const Device> cards,
                                      const wire::NvidiaFacts& library);

}  // namespace kai
