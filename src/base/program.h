// Program: a command run to its end beside kai's other tasks.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "base/result.h"
#include "base/task.h"

namespace kai {

struct Program {
  std::vector<std::string> arguments;  // [0]: its path
  std::string input;                   // its stdin, whole
  Time until{};                        // later it is killed
  std::size_t bytes_max = 1 << 20;     // of stdout and stderr together; beyond, it is killed
};

// What it wrote to stdout and stderr, in the order of writing. Never blocks kai's thread longer
// than a process takes to start or to die; on return it is gone. Errors: lane_lost (cannot start),
// deadline, internal (too much output), cancelled (the running task was).
Task<Result<ProcessOutput>> run_program(Executor executor, Clock& clock, Program program);

}  // namespace kai
