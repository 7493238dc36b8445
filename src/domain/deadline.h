// deadline: how short and how long a question's time may be.
#pragma once

#include "base/clock.h"

namespace kai {

inline constexpr Duration deadline_min = std::chrono::milliseconds(100);
inline constexpr Duration deadline_max = std::chrono::hours(24);

}  // namespace kai
