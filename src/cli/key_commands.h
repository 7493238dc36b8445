// key_commands: the part of the command line that is about keys. Private to cli.
#pragma once

#include <CLI/CLI.hpp>

#include <map>

#include "cli/command_line.h"

namespace kai {

// Adds keys with create, list and revoke; their options write into `into`, which must outlive the
// app.
void add_key_commands(CLI::App& app, Invocation& into,
                      std::map<const CLI::App*, Command>& commands);

// "60/min" or "60": requests a minute, 1..1,000,000. Nothing: neither.
std::optional<int> rate_in(const std::string& text);

// "90d" or a duration such as "12h": 1 s to 10 years. Nothing: neither.
std::optional<Duration> lifetime_in(const std::string& text);

}  // namespace kai
