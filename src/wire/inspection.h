// inspection: what `kai-worker inspect FILE` prints: a model file's facts, or why it is refused.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/model.h"

namespace kai::wire {

// Facts of a model file, as `kai-worker inspect` prints them and the store keeps them.
std::string encode_facts(const ModelFacts& facts);
Result<ModelFacts> decode_facts(std::string_view json);

// The facts, or the error that was printed in their place. Other errors: invalid_request (the text
// is neither).
Result<ModelFacts> decode_inspection(std::string_view json);

}  // namespace kai::wire
