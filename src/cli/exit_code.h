// exit_code: what kai's exit status says; the one table from ErrorCode to it.
#pragma once

#include <optional>

#include "base/result.h"
#include "domain/outcome.h"

namespace kai {

namespace exit_status {
constexpr int ok = 0;
constexpr int failed = 1;
constexpr int usage = 2;
constexpr int unsure = 3;  // below --min-confidence
constexpr int auth = 4;    // a server wants a key, or another one
constexpr int late = 5;    // no answer, or not every member's, before the deadline
constexpr int no_model = 6;
constexpr int interrupted = 130;
}  // namespace exit_status

int exit_code(ErrorCode code);

// confidence_min: 0..1. Compared with the confidence, or with the agreement where no confidence
// was calibrated.
int exit_code(const Outcome& outcome, std::optional<double> confidence_min);

}  // namespace kai
