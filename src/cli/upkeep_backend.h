// upkeep_backend: what looking after a server asks of its session.
#pragma once

#include <functional>
#include <map>

#include "api/upkeep.h"
#include "cli/session.h"

namespace kai {

// How each model's asks failed last, since the server was started.
class Failures {
 public:
  void take(const Outcome& outcome, WallTime now);
  std::optional<wire::ModelHealth::Failure> last(const ModelId& model) const;

 private:
  std::map<ModelId, wire::ModelHealth::Failure> last_;  // bounded by the models there ever were
};

// All must outlive it; `config` gives what is configured now.
UpkeepBackend upkeep_backend(Session& session, const Failures& failures,
                             std::function<const Config&()> config);

}  // namespace kai
