// findings: what `kai doctor` has to say of one thing, and what can be done about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kai {

enum class Mark : std::uint8_t { good, bad, note };

struct Finding {
  Mark mark = Mark::good;
  std::string text;                     // one sentence, without an end
  std::vector<std::string> remedies{};  // lines to be typed or copied, in their order
};

}  // namespace kai
