// json_form: answers that are JSON: what a JSON Schema allows as a grammar that a model is bound
// by, and when two documents say the same. Pure. The part that speaks of JSON values is private to
// wire: see json_schema.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/query.h"

namespace kai::wire {

// JSON Schema of any JSON object, and the form of it, on one line.
inline constexpr std::string_view any_json_object = R"({"type":"object"})";
JsonForm json_object_form();

// The same text for documents that say the same: without spaces, keys sorted, numbers in one form
// (1.0 and 1e0 are 1). Nothing: it is no whole JSON document, or one more than 32 levels deep.
std::optional<std::string> canonical_json(std::string_view text);

}  // namespace kai::wire
