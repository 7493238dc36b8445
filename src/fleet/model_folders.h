// ModelFolders: the models found before, for whoever asks again and again.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fleet/candidate.h"
#include "fleet/fleet.h"

namespace kai {

class ModelFolders {
 public:
  // As find_models(), its models. A file that comes, goes or is renamed is seen at once, by the
  // times of the folders, at the cost of a stat for each of these; one that is written over in
  // place, and a folder that was not there, within `trusted_max`. Where all lies as it did, the
  // store is not asked.
  const std::vector<Model>& look(const FleetOptions& options, Store& store,
                                 const OnInspect& on_inspect, Time now);
  // The options may have changed.
  void forget() { known_ = false; }

 private:
  static constexpr Duration trusted_max = std::chrono::seconds(1);
  static constexpr std::size_t folders_max = 32;  // more: they are listed each time

  static std::vector<std::int64_t> stamps_of(const std::vector<std::string>& folders);

  bool known_ = false;
  Time looked_{};
  std::vector<FoundFile> files_;
  std::int64_t worker_ = 0;  // a newer one may load what an older one refused
  std::vector<std::string> folders_;
  std::vector<std::int64_t> stamps_;  // of folders_: when each changed last
  std::vector<Model> models_;
};

}  // namespace kai
