// doctor_timeouts: whether each tier's timeout suits this machine and its models (R3). Pure.
#pragma once

#include <span>
#include <vector>

#include "domain/checkup.h"
#include "domain/model.h"
#include "domain/tier_time.h"
#include "planner/planner.h"

namespace kai {

// One for each tier; a tier that nobody can be asked for has no members. `cards`: measured ones,
// since a guess is no ground for a suggestion.
std::vector<TierTime> tier_times(const Fleet& fleet, std::span<const CostCard> cards,
                                 const PlannerOptions& options);

// A line for each tier, and at the end what to put into kai.toml. Where a usable model has no
// measured card: no times, and what to do for them.
struct TimeoutCheck {
  std::vector<TierTime> times;
  std::vector<Finding> findings;
};
TimeoutCheck check_timeouts(const Fleet& fleet, std::span<const CostCard> cards,
                            const PlannerOptions& options);

}  // namespace kai
