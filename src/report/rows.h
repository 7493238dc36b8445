// rows: questions answered in several ways, summed up by tier and by kind. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/pc_trial.h"
#include "domain/performance.h"

namespace kai::report {

// One question in one way.
struct WaySample {
  bool answered = false;
  Duration time{};
  int asked = 0, heard = 0;
  double agreement = 0;                               // 0..1
  std::optional<double> gpu_busy, cpu_busy, running;  // as in WayFigures
  Bytes gpu_peak{}, loaded{};
  std::optional<bool> right;  // nothing: it is not known
  std::string error{};        // why there is no answer; empty: there is one, or it is not known
};

// One question; nothing: it was not asked in that way.
struct QuestionSample {
  Tier tier = Tier::simple;
  Shape kind = Shape::open;
  std::optional<WaySample> adaptive, same, original;
};

// All three ways, agreement of kai's alone. Marks are added by the caller.
QuestionSample sample_of(const PcTrial& trial);

// A row for each tier that there is, in their order.
std::vector<PerformanceRow> by_tier(std::span<const QuestionSample> samples);
// A row for each kind and tier that there is, kind by kind.
std::vector<PerformanceRow> by_kind(std::span<const QuestionSample> samples);

}  // namespace kai::report
