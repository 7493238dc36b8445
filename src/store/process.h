// process: which kai began a question, and whether it is still alive.
#pragma once

#include <string>

namespace kai {

// This process for as long as it lives, unlike a bare pid, which is given out again: boot, pid and
// start time.
std::string this_process();

// Whether the process that this_process() once named still runs. False for any other text.
bool process_lives(const std::string& name);

}  // namespace kai
