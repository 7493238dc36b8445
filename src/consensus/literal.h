// Inside consensus: Python literals, as questions write them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kai::consensus {

// The length of the literal at the beginning of `text`: a number, a text, True, False, None (or
// true, false, null), or a list, tuple, set or dict of such. 0: there is none. Looks at 2,000
// bytes.
std::size_t literal_size(std::string_view text);

// The same in Python's spelling: "true" gives "True".
std::string as_python(std::string_view literal);

// The length of a call with literal arguments at the beginning of `text`: "f(2, key='a')". 0: none.
std::size_t call_size(std::string_view text);

}  // namespace kai::consensus
