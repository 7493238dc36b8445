// Inside learning: logistic regression.
#pragma once

#include <span>

#include "domain/learned.h"

namespace kai::learning {

struct Sample {
  Standing at{};
  bool holds = false;
};

// Maximum likelihood less ridge / 2 * |theta|^2, the first (constant) entry free. Newton's method
// from zero, so the same samples give the same curve. No samples, or all alike: a curve that gives
// their share, pulled to the middle by one sample of each kind.
Logistic fit_logistic(std::span<const Sample> samples, double ridge);

}  // namespace kai::learning
