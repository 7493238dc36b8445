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

// When an ask runs, from the plan's start. Voices of one model run together: all have its times.
struct Step {
  Duration start{};  // when a lane is free for it: it waits until then
  Duration load{}, prefill{}, decode{};
  Duration end() const { return start + load + prefill + decode; }
  bool operator==(const Step&) const = default;
};

// A plan's memory on a device.
struct DeviceNeed {
  DeviceId device;
  std::string name;
  int lanes = 1;
  Bytes needed{};    // by the plan's models together
  Bytes capacity{};  // kai may use
};

struct Forecast {
  Query query;  // as the plan answers it: not as it was asked where `misfit` says why
  Complexity complexity;
  Shape shape = Shape::open;
  Plan plan;
  std::vector<Step> steps;         // one per plan.asks
  std::vector<CostCard> cards;     // one per plan.asks
  std::vector<DeviceNeed> memory;  // one per device of the fleet
  Duration limit{};                // from the start to the deadline
  std::string misfit;              // not empty: why the question as asked does not fit
};

}  // namespace kai
