// doctor_timeouts: whether each tier's timeout suits this machine and its models (R3). Pure.
#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "cli/findings.h"
#include "domain/model.h"
#include "domain/query.h"
#include "planner/planner.h"

namespace kai {

enum class Fit : std::uint8_t { good, too_short, too_long };

// A tier's question with nothing loaded and everybody heard, planned with as much time as it takes.
struct TierTime {
  Tier tier = Tier::simple;
  int members = 0;
  Duration usual{};         // until the last answer, where answers are as long as usual …
  Duration longest{};       // … and where all are as long as they may be
  Duration member{};        // of the slowest member as usual, its load not counted
  Duration timeout{};       // configured
  Duration member_limit{};  // configured
  // too_short: the usual does not fit, the planner's margin taken off. too_long: twice what the
  // longest needs, or more: only a fault would use it.
  Fit fit = Fit::good;
  // `timeout` where that is good. Else half more than the usual (too short) or the longest (too
  // long) with the margin, since a PC has other things to do, too; in steps of 5 s, 5 s..1 h.
  Duration suggested{};
  bool member_too_short = false;
};

// One for each tier; a tier that nobody can be asked for has no members. `cards`: measured ones,
// since a guess is no ground for a suggestion.
std::vector<TierTime> tier_times(const Fleet& fleet, std::span<const CostCard> cards,
                                 const PlannerOptions& options);

// A line for each tier, and at the end what to put into kai.toml. Where a usable model has no
// measured card: what to do for a suggestion.
std::vector<Finding> timeout_findings(const Fleet& fleet, std::span<const CostCard> cards,
                                      const PlannerOptions& options);

}  // namespace kai
