// performance: the document of `kai report --json`, described by docs/report.schema.json. A field
// is added, never renamed.
#pragma once

#include <string>

#include "domain/performance.h"

namespace kai::wire {

// Indented, for people and programs.
std::string encode_performance(const PerformanceReport& report);

}  // namespace kai::wire
