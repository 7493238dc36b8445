// server_commands: the part of the command line that is about kai as a server. Private to cli.
#pragma once

#include <CLI/CLI.hpp>

#include <map>

#include "cli/command_line.h"

namespace kai {

// Adds serve, keys, alerts and top; their options write into `into`, which must outlive the app.
void add_server_commands(CLI::App& app, Invocation& into,
                         std::map<const CLI::App*, Command>& commands);

}  // namespace kai
