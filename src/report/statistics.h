// statistics: how sure one may be of a share, and of the difference between two ways to answer the
// same questions. Pure.
#pragma once

#include <vector>

#include "base/clock.h"
#include "domain/comparison.h"

namespace kai::report {

// The 95 % interval of a share `right` of `count`, 0 <= right <= count; 0..1 of none. Wilson 1927,
// without continuity correction: it stays within 0..1 and is of use from a handful of questions on.
Interval wilson(int right, int count);

// The chance that two equally good ways split `won` + `lost` questions, on which only one of them
// was right, at least as unevenly: the two-sided exact sign test (McNemar's, exact). 1 of none.
// Both >= 0. Cost: O(won + lost).
double sign_test(int won, int lost);

// The smallest of `values` that `share` of them (0..1) do not exceed (nearest rank); 0 of none.
Duration quantile(std::vector<Duration> values, double share);

}  // namespace kai::report
