// TierTime: how long a tier's question takes on a machine, and whether its timeout suits that (R3).
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "domain/query.h"

namespace kai {

enum class Fit : std::uint8_t { good, too_short, too_long };
std::string_view to_string(Fit fit);

// A tier's question with nothing loaded and everybody heard, planned with as much time as it takes.
struct TierTime {
  Tier tier = Tier::simple;
  int members = 0;          // 0: nobody can be asked; then the times below are nothing
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

}  // namespace kai
