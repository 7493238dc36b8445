// What is configured, for people and for comparing.
#include <fmt/format.h>

#include <cstdint>

#include "config/config.h"
#include "config/options.h"
#include "config/shown_settings.h"

namespace kai {

namespace {

std::string shown(const Setting& option, const Words& words) {
  const auto quoted = [](const std::string& word) {
    std::string text = "\"";
    for (const char letter : word) {
      if (letter == '"' || letter == '\\') text += '\\';
      if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
        text += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
      } else {
        text += letter;
      }
    }
    return text + '"';
  };
  if (option.kind == Kind::integer || option.kind == Kind::number || option.kind == Kind::yes_no) {
    return words.front();
  }
  if (option.kind != Kind::paths && option.kind != Kind::texts) return quoted(words.front());
  std::vector<std::string> parts;
  for (const auto& word : words) parts.push_back(quoted(word));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

}  // namespace

std::string fingerprint(const Config& config) {
  std::string text;
  for (const auto& option : option_table()) {
    if (option.key.starts_with("serve.") || option.key.starts_with("telemetry.")) continue;
    text += fmt::format("{} = {}\n", option.key, shown(option, option.get(config)));
  }
  for (const auto& one : config.fleet.overrides) {
    const ChatTemplate& chat = one.chat;
    text += fmt::format("{} {} {} {}|{}|", one.model, one.prior, one.disabled, chat.family,
                        chat.preamble);
    for (const auto& frame : {chat.system, chat.user, chat.assistant}) {
      text += frame.prefix + '|' + frame.suffix + '|';
    }
    text += fmt::format("{}\n", fmt::join(chat.stop, "|"));
  }
  for (const auto& engine : config.engines) {
    text += fmt::format("{} {}|", address_of(engine), engine.name);
    text += fmt::format("{}\n", fmt::join(engine.models, "|"));
  }
  // FNV-1a, 64 bits (Fowler, Noll, Vo): two of one user's configurations are told apart.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : text) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

std::vector<ShownSetting> shown_settings(const Config& config) {
  std::vector<ShownSetting> settings;
  for (const auto& option : option_table()) {
    const auto origin = config.origins.find(option.key);
    settings.push_back({option.key, shown(option, option.get(config)),
                        origin == config.origins.end() ? "" : origin->second, option.range,
                        option.what});
  }
  return settings;
}

std::string show_config(const Config& config) {
  std::string text;
  for (const auto& one : shown_settings(config)) {
    text += fmt::format("{:<52} # {}\n", fmt::format("{} = {}", one.key, one.value),
                        one.origin.empty() ? "default" : one.origin);
  }
  return text;
}

std::string config_manual() {
  std::string text =
      "# Configuration\n\n"
      "kai needs no configuration. What is set is taken from, later ones winning: the defaults, "
      "`/etc/kai/kai.toml`,\n`$XDG_CONFIG_HOME/kai/kai.toml` (usually `~/.config/kai/kai.toml`), "
      "the environment, `--set key=value`.\n`KAI_CONFIG` names one file in place of both. "
      "`kai config show` prints every value and where it is from;\n`kai config check` names "
      "whatever is wrong. This page is what `kai config show --markdown` prints.\n\n"
      "In the environment a key is written in capitals with `_` for `.` and `KAI_` before it: "
      "`KAI_TIERS_SIMPLE_TIMEOUT=20s`.\nLists of folders are separated by colons there, other "
      "lists by commas.\n\n"
      "| key | type | range | default | meaning |\n|---|---|---|---|---|\n";
  const Config defaults;
  for (const auto& option : option_table()) {
    const std::string standard = option.default_text.empty()
                                     ? fmt::format("`{}`", shown(option, option.get(defaults)))
                                     : option.default_text;
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", option.key, to_string(option.kind),
                        option.range, standard, option.what);
  }
  text +=
      "\n## Members\n\n"
      "A `[[member]]` table says something about one model, named as `kai models` lists it; `*` "
      "stands for any text,\nand the last table that fits wins.\n\n"
      "```toml\n[[member]]\nmodel = \"smollm2:*\"\nprior = 0.4           # 0..1: chance of a right "
      "answer before anything was measured\n\n[[member]]\nmodel = \"my-base-model\"\ntemplate = "
      "\"qa\"       # a name, or a table of your own:\n# template = { preamble = \"\", user_prefix "
      "= \"Q: \", user_suffix = \"\\n\", assistant_prefix = \"A: \", stop = [\"\\n\"] }\n\n"
      "[[member]]\nmodel = \"huge:70b\"\ndisabled = true\n```\n\n"
      "## Engines of others\n\n"
      "An `[[engines]]` table names a host whose models are members too; [its fields]"
      "(engines.md).\n\n"
      "```toml\n[[engines]]\nname = \"vllm\"\naddress = \"http://127.0.0.1:8000/v1\"\n```\n";
  return text;
}

}  // namespace kai
