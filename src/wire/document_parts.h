// document_parts: what several documents have in common. Private to wire.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/answer.h"
#include "domain/outcome.h"
#include "domain/plan.h"
#include "domain/tier_time.h"
#include "domain/verdict.h"
#include "wire/json.h"

namespace kai::wire {

// Null where there is nothing to say.
inline json::value text_or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}
template <class T>
json::value or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  return *value;
}

json::array encoded(const std::vector<TierTime>& times);
json::object encoded(const Complexity& complexity);
json::array encoded(const std::vector<LeftOut>& left_out);
json::object encoded(const Verdict& verdict);
json::object encoded(const Answer& answer);
json::object encoded(const Outcome& outcome);

// A code of our own, or of the store's ("begun", "interrupted"), which are internal here.
ErrorCode error_code_named(std::string_view name);
// The inverse of a verdict's.
Verdict verdict_in(Fields fields);

}  // namespace kai::wire
