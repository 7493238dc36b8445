// Program: a command run to its end beside kai's other tasks.
#pragma once

#include <cstddef>
#include <functional>
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

// A program that runs on, and tells something now and then.
struct ToldProgram {
  std::vector<std::string> arguments;  // [0]: its path; its stdin is empty
  Duration silence_max{};              // between two lines; longer, and it is killed
  std::size_t line_max = 1 << 20;      // of stdout and stderr; longer, and it is killed
};

// Hands over each whole line that it writes, without its end, until it ends: its exit status. Its
// death is certain when this returns. Errors: as run_program(); deadline: it fell silent.
Task<Result<int>> follow_program(Executor executor, Clock& clock, ToldProgram program,
                                 std::function<void(std::string)> on_line);

}  // namespace kai
