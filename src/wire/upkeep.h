// upkeep: what kai's own protocol tells whoever looks after a server: how its models do, what is
// configured, what was learned, which benchmarks were run.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/model.h"
#include "domain/skills.h"

namespace kai::wire {

// GET /api/v1/models/health
struct ModelHealth {
  ModelId model;
  std::string out;  // why it is not asked for a while; empty: it is asked
  // Of the last ask that failed, since the server was started.
  struct Failure {
    WallTime at{};
    Error error;
  };
  std::optional<Failure> last_failure;
};
std::string encode_health(std::span<const ModelHealth> models);

// The body of POST /api/v1/models/load and …/unload: {"model": "smollm2:135m"}. Errors:
// invalid_request.
Result<ModelId> decode_model_named(std::string_view body);
// The replies: how long it took, and whether it has left anywhere.
std::string encode_loaded(const ModelId& model, Duration load);
std::string encode_unloaded(const ModelId& model, bool unloaded);

// GET /api/v1/config
struct ConfigShown {
  struct Setting {
    std::string key, value;
    std::string origin;  // empty: the default
    std::string range, what;
  };
  std::vector<std::string> files;  // that were read
  std::vector<Setting> settings;
};
std::string encode_config(const ConfigShown& config);

// GET /api/v1/learned: by whose digest each model is known in the sheets, and the sheets as `kai
// skills --json` prints them.
std::string encode_learned(std::span<const Model> models, std::span<const SkillSheet> sheets);
// DELETE /api/v1/learned: of how many questions the feedback was forgotten.
std::string encode_forgotten(int questions);

// GET /api/v1/bench
struct BenchRuns {
  struct Run {
    std::string name;  // of its file
    WallTime at{};
    std::string document;  // kai.bench-quality.v1, that decode_comparison() takes
  };
  std::vector<Run> runs;                                     // the newest first
  std::vector<std::pair<std::string, std::string>> skipped;  // names of files, and why
};
std::string encode_bench_runs(const BenchRuns& runs);

}  // namespace kai::wire
