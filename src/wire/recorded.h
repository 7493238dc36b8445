// recorded: documents of questions read back, and what users said of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/recorded.h"

namespace kai::wire {

// A document that encode_outcome() wrote. Errors: invalid_request (no such document; of another
// schema).
Result<Recorded> decode_recorded(std::string_view document);
// The same of a question that came to a plan.
Result<Prediction> decode_prediction(std::string_view document);

// {"kind":"answer","answer":"9.9"}
std::string encode_feedback(const Feedback& feedback);
Result<Feedback> decode_feedback(std::string_view json);

// A document of encode_outcome() with a last field more, "feedback": {"said":"good"},
// {"said":"bad"} or {"answer":"9.9"}, as PUT .../feedback takes it.
std::string with_feedback(std::string document, const Feedback& feedback);

}  // namespace kai::wire
