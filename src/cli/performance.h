// performance: what `kai report` tells of this machine, from what was measured, and of a PC in
// virtual time.
#pragma once

#include <string_view>
#include <vector>

#include "config/config.h"
#include "domain/pc.h"
#include "domain/performance.h"
#include "fleet/fleet.h"

namespace kai {

// In the data folder: the document of the last `kai bench quality`.
inline constexpr std::string_view last_quality_file = "bench-quality.json";

// Each of kai's sample questions at every tier, some times with other words; and every number of
// models up to 16. `members`: places in pc.models, each once, at least one. Cost: below a second
// for 11 models, half a minute for 64.
PerformanceReport simulated_performance(const Pc& pc, const std::vector<std::size_t>& members,
                                        const CoordinatorOptions& options);

// From the store: the newest 2,000 questions, feedback, measured costs; and the last benchmark.
// What is missing is said. Errors: storage.
Result<PerformanceReport> measured_performance(const Config& config, const OnInspect& on_inspect);

}  // namespace kai
