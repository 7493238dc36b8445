// What was measured, over time: roll-ups as they are kept, columns as they are shown.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace kai {

// The values of one stretch of time, [at, at + step), by series.
struct Rollup {
  Duration step{};  // whole seconds
  WallTime at{};    // a multiple of the step
  std::vector<std::pair<std::string, double>> values;
};

// Something that happened, to be shown beside the curves.
struct Annotation {
  WallTime at{};
  std::string kind;  // "start", "load", "failure", "alert"
  std::string text;  // a sentence for people
};

struct HistoryColumns {
  Duration step{};
  std::vector<WallTime> times;  // rising, with gaps where nothing was measured
  struct Column {
    std::string name;   // "gpu_power_watts"
    std::string label;  // which tier, model or GPU; empty: there is one of it
    std::string unit;
    std::vector<std::optional<double>> values;  // as many as times; nothing: not measured
  };
  std::vector<Column> columns;
  std::vector<Annotation> annotations;
};

}  // namespace kai
