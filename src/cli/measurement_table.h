// measurement_table: the figures of `kai bench models` as people read them. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/measurement.h"

namespace kai {

// A heading, then for each what was measured and below it what was counted with before; lines
// without their ends. None for none.
std::vector<std::string> measurement_lines(std::span<const Measurement> measurements);

}  // namespace kai
