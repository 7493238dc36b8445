// ensure: stops the process on a broken invariant, in every build. Never for outside input.
#pragma once

#include <source_location>
#include <string_view>

namespace kai {

// Prints `why` with its place to stderr and aborts.
[[noreturn]] void unreachable(std::string_view why,
                              std::source_location where = std::source_location::current());

inline void ensure(bool condition, std::string_view why,
                   std::source_location where = std::source_location::current()) {
  if (!condition) [[unlikely]]
    unreachable(why, where);
}

}  // namespace kai
