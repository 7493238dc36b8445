// query_string: what follows a '?' in a request's target. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kai {

// The first value of `name`, %-escapes and '+' decoded; nothing: it is not there. An escape that is
// none stays as it is.
std::optional<std::string> query_value(std::string_view target, std::string_view name);

}  // namespace kai
