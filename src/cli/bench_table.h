// bench_table: the figures of `kai bench quality` as people read them. Pure.
#pragma once

#include <string>
#include <vector>

#include "domain/comparison.h"

namespace kai {

// The four arms, then the models, each with a heading; lines without their ends.
std::vector<std::string> table_lines(const Comparison& comparison);

// What to do about it: one sentence on the models, one on the way to ask. None without a marked
// problem.
std::vector<std::string> advice_lines(const Comparison& comparison);

}  // namespace kai
