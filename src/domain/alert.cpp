#include "domain/alert.h"

#include <array>

namespace kai {

namespace {

constexpr std::array<std::string_view, 3> states{"inactive", "pending", "firing"};
constexpr std::array<std::string_view, 4> units{"share", "drop", "times", "flag"};

template <class E, std::size_t N>
std::optional<E> named(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(AlertState state) {
  return states[static_cast<std::size_t>(state)];
}

std::optional<AlertState> alert_state_named(std::string_view name) {
  return named<AlertState>(states, name);
}

std::string_view to_string(AlertUnit unit) {
  return units[static_cast<std::size_t>(unit)];
}

std::optional<AlertUnit> alert_unit_named(std::string_view name) {
  return named<AlertUnit>(units, name);
}

}  // namespace kai
