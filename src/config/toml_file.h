// toml_file: kai.toml as a flat list of keys. Sole user of toml++. Private to config.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/options.h"
#include "engines/host_options.h"
#include "fleet/fleet.h"

namespace kai {

struct TomlEntry {
  std::string key;  // dotted
  Words words;      // the value's text; an array of texts has several
  enum class Type : std::uint8_t { text, integer, number, boolean, list, other } type = Type::other;
  unsigned line = 0;
};

struct TomlFile {
  std::vector<TomlEntry> entries;       // in the order of their lines
  std::vector<MemberOverride> members;  // the [[member]] tables
  std::vector<HostOptions> engines;     // the [[engines]] tables
};

// Errors: invalid_config with the file's line: not TOML, not readable, over 1 MiB, or a [[member]]
// or an [[engines]] that is wrong.
Result<TomlFile> read_toml(const std::string& path);

}  // namespace kai
