// simulation_table: what `kai simulate` shows of questions played on a PC in virtual time. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/pc.h"
#include "domain/pc_trial.h"

namespace kai {

// One question: kai, the devices, the original way beside it. No line is wider than `columns`.
std::vector<std::string> trial_lines(const PcTrial& trial, const Pc& pc, int models, int columns);

// Several: a line each, then medians and 90th percentiles of each tier that was asked. `models`:
// that the original way asks. Without questions: nothing.
std::vector<std::string> trial_table(std::span<const PcTrial> trials, int models, int columns);

}  // namespace kai
