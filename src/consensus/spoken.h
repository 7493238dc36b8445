// Inside consensus: what of a model's raw output is meant for the asker.
#pragma once

#include <string_view>

namespace kai::consensus {

// A view into `raw` without what surrounds the answer: reasoning up to </think>, end-of-sequence
// tokens that leaked into the text, and the next question that base models ask themselves.
// Empty: nothing was said yet, e.g. cut off while still thinking.
std::string_view spoken(std::string_view raw);

// Whether the answer says that there will be none: "I'm sorry, I cannot …", "I don't know".
// "I'm not sure, but it is Paris" is an answer. Looks at the first sentence only.
bool is_refusal(std::string_view answer);

}  // namespace kai::consensus
