// ScriptSandbox: code that runs in virtual time only, with what came of it as a script says.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "sandbox/sandbox.h"

namespace kai {

class ScriptSandbox final : public Sandbox {
 public:
  // `program`: the answer's blocks of Python, joined.
  using Script = std::function<RunResult(const std::string& program)>;

  // Each run takes `takes`, then gives what `script` says. `clock` must outlive this.
  ScriptSandbox(Clock& clock, Duration takes, Script script)
      : clock_(clock), takes_(takes), script_(std::move(script)) {}

  Task<RunResult> run(CodeTest test) override {
    std::string program;
    for (const auto& block : test.blocks) program += block;
    RunResult not_run;
    not_run.why = "there was no time left to run it";
    const Time end = clock_.now() + takes_;
    co_await clock_.sleep_until(std::min(end, test.until));
    if (co_await cancelled()) not_run.why = "cancelled";
    co_return clock_.now() < end ? not_run : script_(program);
  }

 private:
  Clock& clock_;
  Duration takes_;
  Script script_;
};

}  // namespace kai
