// told: the events that a server tells, read back by a client that shows them.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"

namespace kai::wire {

// One text of encode_event() with its place, also of a newer kai. `asked`: what the reader takes
// deadlines from. Nothing: of a kind that is not shown. Of an outcome everything but the plans is
// read: see Started and Fallback. Errors: invalid_request (it is no event).
Result<std::optional<Event>> decode_event(std::string_view text, Time asked);

}  // namespace kai::wire
