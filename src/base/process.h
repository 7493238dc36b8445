// Process: a child that dies with its owner, and its output.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kai {

// A running child with pipes on stdin and stdout and a file as stderr. Its death is certain:
// destroying this kills it, and the end of its stdin tells it to go when kai itself is killed.
class Process {
 public:
  // `arguments[0]` is the program's path. stderr goes to `log` (made anew, mode 0600).
  // Errors: lane_lost, with the system's reason.
  static Result<std::unique_ptr<Process>> start(const std::vector<std::string>& arguments,
                                                const std::string& log);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // SIGKILL; gone from the process table on return.
  void kill();
  // Whether it has ended by itself; reaps it then.
  bool dead();
  pid_t id() const { return pid_; }
  // The pipe from its stdout: readable until it ends. Still owned by this.
  int output() const { return output_; }

 private:
  Process(pid_t pid, int input, int output) : pid_(pid), input_(input), output_(output) {}

  pid_t pid_;
  int input_;
  int output_;
};

struct ProcessOutput {
  int status = 0;    // exit code; 128 + signal where one ended it
  std::string text;  // its stdout
};

// Runs a program to its end, blocking. At most `bytes_max` of output and `limit` of time, else it
// is killed. Errors: lane_lost (cannot start), deadline, internal (too much output).
Result<ProcessOutput> run_process(const std::vector<std::string>& arguments, Duration limit,
                                  std::size_t bytes_max = 1 << 20);

}  // namespace kai
