// ServerMonitor: what a server knows of its questions, its models and its machine, kept up to date
// while it runs.
#pragma once

#include <functional>
#include <string>

#include "api/monitor_backend.h"
#include "base/clock.h"
#include "config/config.h"
#include "domain/outcome.h"
#include "monitor/monitor.h"

namespace kai {

class ServerMonitor {
 public:
  // What the server is doing now.
  using Now = std::function<Monitor::Standing()>;

  ServerMonitor(const Clock& clock, const std::string& version, Now now);

  void take(const Outcome& outcome) { monitor_.take(outcome); }
  // For Api::watch(); this must outlive it.
  MonitorBackend backend();

 private:
  std::string metrics();

  Monitor monitor_;
  Now now_;
};

}  // namespace kai
