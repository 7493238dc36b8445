// alert_table: alerts as people read them. Pure.
#pragma once

#include <vector>

#include "cli/text.h"
#include "domain/alert.h"

namespace kai {

// One line each, those that fire first; a line that says so where there are none.
std::vector<Line> alert_lines(const AlertList& list, WallTime now);

// What to do, one line for each rule that is met.
std::vector<Line> remedy_lines(const AlertList& list);

}  // namespace kai
