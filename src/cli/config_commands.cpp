// config: where options come from, and whether they are right.
#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"

namespace kai {

namespace {

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

int show_paths(const Surroundings& around, Terminal& terminal) {
  for (const auto& file : config_files(around)) {
    terminal.out(file + (exists(file) ? "" : "  (not there)"));
  }
  return exit_status::ok;
}

int check_configuration(const Invocation& invocation, const Surroundings& around,
                        Terminal& terminal) {
  const auto config = invocation.argument.empty() ? load_config(around, invocation.settings)
                                                  : check_config(around, invocation.argument);
  if (!config) return tell_error(config.error(), terminal);
  terminal.out(config->files.empty() ? std::string("ok: no file, the defaults apply")
                                     : fmt::format("ok: {}", fmt::join(config->files, ", ")));
  return exit_status::ok;
}

}  // namespace kai
