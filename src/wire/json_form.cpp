#include "wire/json_form.h"

#include <cmath>
#include <map>

#include "wire/json.h"

namespace kai::wire {

namespace {

// As to_line() writes them, but sorted, and a whole number however it is written. The levels are
// those of a parsed text.
json::value sorted(const json::value& value) {
  if (const auto* list = value.if_array()) {
    json::array out;
    for (const auto& item : *list) out.push_back(sorted(item));
    return out;
  }
  if (const auto* fields = value.if_object()) {
    std::map<std::string_view, const json::value*> by_name;
    for (const auto& [name, field] : *fields) by_name[name] = &field;
    json::object out;
    for (const auto& [name, field] : by_name) out[name] = sorted(*field);
    return out;
  }
  constexpr double whole_max = 9007199254740992.0;  // 2^53
  const double* number = value.if_double();
  if (number == nullptr || std::abs(*number) > whole_max) return value;
  const auto whole = static_cast<std::int64_t>(*number);
  return static_cast<double>(whole) == *number ? json::value(whole) : value;
}

}  // namespace

std::optional<std::string> canonical_json(std::string_view text) {
  const auto value = parse(text);
  if (!value) return std::nullopt;
  return to_line(sorted(*value));
}

}  // namespace kai::wire
