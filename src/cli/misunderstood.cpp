#include "cli/misunderstood.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "cli/exit_code.h"
#include "cli/option_values.h"
#include "cli/text.h"
#include "config/nearest.h"

namespace kai {

namespace {

constexpr int sentence_columns_max = 300;

}  // namespace

const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* found = &app;
  while (!found->get_subcommands().empty()) found = found->get_subcommands().front();
  return *found;
}

std::string path_to(const CLI::App& command) {
  std::string path;
  for (const auto* above = command.get_parent(); above != nullptr; above = above->get_parent()) {
    path = path.empty() ? above->get_name() : above->get_name() + ' ' + path;
  }
  return path;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_snames()) names.push_back('-' + name);
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* below : app.get_subcommands({})) names.push_back(below->get_name());
  return names;
}

void add_default_command(std::vector<std::string>& arguments, CLI::App& app) {
  std::size_t at = 0;
  while (at < arguments.size() && (arguments[at] == "--no-color" || arguments[at] == "--set" ||
                                   arguments[at].starts_with("--set="))) {
    at += arguments[at] == "--set" ? 2 : 1;
  }
  if (at < arguments.size()) {
    const std::string& first = arguments[at];
    if (first == "-h" || first == "--help" || first == "--version") return;
    const auto commands = app.get_subcommands({});
    if (std::ranges::count(commands, first, [](auto* known) { return known->get_name(); }) > 0) {
      return;
    }
  }
  at = std::min(at, arguments.size());
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(at), "ask");
}

Said misunderstood(const CLI::ParseError& error, CLI::App& app) {
  const CLI::App& command = innermost(app);
  const std::string above = path_to(command);
  const std::string path = above.empty() ? command.get_name() : above + ' ' + command.get_name();
  std::string text = one_line(error.what(), sentence_columns_max);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto extras = app.remaining(true);
    const auto option =
        std::ranges::find_if(extras, [](const std::string& word) { return word.starts_with('-'); });
    const std::string word = option != extras.end() ? *option
                             : extras.empty()       ? std::string()
                                                    : extras.front();
    const bool is_option = option != extras.end();
    const auto meant = nearest(word, is_option ? option_names(command) : command_names(command));
    text =
        fmt::format("{} is not an {} of {}", quoted(word), is_option ? "option" : "argument", path);
    if (!meant.empty()) {
      text += fmt::format(" (did you mean {}?)", meant);
    } else if (!is_option) {
      text +=
          fmt::format("; a question that begins with \"{}\" goes in quotes", command.get_name());
    }
  }
  return {exit_status::usage, fmt::format("{}; see {} --help", text, path)};
}

}  // namespace kai
