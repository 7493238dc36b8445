#include "wire/loosened.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace kai::wire {

namespace {

constexpr auto narrowing = std::to_array<std::string_view>(
    {"format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
     "multipleOf", "uniqueItems", "minProperties", "maxProperties", "propertyNames",
     "contentEncoding", "contentMediaType"});

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::count(keys, key) > 0;
}

// Of a list of schemas, or of schemas by name.
json::value each_loosened(const json::value& schemas) {
  if (const auto* list = schemas.if_array()) {
    json::array out;
    for (const auto& schema : *list) out.push_back(loosened(schema));
    return out;
  }
  const auto* named = schemas.if_object();
  if (named == nullptr) return schemas;
  json::object out;
  for (const auto& [name, schema] : *named) out[name] = loosened(schema);
  return out;
}

}  // namespace

json::value loosened(const json::value& schema) {
  const auto* fields = schema.if_object();
  if (fields == nullptr) return schema;
  json::object out;
  for (const auto& [name, value] : *fields) {
    const std::string_view key(name);
    if (std::ranges::count(narrowing, key) > 0) continue;
    if (key == "oneOf" && !fields->contains("anyOf")) {
      out["anyOf"] = each_loosened(value);
    } else if (is_one_of(key, {"properties", "$defs", "definitions", "anyOf", "allOf"})) {
      out[name] = each_loosened(value);
    } else if (is_one_of(key, {"items", "additionalProperties"})) {
      out[name] = loosened(value);
    } else {
      out[name] = value;
    }
  }
  return out;
}

}  // namespace kai::wire
