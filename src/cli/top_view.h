// top_view: what a running server does now, as lines of a terminal. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/text.h"
#include "domain/alert.h"
#include "domain/metrics_history.h"

namespace kai {

// A curve of at most `columns` characters, the newest value last, from 0 to `most`; a blank where
// nothing was measured.
std::string sparkline(const std::vector<std::optional<double>>& values, double most, int columns);

// `history`: of the last minutes, all series, by the second. At most `columns` wide.
std::vector<Line> top_lines(const HistoryColumns& history, const AlertList& alerts, WallTime now,
                            int columns);

}  // namespace kai
