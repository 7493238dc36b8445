// Forecast: what asking a question is going to take, before anything runs.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"
#include "domain/model.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

// A plan's memory on a device.
struct DeviceNeed {
  DeviceId device;
  std::string name;
  int running = 1;   // models that answer there at once
  Bytes needed{};    // by the plan's models, at most at a time
  Bytes capacity{};  // kai may use
};

struct Forecast {
  Query query;  // as the plan answers it: not as it was asked where `misfit` says why
  Complexity complexity;
  Shape shape = Shape::open;
  Plan plan;
  std::vector<CostCard> cards;     // one per plan.asks
  std::vector<DeviceNeed> memory;  // one per device of the fleet
  Duration limit{};                // from the start to the deadline
  std::string misfit;              // not empty: why the question as asked does not fit
};

}  // namespace kai
