// question: the user's question, put together of what was typed and what was piped in. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace kai {

// The question of `words` and standard input; both: the words, a blank line, the input. Errors:
// invalid_request (there is none).
Result<std::string> question_of(const std::vector<std::string>& words,
                                const std::optional<std::string>& input);

}  // namespace kai
