// shown_settings: what is configured and from where, one by one.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace kai {

struct ShownSetting {
  std::string key;     // "tiers.simple.timeout"
  std::string value;   // as in a kai.toml
  std::string origin;  // the file with its line, the variable or the flag; empty: the default
  std::string range;   // for people; empty: any
  std::string what;    // a line of documentation
};

// Every option, in the order of the manual.
std::vector<ShownSetting> shown_settings(const Config& config);

}  // namespace kai
