// host_parts: what the two protocols of hosts share when they are read. Private to wire.
//
// Hosts differ in what they leave out and in how they write nothing, so a field that is missing, or
// of another type, is a default here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "domain/query.h"
#include "domain/token_odds.h"
#include "wire/json.h"

namespace kai::wire::host {

// Null: it is no object, or has no such field.
inline const json::value* field(const json::value* value, std::string_view name) {
  const auto* object = value == nullptr ? nullptr : value->if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

inline std::string text(const json::value* value, std::string_view name) {
  const auto* found = field(value, name);
  const auto* string = found == nullptr ? nullptr : found->if_string();
  return string == nullptr ? std::string() : std::string(*string);
}

// 0..most; 0: it is no such number.
inline std::int64_t count(const json::value* value, std::string_view name) {
  constexpr std::int64_t most = 1'000'000'000'000'000;
  const auto* found = field(value, name);
  if (found == nullptr) return 0;
  std::int64_t number = 0;
  if (const auto* whole = found->if_int64()) number = *whole;
  if (const auto* real = found->if_double(); real != nullptr && *real > 0 && *real < 1e15) {
    number = static_cast<std::int64_t>(*real);
  }
  return number > 0 && number <= most ? number : 0;
}

// What stands under `name`: a list of tokens as both protocols tell of them. At most 64 of a line,
// and 20 beside each; what is no token with its number is left out.
std::vector<TokenOdds> odds_in(const json::value* value, std::string_view name);

// The schema of an answer's form, which kai has made: it is never empty here, and always JSON.
inline json::value schema_of(const JsonForm& form) {
  auto schema = parse(form.schema);
  ensure(schema.has_value(), "the schema of an answer was made by kai");
  return *std::move(schema);
}

// Null: it is no list.
inline const json::array* list(const json::value* value, std::string_view name) {
  const auto* found = field(value, name);
  return found == nullptr ? nullptr : found->if_array();
}

}  // namespace kai::wire::host
