// inspection: what `kai-worker inspect FILE` prints: a model file's facts, or why it is refused.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/model.h"

namespace kai::wire {

// The facts, or the error that was printed in their place. Other errors: invalid_request (the text
// is neither).
Result<ModelFacts> decode_inspection(std::string_view json);

}  // namespace kai::wire
