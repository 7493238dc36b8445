// parameters: what stands behind the '?' of a request's target.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kai::http {

// Name and value, percent-decoded, '+' as a blank, in their order; a name without '=' has an empty
// value. Errors: invalid_request (the target is no path with parameters, as RFC 3986 has it).
using Parameters = std::vector<std::pair<std::string, std::string>>;
Result<Parameters> parameters_of(std::string_view target);

}  // namespace kai::http
