// MonitorBackend: who knows what the machine, the models and the questions do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/alert.h"
#include "domain/metrics_history.h"

namespace kai {

struct HistoryWanted {
  std::vector<std::string> series;  // by name; empty: all
  // Since 1970; below zero: before now. Without them the last 15 minutes are meant.
  std::optional<Duration> from, to;
  int points = 0;  // about so many stretches of time at most, >= 1; 0: as they were measured
};

// All of it is called on kai's one thread; what is not set cannot be told yet.
struct MonitorBackend {
  std::function<std::string()> metrics;  // Prometheus' text, as of now
  // Errors: invalid_request (too much at once).
  std::function<Result<HistoryColumns>(const HistoryWanted&)> history;
  std::function<AlertList()> alerts;  // as of now
  // Nobody is told of this alert for so long; 0: it is told again. Errors: invalid_request.
  std::function<Result<>(const std::string& alert, Duration length)> silence;
};

}  // namespace kai
