// examples: what a question says its code shall do, and the code that an answer holds. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/run.h"

namespace kai {

// The examples that a question states, in its order, each call once; at most 16:
//   >>> f(2)          f(2) == 4            f(2) returns 4         Input: 2
//   4                 assert f(2) == 4     f(2) -> [1, 2]         Output: 4
// Only calls of functions with literal arguments, and literal results in Python's spelling
// (true, false and null are taken for it). "Input: …" counts where the question names exactly one
// function. What could be read in two ways is no example. Looks at the first 16 KiB.
std::vector<Example> examples_in(std::string_view question);

// The Python in an answer: its blocks, in their order. Empty: there is none, e.g. since it is in
// another language. An answer without fences gives the lines that look like Python.
std::vector<std::string> python_in(std::string_view answer);

}  // namespace kai
