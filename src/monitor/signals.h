// Signals: what alerts go by: the questions of the last day, what the models and GPUs do now. Pure.
//
// A rule over questions has a value only where each stretch of time that it compares has at least
// `samples_min` of them. Bounded: the newest `samples_max` questions, and as many asks of each of
// `models_max` models.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/hardware.h"
#include "domain/outcome.h"
#include "monitor/alerts.h"
#include "monitor/monitor.h"

namespace kai {

class Signals {
 public:
  static constexpr std::size_t samples_min = 10;
  static constexpr std::size_t samples_max = 2000;
  static constexpr std::size_t models_max = 64;

  void take(const Outcome& outcome, Time now);

  struct Present {
    const HardwareReading& hardware;
    const Monitor::Standing& standing;
    bool history_kept = true;
  };
  // Every rule's values.
  std::vector<Measured> measure(const Present& present, Time now) const;

 private:
  struct Sample {
    Time at{};
    double value = 0;
  };
  using Samples = std::deque<Sample>;
  // Of a stretch of time.
  struct Stretch {
    Time from{}, to{};
  };
  static void note(Samples& samples, Time at, double value);
  static std::vector<double> of(const Samples& samples, Stretch stretch);
  static std::optional<double> mean(const Samples& samples, Stretch stretch);
  static std::optional<double> p95(const Samples& samples, Stretch stretch);

  Samples failed_, late_;  // 0 or 1
  Samples agreement_;
  std::map<std::string, Samples> per_token_;  // seconds, by model
  std::map<std::string, Samples> won_;        // 0 or 1, by model
};

}  // namespace kai
