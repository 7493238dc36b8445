// options: the one table of everything that can be configured. It drives parsing, checking,
// `kai config show` and docs/configuration.md. Private to config.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace kai {

enum class Kind : std::uint8_t {
  text,
  texts,
  path,
  paths,
  integer,
  number,
  duration,
  size,
  yes_no
};

// A value as it was written; a list has several.
using Words = std::vector<std::string>;

struct Setting {
  std::string key;  // "tiers.simple.timeout"; in the environment KAI_TIERS_SIMPLE_TIMEOUT
  Kind kind;
  std::string range;         // "1s..1h", for people; empty: any
  std::string what;          // one line of documentation
  std::string default_text;  // for the manual, where it depends on the machine; else empty
  // Error message: what is wrong and what is right, without place and key.
  std::function<std::expected<void, std::string>(Config&, const Words&)> set;
  std::function<Words(const Config&)> get;
};

// In the order of the manual.
std::vector<Setting> option_table();

// "KAI_TIERS_SIMPLE_TIMEOUT"
std::string environment_name(std::string_view key);

// "text", "whole number", "duration such as 30s", …
std::string_view to_string(Kind kind);

}  // namespace kai
