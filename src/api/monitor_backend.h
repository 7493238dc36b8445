// MonitorBackend: who knows what the machine, the models and the questions do.
#pragma once

#include <functional>
#include <string>

namespace kai {

// All of it is called on kai's one thread; what is not set cannot be told yet.
struct MonitorBackend {
  std::function<std::string()> metrics;  // Prometheus' text, as of now
};

}  // namespace kai
