// story: a stored question told to people: who was asked, how each one fared, what was decided.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace kai::wire {

// Several lines from a document that encode_outcome() made, also by an older kai. The words in it
// are as they were stored: whoever shows them in a terminal makes them harmless first. Errors:
// invalid_request (it is no such document).
Result<std::string> tell_story(std::string_view json);

}  // namespace kai::wire
