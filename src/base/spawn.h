// Inside base: a child with the given files as its standard streams.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace kai::base {

struct Streams {
  int input, output, error;  // open files; they stay the caller's
};

// `arguments[0]` is the program's path. No signal is blocked in the child. Errors: lane_lost, with
// the system's reason.
Result<pid_t> spawn(const std::vector<std::string>& arguments, Streams streams);

struct Pipe {
  int read = -1;
  int write = -1;
};
// Closed in every child. Errors: lane_lost.
Result<Pipe> make_pipe();

// As a shell tells it: the code, or 128 + signal. `status` is waitpid()'s.
int exit_code(int status);

}  // namespace kai::base
