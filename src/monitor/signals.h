// Signals: what alerts go by: the questions of the last day, what the models and GPUs do now. Pure.
//
// A rule over questions has a value only where each stretch of time that it compares has at least
// Samples::samples_min of them. Bounded: minutes of a day, of kai and of each of `models_max`
// models; some 17 MB where all of these are asked all day.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "domain/hardware.h"
#include "domain/outcome.h"
#include "monitor/alerts.h"
#include "monitor/monitor.h"
#include "monitor/samples.h"

namespace kai {

class Signals {
 public:
  static constexpr std::size_t models_max = 64;

  void take(const Outcome& outcome, Time now);

  struct Present {
    const HardwareReading& hardware;
    const Monitor::Standing& standing;
    bool history_kept = true;
  };
  // Every rule's values.
  std::vector<Measured> measure(const Present& present, Time now) const;

  std::size_t held() const;  // numbers, for the bound

 private:
  Samples failed_, late_;  // 0 or 1
  Samples agreement_;
  std::map<std::string, Samples> per_token_;  // seconds, by model
  std::map<std::string, Samples> won_;        // 0 or 1, by model
};

}  // namespace kai
