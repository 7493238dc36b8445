// Outcome: everything that is known of a question once it is over. What the store keeps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/answer.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

struct Outcome {
  Query query;
  WallTime asked{};
  Complexity complexity;
  std::vector<Plan> plans;      // the first, then the fallbacks; empty: refused before planning
  std::vector<Answer> answers;  // in the order of ending
  Verdict verdict;
  std::optional<Error> error;  // nothing: there is an answer
  std::string stop_why;        // why it ended before every member had; empty: all ended
  std::string asked_why;       // what it was to teach beside its answer; empty: nothing
  bool partial = false;        // the deadline cut members that could have changed the outcome
  Duration latency{};

  bool answered() const { return !error; }
};

}  // namespace kai
