// json: what every file of wire/ shares of Boost.JSON: text that is always valid, one writer, one
// reader that names the field. Included by wire/*.cpp only; no JSON type leaves the folder.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kai::wire {

namespace json = boost::json;

// `text` with every byte that is not valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// One line without its end. Always valid JSON in valid UTF-8, whatever bytes the strings hold;
// numbers in the shortest form that reads back the same (parse() is exact to 15 digits); what is
// not finite becomes null.
// Characters that steer a terminal (controls, bidirectional overrides) are escaped.
// `value` at most some hundred levels deep: ours are below ten, a parsed one below 33.
std::string to_line(const json::value& value);
// Appends the text as a JSON string, as to_line() writes it.
void add_quoted(std::string& out, std::string_view text);
// Appends the number, as to_line() writes it.
void add_number(std::string& out, double number);
// An object's text with one field more at its end. `object`: of to_line(), not empty; `name` needs
// no escape; `json`: its value.
std::string with_field(std::string object, std::string_view name, std::string_view json);
// The same as to_line() for people: indented by two spaces a level, short lists and objects on one
// line.
std::string to_indented(const json::value& value);

// The parsed text, at most 32 levels deep. Errors: invalid_request, with what is wrong and where.
// Of duplicate keys the last counts. `memory`: where it is kept, as Boost.JSON's own.
Result<json::value> parse(std::string_view text, json::storage_ptr memory = {});

// Milliseconds with at most three decimals: finer is noise.
double to_ms(Duration duration);
// RFC 3339 in UTC with milliseconds: "2026-03-01T12:00:00.250Z".
std::string to_rfc3339(WallTime time);
// The inverse, of exactly that form. Nothing: another form, no such day or time, or a year that
// WallTime does not hold whole: 1678 to 2261 are read.
std::optional<WallTime> from_rfc3339(std::string_view text);

// A bound of a number, both ends included.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

// Reads the fields of one object. The first thing wrong is kept, named by its path
// ("sampling.top_p"), and everything read from then on is a default: read all, then look at the
// error once (see decode()). The object and the error outlive the reader. Unknown fields are
// ignored, so that either side may grow.
class Fields {
 public:
  Fields(const json::object& object, std::string path, std::optional<Error>& error)
      : object_(&object), path_(std::move(path)), error_(&error) {}

  bool has(std::string_view name) const;      // present and not null
  bool is_text(std::string_view name) const;  // present, and a string
  bool is_list(std::string_view name) const;
  const json::value* value(std::string_view name) const {  // of any type; null: as has() says no
    return has(name) ? object_->if_contains(name) : nullptr;
  }
  std::vector<std::string> names() const;  // of all fields, in the text's order

  // Required; wrong type or out of range is an error.
  std::string text(std::string_view name);
  std::int64_t integer(std::string_view name, Range range = {});
  int small(std::string_view name, Range range);                 // an int; `range` within int's
  double number(std::string_view name, double min, double max);  // both ends included
  bool flag(std::string_view name);
  std::uint64_t unsigned64(std::string_view name);  // number or, since JSON's lose bits, string
  Duration ms(std::string_view name);               // >= 0
  std::vector<std::string> texts(std::string_view name);
  std::vector<double> numbers(std::string_view name, double min, double max);
  Fields object(std::string_view name);
  std::vector<Fields> objects(std::string_view name);

  // An enum's value by the name that `named` knows.
  template <class Named>
  auto one_of(std::string_view name, Named named) {
    const std::string word = text(name);
    const auto value = named(std::string_view(word));
    if (!value) reject(name, unknown_value(word));
    using E = typename std::decay_t<decltype(value)>::value_type;
    return value.value_or(E{});
  }

  // Keeps an error about a field unless there is one already.
  void reject(std::string_view name, std::string_view why);

 private:
  // `word` shortened, so that a complaint is no longer than a line.
  static std::string unknown_value(std::string_view word);
  const json::value* find(std::string_view name);
  std::string path_of(std::string_view name) const;

  const json::object* object_;
  std::string path_;
  std::optional<Error>* error_;
};

// Parses `text` as an object and reads it with `read(Fields&) -> T`.
template <class Read>
auto decode(std::string_view text, Read read) -> Result<std::invoke_result_t<Read, Fields&>> {
  auto value = parse(text);
  if (!value) return std::unexpected(value.error());
  if (!value->is_object()) return fail(ErrorCode::invalid_request, "expected a JSON object");
  std::optional<Error> error;
  Fields fields(value->get_object(), "", error);
  auto result = read(fields);
  if (error) return std::unexpected(*std::move(error));
  return result;
}

}  // namespace kai::wire
