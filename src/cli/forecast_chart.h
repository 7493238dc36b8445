// forecast_chart: a plan as people read it, before it runs. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/text.h"
#include "domain/forecast.h"
#include "planner/planner.h"

namespace kai {

// The time axis, then a line a member: its device, "·" while it waits, "░" loads, "▒" reads,
// "█" writes, and when it is expected to start and to end.
std::vector<Line> chart_lines(const Forecast& forecast, int columns);

// Everything that is known beforehand: why this tier, the chart, memory, costs, who is asked and
// who is not. `options`: that it was planned with. No line is wider than `columns`, at least 60.
std::vector<Line> forecast_lines(const Forecast& forecast, const PlannerOptions& options,
                                 int columns);

// The command that asks as the forecast says: "kai ask --tier simple --deadline 30s".
std::string command_for(const Forecast& forecast);

}  // namespace kai
