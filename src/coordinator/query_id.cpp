#include <chrono>
#include <string_view>

#include "coordinator/coordinator.h"

namespace kai {

QueryId new_query_id(WallTime now, Random& random) {
  // Crockford's base 32, as ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random.
  constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  std::string text = "q_";
  for (int shift = 45; shift >= 0; shift -= 5) {
    text += digits[static_cast<std::size_t>(since.count() >> shift & 31)];
  }
  for (int count = 0; count < 16; ++count) text += digits[random.below(32)];
  return QueryId(text);
}

}  // namespace kai
