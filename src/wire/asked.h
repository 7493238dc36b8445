// asked: what the questions of the history took, read back from their documents.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/asked.h"

namespace kai::wire {

// A document that encode_outcome() wrote, also of an older kai. Errors: invalid_request (it is no
// such document).
Result<AskedQuestion> decode_asked(std::string_view document);

}  // namespace kai::wire
