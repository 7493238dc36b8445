// cli: kai at the command line.
#pragma once

#include <string_view>

namespace kai {

// Runs one command; returns the exit status.
int run_cli(int argc, char** argv, std::string_view version);

}  // namespace kai
