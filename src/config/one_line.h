// one_line: what a file or the environment says, made fit to stand in a complaint.
#pragma once

#include <string>
#include <string_view>

namespace kai {

// `text` as one line of valid UTF-8 without control characters, at most `bytes_max` bytes (at least
// 8): controls become blanks, and the end that was cut shows as "…".
std::string as_one_line(std::string_view text, std::size_t bytes_max = 1000);

}  // namespace kai
