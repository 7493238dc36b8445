// Inside consensus: the places where an answer says "this is my answer".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kai::consensus {

enum class Cue {
  json,    // "answer": "42"
  boxed,   // \boxed{42}
  hashes,  // #### 42
  words,   // The answer is 42 · Final answer: 42
};

struct Statement {
  Cue cue;
  std::string text;    // what follows the cue, to the end of its value, line or braces
  bool ended = false;  // something closes it: a quote, brace, full stop or line's end
};

// The last first, since a final statement outweighs what was said on the way; at most eight.
// `text` is plain().
std::vector<Statement> statements(std::string_view text);

// "42." of "The answer is 42. To see why, …": what the first sentence states in so many words,
// where it has ended. Nothing behind a colon: there the way to the answer may begin. Of a text
// whose end is missing; a whole one may have come to see it differently.
std::optional<std::string> claim_in_front(std::string_view text);

}  // namespace kai::consensus
