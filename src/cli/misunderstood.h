// misunderstood: what is wrong with a command line, and what was meant. Private to command_line.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace kai {

// The innermost command that the line named.
const CLI::App& innermost(const CLI::App& app);

// The names before a command's own: "kai models".
std::string path_to(const CLI::App& command);

std::vector<std::string> option_names(const CLI::App& app);
std::vector<std::string> command_names(const CLI::App& app);

// Puts "ask" in front of a line that names no command.
void add_default_command(std::vector<std::string>& arguments, CLI::App& app);

// What to say of a line that CLI11 could not take.
Said misunderstood(const CLI::ParseError& error, CLI::App& app);

}  // namespace kai
