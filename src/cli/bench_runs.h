// bench_runs: the figures of past benchmarks, each a file in the data folder's bench/.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "wire/upkeep.h"

namespace kai {

inline constexpr std::size_t bench_runs_max = 50;           // kept, and read
inline constexpr std::size_t bench_run_bytes_max = 64'000;  // of one that is read

// Keeps a document of wire::encode_comparison() as `folder`/bench/quality-TIME.json; of those named
// so only the newest `bench_runs_max` stay. Errors: storage.
Result<> keep_bench_run(const std::string& folder, std::string_view document, WallTime now);

// The newest `bench_runs_max` files of `folder`/bench that end in .json, by when they were written,
// whoever put them there; what is no such document is named with the reason.
wire::BenchRuns read_bench_runs(const std::string& folder);

}  // namespace kai
