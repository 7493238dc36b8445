// MemoryWatch: looks at the devices' memory now and then, and tells what changed for kai.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "scheduler/ledger.h"
#include "scheduler/pressure.h"

namespace kai {

// Reads what is free; engines/ implements it over workers, sim/ in virtual time.
class MemoryGauge {
 public:
  virtual ~MemoryGauge() = default;
  // One reading a device that can be read now, at most until `until`; one with a fault where that
  // failed. Starts no worker.
  virtual Task<std::vector<MemoryReading>> read(Time until) = 0;
};

struct MemoryWatchOptions {
  Duration every = std::chrono::seconds(1);     // while questions run, 100 ms..60 s
  Duration patience = std::chrono::seconds(1);  // for one look, 10 ms..10 s
  PressureOptions pressure;
};

class MemoryWatch {
 public:
  // All must outlive this.
  MemoryWatch(std::span<const Device> devices, MemoryGauge& gauge, Clock& clock,
              MemoryWatchOptions options = {});

  struct News {
    struct Change {
      DeviceId device;
      Bytes capacity{};  // from now on
      Bytes others{};    // what other programs have of the device
    };
    std::vector<Change> changes;
    std::vector<std::string> faults;  // sentences; each once, until a reading is good again
  };
  // Looks, and says what the ledger's capacities shall be. It takes options.patience at most; a
  // gauge that fails, lies or hangs changes nothing. While another look is under way, or the last
  // one was less than half of options.every ago, nothing is news, unless it must be `now`.
  enum class Haste : std::uint8_t { usual, now };
  Task<News> look(const Ledger& ledger, Haste haste);

  const MemoryWatchOptions& options() const { return options_; }

 private:
  struct Place {
    Pressure pressure;
    Bytes slack;
    bool faulty = false;
  };
  void take(const MemoryReading& reading, const OwnBytes& own, const Ledger& ledger, News& news);

  MemoryGauge& gauge_;
  Clock& clock_;
  MemoryWatchOptions options_;
  std::map<DeviceId, Place> places_;
  bool looking_ = false;
  Time last_ = Time::min();
};

}  // namespace kai
