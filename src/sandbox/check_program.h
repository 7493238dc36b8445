// Inside sandbox: the Python program that tries an answer's code, and what it reports. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/run.h"
#include "sandbox/sandbox.h"

namespace kai::sandbox {

struct CheckOptions {
  std::string token;       // stands before each line of the report; unknown to the code that is run
  Duration call_max{};     // of one example
  Duration check_max{};    // of all
  std::uint64_t seed = 0;  // of the further inputs: one for all answers to a question
};

// The code runs in a child of its own, which is told neither the token nor what is expected.
std::string check_program(const CodeTest& test, const CheckOptions& options);

// What the program's output says. Lines without the token are nobody's word. Nothing reported at
// all: not run. Begun but not finished: failed, since the code ended what tried it.
RunResult read_report(std::string_view output, const CodeTest& test, std::string_view token);

// As a dissent tells it: "f(2) == 4".
std::string told(const Example& example);

}  // namespace kai::sandbox
