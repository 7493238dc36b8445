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
#include "wire/json_text.h"

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
void add(JsonText& out, const Complexity& complexity);
void add(JsonText& out, const std::vector<LeftOut>& left_out);
void add(JsonText& out, const Verdict& verdict);
void add(JsonText& out, const Outcome& outcome);
// Those that an answer has of its own; `ending`: as it is called.
void add_fields(JsonText& out, const Answer& answer, std::string_view ending);

// A code of our own, or of the store's ("begun", "interrupted"), which are internal here.
ErrorCode error_code_named(std::string_view name);
// The inverse of a verdict's.
Verdict verdict_in(Fields fields);

}  // namespace kai::wire
