#include "cli/server_commands.h"

#include <array>

#include "cli/key_commands.h"
#include "cli/option_values.h"
#include "config/units.h"
#include "monitor/alerts.h"

namespace kai {

namespace {

constexpr Duration silence_max = std::chrono::hours(24 * 30);

Duration silence_in(const std::string& text) {
  const auto length = parse_duration(text);
  if (!length || *length < Duration{} || *length > silence_max) {
    refuse("--for", quoted(text) + " is no duration from 0s to 720h");
  }
  return *length;
}

}  // namespace

void add_server_commands(CLI::App& app, Invocation& into,
                         std::map<const CLI::App*, Command>& commands) {
  const auto add = [&](CLI::App& parent, const char* name, const char* what, Command command) {
    CLI::App* added = parent.add_subcommand(name, what);
    added->footer("");
    commands.emplace(added, command);
    return added;
  };
  auto* serve = add(app, "serve", "answer other programs as OpenAI's and Ollama's servers do",
                    Command::serve);
  for (const auto& [option, key, what] :
       {std::array{"--address", "serve.address", "where it listens (default 127.0.0.1)"},
        std::array{"--port", "serve.port", "its port (default 11524)"}}) {
    serve->add_option_function<std::string>(
        option, [&into, key](const std::string& value) { into.settings.emplace_back(key, value); },
        what);
  }
  add_key_commands(app, into, commands);
  add(app, "mcp", "answer a program that speaks MCP on standard input and output", Command::mcp);
  auto* alerts =
      add(app, "alerts", "what a running `kai serve` says has become worse", Command::alerts_list);
  alerts->require_subcommand(0, 1);
  alerts->add_flag("--json", into.json, "everything, with the rules and what is past, as JSON");
  auto* silence =
      add(*alerts, "silence", "tell nobody of an alert for a while", Command::alerts_silence);
  std::vector<std::string> names;
  for (const auto& rule : alert_rules()) names.emplace_back(rule.name);
  silence->add_option("ALERT", into.argument, "its name, such as VRAMNearFull")
      ->required()
      ->check(CLI::IsMember(names));
  silence->add_option_function<std::string>(
      "--for", [&into](const std::string& text) { into.silence = silence_in(text); },
      "how long (default 1h); 0s: it is told again");
  silence->add_flag("--json", into.json, "what then fires, as JSON");
  add(app, "top", "what a running `kai serve` does, live; q ends", Command::top);
}

}  // namespace kai
