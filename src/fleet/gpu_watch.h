// GpuWatch: what the GPUs do, told once a second by a `kai-worker gpus` of its own, since what it
// asks may hang or crash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "domain/hardware.h"

namespace kai {

struct GpuWatchOptions {
  std::string worker;                              // path of kai-worker
  Duration every = std::chrono::seconds(1);        // 10 ms..60 s
  Duration silence_max = std::chrono::seconds(5);  // longer: it hangs, and is started anew …
  Duration pause_first = std::chrono::seconds(5);  // … after this, twice as long each time
  Duration pause_max = std::chrono::minutes(10);
};

class GpuWatch {
 public:
  // `clock` must outlive this.
  GpuWatch(Executor executor, Clock& clock, GpuWatchOptions options);

  // Until it is cancelled, or there is no GPU to be read.
  Task<bool> run();
  // The newest readings; empty: there are none, or they are too old to be true of now.
  std::vector<GpuReading> readings() const;

 private:
  Executor executor_;
  Clock& clock_;
  GpuWatchOptions options_;
  std::vector<GpuReading> readings_;
  std::optional<Time> read_at_;
};

}  // namespace kai
