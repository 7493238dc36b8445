#include "cli/key_commands.h"

#include <charconv>

#include "cli/option_values.h"
#include "config/units.h"
#include "keys/keys.h"

namespace kai {

namespace {

constexpr int rate_max = 1'000'000;
constexpr int at_once_max = 10'000;
constexpr Duration day = std::chrono::hours(24);
constexpr int days_max = 3650;

std::optional<int> whole_in(std::string_view text, int max) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 1 || value > max) return std::nullopt;
  return value;
}

void add_create(CLI::App& create, KeyOptions& keys, Invocation& into) {
  create
      .add_option_function<std::string>(
          "NAME",
          [&into](const std::string& name) {
            if (!is_key_name(name)) {
              refuse("NAME", quoted(name) +
                                 " is no name of a key: up to 64 letters, digits, '.', "
                                 "'_' and '-'");
            }
            into.argument = name;
          },
          "whose it is, or what for; `kai keys list` shows it")
      ->required();
  create.add_option_function<std::string>(
      "--scope",
      [&keys](const std::string& list) {
        const auto scopes = scopes_in(list);
        if (!scopes) refuse("--scope", quoted(list) + " is no list of ask, watch and manage");
        keys.scopes = *scopes;
      },
      "what it is good for, ask,watch,manage (default ask): questions; to read what others ask\n"
      "and what the machine does; to change the server and others' questions");
  create.add_option_function<std::string>(
      "--rate",
      [&keys](const std::string& text) {
        const auto rate = rate_in(text);
        if (!rate) refuse("--rate", quoted(text) + " is no rate such as 60/min");
        keys.rate = *rate;
      },
      "requests a minute, such as 60/min (default: any number)");
  create.add_option("--at-once", keys.at_once, "requests at once (default: any number)")
      ->check(CLI::Range(1, at_once_max));
  create.add_option_function<std::string>(
      "--expires",
      [&keys](const std::string& text) {
        const auto lifetime = lifetime_in(text);
        if (!lifetime) refuse("--expires", quoted(text) + " is no time such as 90d or 12h");
        keys.lifetime = lifetime;
      },
      "after so long, such as 90d or 12h (default: never)");
}

}  // namespace

std::optional<int> rate_in(const std::string& text) {
  std::string_view number = text;
  constexpr std::string_view unit = "/min";
  if (number.ends_with(unit)) number.remove_suffix(unit.size());
  return whole_in(number, rate_max);
}

std::optional<Duration> lifetime_in(const std::string& text) {
  if (text.ends_with('d')) {
    const auto days = whole_in(std::string_view(text).substr(0, text.size() - 1), days_max);
    return days ? std::optional(day * *days) : std::nullopt;
  }
  const auto length = parse_duration(text);
  if (!length || *length < std::chrono::seconds(1) || *length > day * days_max) {
    return std::nullopt;
  }
  return length;
}

void add_key_commands(CLI::App& app, Invocation& into,
                      std::map<const CLI::App*, Command>& commands) {
  const auto add = [&](CLI::App& parent, const char* name, const char* what, Command command) {
    CLI::App* added = parent.add_subcommand(name, what);
    added->footer("");
    commands.emplace(added, command);
    return added;
  };
  auto* keys = add(app, "keys", "who may use `kai serve`", Command::keys_list);
  keys->require_subcommand(0, 1);
  add_create(*add(*keys, "create", "make a key; it is shown once", Command::keys_create), into.keys,
             into);
  auto* list =
      add(*keys, "list", "all keys, without the keys themselves (the default)", Command::keys_list);
  for (auto* one : {keys, list}) one->add_flag("--json", into.json, "as JSON, one key a line");
  add(*keys, "revoke", "from now on a key does not count", Command::keys_revoke)
      ->add_option("NAME", into.argument, "as `kai keys list` shows it")
      ->required();
}

}  // namespace kai
