// config: every module's Options in one place, filled from the defaults, kai.toml, KAI_* and flags.
// Later sources win: defaults < /etc/kai/kai.toml < $XDG_CONFIG_HOME/kai/kai.toml < KAI_* < flags.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/serve_options.h"
#include "base/result.h"
#include "coordinator/coordinator.h"
#include "coordinator/housekeeper.h"
#include "engines/host_options.h"
#include "engines/lane.h"
#include "export/otlp.h"
#include "export/webhook.h"
#include "fleet/fleet.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

namespace kai {

struct Config {
  CoordinatorOptions coordinator;
  HouseOptions house;
  StoreOptions store;  // store.folder is the data folder
  FleetOptions fleet;
  SandboxOptions sandbox;
  ServeOptions serve;
  WebhookOptions webhook;
  OtlpOptions otlp;
  std::vector<HostOptions> engines;  // of others: the [[engines]] tables
  LaneOptions lane;                  // its worker and folder are set when a session begins
  std::string runtime_folder;        // for sockets and locks; may not exist yet

  std::map<std::string, std::string> origins;  // key -> where its value is from; others: default
  std::vector<std::string> files;              // that were read, in their order
};

// What a configuration depends on beside the files themselves.
struct Surroundings {
  std::map<std::string, std::string> environment;
  std::string home;     // the user's, from $HOME or the system's list of users; may be empty
  std::string program;  // path of the kai that runs
  std::string folder;   // the current one: relative paths in KAI_* and flags start here
  unsigned user = 0;    // id
};
Surroundings own_surroundings();

// `flags`: key and text, as `--set key=value` gives them. Errors: invalid_config, in one line that
// names the place, the key and the remedy.
using Flag = std::pair<std::string, std::string>;
Result<Config> load_config(const Surroundings& around, std::span<const Flag> flags);

// The files that load_config() reads where they exist, in their order.
std::vector<std::string> config_files(const Surroundings& around);

// Reads one file over the defaults, to check it. Errors: as above, or it cannot be read.
Result<Config> check_config(const Surroundings& around, const std::string& file);

// The keys whose values differ, in the order of the manual; "member" where the [[member]] tables
// do.
std::vector<std::string> changed_keys(const Config& before, const Config& after);

// The same for two configurations that answer questions alike, wherever their values are from: what
// only a server's outside is does not count.
std::string fingerprint(const Config& config);

// Every option with its value and where it is from, as a kai.toml that can be used as it is.
std::string show_config(const Config& config);

// Every option with type, range, default and meaning: docs/configuration.md.
std::string config_manual();

}  // namespace kai
