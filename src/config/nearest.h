// nearest: what a user may have meant by a misspelt word.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kai {

// The number of letters to insert, drop or exchange between the two (Levenshtein). Looks at no
// more than the first 64 bytes of each.
int distance(std::string_view a, std::string_view b);

// The candidate with the least distance to `word`; the first of equals. Empty: there are none, or
// none is nearer than half the word.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace kai
