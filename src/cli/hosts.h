// hosts: the engines of others that the configuration names, looked at before anything runs.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "domain/model.h"
#include "engines/host.h"

namespace kai {

// An engine with what opens it, as it was seen.
struct SeenHost {
  HostOptions options;
  HostAccess access;
  Host::View view;
};

// Looks at all of config.engines at once, for at most the longest reach_max. One an engine, in
// their order. Errors: invalid_config: a key or ca_file is not where it should be.
Result<std::vector<SeenHost>> look_at_hosts(const Config& config);

// Their devices, and their models behind those that there are, where they differ.
void add_hosts(Fleet& fleet, const FleetOptions& options, const std::vector<SeenHost>& hosts);
void add_host_models(std::vector<Model>& models, const FleetOptions& options,
                     const std::string& engine, const Host::View& view);

}  // namespace kai
