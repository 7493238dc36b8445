// sandbox: an answer's code run on the examples of its question, shut off from the machine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/run.h"

namespace kai {

struct SandboxOptions {
  bool run_code = false;                         // whether code is run at all
  Duration call_max = std::chrono::seconds(2);   // 100ms..1m: of one example
  Duration check_max = std::chrono::seconds(6);  // 1s..5m: of one answer
  Bytes memory = 512_MiB;                        // 64 MiB..64 GiB: address space of a process
  Bytes files = 16_MiB;                          // 1 MiB..1 GiB: what may lie in its /tmp
  int processes_max = 16;                        // 4..1024: its processes and threads together
  std::string python = "/usr/bin/python3";       // below /usr
  std::string bubblewrap = "/usr/bin/bwrap";
};

// One answer's Python on its question's examples. 1..32 examples; blocks: what stood between the
// answer's fences, in their order. Each at most 64 KiB: what is longer is not run.
struct CodeTest {
  std::vector<std::string> blocks;
  std::vector<Example> examples;
  Time until{};  // the question's deadline
};

class Sandbox {
 public:
  virtual ~Sandbox() = default;
  // Never throws; gone with all it started on return. Cancelled or out of time: neither passed nor
  // failed, and why.
  virtual Task<RunResult> run(CodeTest test) = 0;
};

// Runs it in bubblewrap: no network, no home, /usr to read, a small /tmp, bounded time, memory,
// files and processes; one answer at a time. Cost: 65 to 100 ms for a function that does little.
// `clock` must outlive it.
std::unique_ptr<Sandbox> make_bubblewrap(Executor executor, Clock& clock, SandboxOptions options);

// Whether code can be run here: runs a small function in it; blocks for some 0.1 s, at most
// check_max. Errors: not_found (a program is missing), internal (the system refuses), with the
// remedy.
Result<> check_sandbox(const SandboxOptions& options);

}  // namespace kai
