// Measurement: what a model costs on a device, measured on purpose.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "domain/model.h"

namespace kai {

// One prompt that was read and answered.
struct Reading {
  Tokens prompt{}, answer{};
  Duration prefill{}, decode{};
};

struct Measurement {
  CostCard before;                // estimated, or measured earlier
  CostCard after;                 // `before` where there is a fault
  std::vector<Reading> readings;  // a short prompt, then a long one
  std::string fault;              // not empty: why it was not measured
};

}  // namespace kai
