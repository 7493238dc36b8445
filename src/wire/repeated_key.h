// repeated_key: what a parsed document cannot tell any more. Private to wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kai::wire {

// A key that stands twice in one object of `text`, where it is JSON at most 32 levels deep;
// nothing: none does, or the text is something else.
std::optional<std::string> repeated_key(std::string_view text);

}  // namespace kai::wire
