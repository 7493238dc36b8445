#include "domain/alert.h"

#include <array>

namespace kai {

namespace {

constexpr std::array<std::string_view, 3> names{"inactive", "pending", "firing"};

}  // namespace

std::string_view to_string(AlertState state) {
  return names[static_cast<std::size_t>(state)];
}

std::optional<AlertState> alert_state_named(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<AlertState>(i);
  }
  return std::nullopt;
}

}  // namespace kai
