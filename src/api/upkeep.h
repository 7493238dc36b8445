// upkeep: what whoever looks after a server asks of it, beside questions: its models' health,
// loading and unloading, its configuration, what it learned, the benchmarks that were run.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "domain/model.h"
#include "wire/upkeep.h"

namespace kai {

// All of it is called on kai's one thread.
struct UpkeepBackend {
  std::function<std::vector<wire::ModelHealth>()> health;  // of every model
  // How long the load took. Errors: as Housekeeper::load().
  std::function<Task<Result<Duration>>(ModelId)> load;
  // Whether it has left. Errors: not_found, invalid_request (a host has it), overloaded (it is in
  // use).
  std::function<Task<Result<bool>>(ModelId)> unload;
  std::function<wire::ConfigShown()> config;
  std::function<std::string()> learned;                       // as wire::encode_learned() writes it
  std::function<Task<Result<int>>()> forget;                  // errors: storage
  std::function<Task<Result<wire::BenchRuns>>()> bench_runs;  // errors: storage
};

}  // namespace kai
