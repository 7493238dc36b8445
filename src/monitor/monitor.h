// Monitor: what became of the questions, and what the machine is doing, as metrics. Pure: outcomes
// and readings go in.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domain/hardware.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "monitor/registry.h"

namespace kai {

class Monitor {
 public:
  // `version` of kai; `started`: when this process was.
  Monitor(const std::string& version, WallTime started);

  // A question is over, whatever its end.
  void take(const Outcome& outcome);
  // In place of the reading before: what it lacks is absent from then on.
  void take(const HardwareReading& reading);

  // What is so now, in place of what was.
  struct Standing {
    int running = 0;  // questions
    int waiting = 0;
    struct OfModel {
      ModelId model;
      bool refused = false;
      bool broken = false;            // its breaker is open
      std::optional<Bytes> loaded{};  // weights, where it is loaded
    };
    std::vector<OfModel> models;
    std::int64_t history_dropped = 0;
    // Requests sent away since the start, by reason.
    std::vector<std::pair<std::string, std::int64_t>> refused = {};
  };
  void take(const Standing& standing);

  // For what is counted elsewhere.
  Registry& registry() { return registry_; }
  const Registry& registry() const { return registry_; }

 private:
  void take(const Answer& answer);
  void take(const GpuReading& gpu);
  void note_quality(const Outcome& outcome, const std::string& tier);

  Registry registry_;
  std::map<std::pair<std::string, std::string>, std::deque<bool>> quality_;  // by model and tier
};

// The tier that a question was answered in, or would have been.
Tier tier_of(const Outcome& outcome);

// "answered", "partial" or the error's code.
std::string outcome_name(const Outcome& outcome);

// A voted answer, seen from its model.
struct Voted {
  ModelId model;
  bool won = false;  // it stands in the winning group
};
// Those of a question where at least two voted.
std::vector<Voted> votes_of(const Outcome& outcome);

}  // namespace kai
