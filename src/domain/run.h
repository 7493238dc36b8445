// Run: a code answer tried on the examples that its question states.
#pragma once

#include <string>

namespace kai {

// "f(2) == 4", as a question states it.
struct Example {
  std::string call;      // a Python expression: "f(2)"
  std::string expected;  // a Python literal: "4"; where `printed`, lines of text
  bool printed = false;  // true: what Python's prompt would show for the call, prints included
  bool operator==(const Example&) const = default;
};

// What came out. Neither passed nor failed: it was not run.
struct RunResult {
  int passed = 0, failed = 0;  // examples
  std::string why;      // "f(2) == 4: gave 5", of the first that failed; or why it was not run
  std::string outputs;  // equal for programs that do the same on further inputs; empty: unknown
  bool operator==(const RunResult&) const = default;
};

}  // namespace kai
