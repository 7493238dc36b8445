// For tests of what is painted: lines as their plain text.
#pragma once

#include <string>
#include <vector>

#include "cli/text.h"

namespace kai {

inline std::string text_of(const std::vector<Line>& lines) {
  std::string text;
  for (const auto& line : lines) text += paint(line, false) + "\n";
  return text;
}

}  // namespace kai
