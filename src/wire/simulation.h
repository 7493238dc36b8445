// simulation: the document of `kai simulate --json`, described in docs/cli.md. A field is added,
// never renamed.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "domain/forecast.h"
#include "domain/pc.h"
#include "domain/pc_trial.h"

namespace kai::wire {

struct SimulationDocument {
  std::string file;  // of the PC, as it was named
  const Pc& pc;
  std::span<const std::string> models;  // that may be asked
  std::uint64_t seed = 0;
  std::span<const PcTrial> trials;
  std::optional<Forecast> forecast;  // of the one question
};

// One line of JSON.
std::string encode_simulation(const SimulationDocument& document);

}  // namespace kai::wire
