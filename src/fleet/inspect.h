// inspect: a model file's facts, from the cache or from a `kai-worker inspect` of its own.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "fleet/candidate.h"
#include "store/store.h"

namespace kai {

class Inspector {
 public:
  struct Options {
    std::string worker;  // path of kai-worker
    Duration limit{};    // of one file
  };
  // Reads the cache of `store`, which must outlive this.
  Inspector(Options options, Store& store);

  // What is known of the file as it is now. Nothing: it has to be inspected.
  std::optional<InspectedFile> known(const FoundFile& candidate) const;

  // Runs the worker, at most `limit` long, and keeps what it said in the store. Never fails: a
  // worker that crashes or hangs over a file makes it a refused one.
  InspectedFile inspect(const FoundFile& candidate);

 private:
  InspectedFile row_of(const FoundFile& candidate) const;

  Options options_;
  Store& store_;
  std::int64_t worker_mtime_ns_;
  std::map<std::string, InspectedFile> cache_;
};

}  // namespace kai
