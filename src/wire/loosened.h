// loosened: a JSON Schema without what only narrows its values and no grammar can hold. Private to
// wire.
#pragma once

#include "wire/json.h"

namespace kai::wire {

// Every document that `schema` allows is allowed by what comes back, some others too: format,
// pattern, bounds of numbers and the like are left out wherever a schema stands, and oneOf becomes
// anyOf. Values and names of properties stay as they are. The levels are those of a parsed text.
json::value loosened(const json::value& schema);

}  // namespace kai::wire
