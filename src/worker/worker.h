// worker: the program that holds models: `serve` on a socket, `inspect FILE`, `devices`.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"

namespace kai {

struct WorkerOptions {
  std::string socket;  // path of the Unix socket to serve on
  std::string device = "cpu";
  int threads = 1;                          // 1..1024, of every decode
  Duration beat = std::chrono::seconds(1);  // between signs of life on an open stream
};

// Serves until stdin ends, the parent dies, or SIGTERM. Errors: not_found (device), storage
// (socket).
Result<> serve_worker(const WorkerOptions& options);

}  // namespace kai
