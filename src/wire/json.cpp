#include "wire/json.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>
#include <iterator>

namespace kai::wire {

namespace {

constexpr std::chrono::year year_min(1678), year_max(2261);  // whole ones in nanoseconds of 64 bits

// A whole number, also one written as 3.0 or 3e2 within the 53 bits a double keeps.
std::optional<std::int64_t> whole(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  if (!(std::abs(number) <= 0x1p53) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace

Result<json::value> parse(std::string_view text, json::storage_ptr memory) {
  boost::system::error_code error;
  json::value value =
      json::parse(json::string_view(text.data(), text.size()), error, std::move(memory));
  if (error) return fail(ErrorCode::invalid_request, "not valid JSON: " + error.message());
  return value;
}

double to_ms(Duration duration) {
  return std::round(static_cast<double>(duration.count()) / 1e3) / 1e3;
}

std::string to_rfc3339(WallTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(ms);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(ms - day);
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&text](std::size_t end, std::int64_t number) {
    for (; number > 0; number /= 10) text[--end] = static_cast<char>('0' + number % 10);
  };
  put(4, int(date.year()));
  put(7, unsigned(date.month()));
  put(10, unsigned(date.day()));
  put(13, clock.hours().count());
  put(16, clock.minutes().count());
  put(19, clock.seconds().count());
  put(23, clock.subseconds().count());
  return text;
}

std::optional<WallTime> from_rfc3339(std::string_view text) {
  static constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t at = 0; at < form.size(); ++at) {
    const bool digit = text[at] >= '0' && text[at] <= '9';
    if (form[at] == 'd' ? !digit : text[at] != form[at]) return std::nullopt;
  }
  const auto part = [text](std::size_t from, std::size_t size) {
    int value = 0;
    for (const char digit : text.substr(from, size)) value = value * 10 + (digit - '0');
    return value;
  };
  const std::chrono::year_month_day date(std::chrono::year(part(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(part(8, 2))));
  const int hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  if (date.year() < year_min || date.year() > year_max) return std::nullopt;
  return WallTime(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                  std::chrono::minutes(minute) + std::chrono::seconds(second) +
                  std::chrono::milliseconds(part(20, 3)));
}

bool Fields::has(std::string_view name) const {
  const json::value* value = object_->if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && !value->is_null();
}

bool Fields::is_text(std::string_view name) const {
  const json::value* value = object_->if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_string();
}

bool Fields::is_list(std::string_view name) const {
  const json::value* value = object_->if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_array();
}

std::vector<std::string> Fields::names() const {
  std::vector<std::string> names;
  names.reserve(object_->size());
  for (const auto& field : *object_) names.emplace_back(field.key().data(), field.key().size());
  return names;
}

std::string Fields::text(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return {};
  if (const auto* string = value->if_string()) return {string->data(), string->size()};
  reject(name, "must be a string");
  return {};
}

std::int64_t Fields::integer(std::string_view name, Range range) {
  const json::value* value = find(name);
  if (value == nullptr) return range.min;
  const auto number = whole(*value);
  if (number && *number >= range.min && *number <= range.max) return *number;
  reject(name, fmt::format("must be a whole number from {} to {}", range.min, range.max));
  return range.min;
}

int Fields::small(std::string_view name, Range range) {
  return static_cast<int>(integer(name, range));
}

double Fields::number(std::string_view name, double min, double max) {
  const json::value* value = find(name);
  if (value == nullptr) return min;
  boost::system::error_code error;
  const double number = value->to_number<double>(error);
  if (!error && number >= min && number <= max) return number;
  reject(name, fmt::format("must be a number from {} to {}", min, max));
  return min;
}

bool Fields::flag(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  reject(name, "must be true or false");
  return false;
}

std::uint64_t Fields::unsigned64(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->get_uint64();
  if (const auto number = whole(*value); number && *number >= 0) {
    return static_cast<std::uint64_t>(*number);
  }
  if (const auto* string = value->if_string()) {
    std::uint64_t number = 0;
    const char* end = string->data() + string->size();
    const auto [stop, error] = std::from_chars(string->data(), end, number);
    if (error == std::errc() && stop == end) return number;
  }
  reject(name, "must be a whole number from 0 to 2^64-1, or the same as a string");
  return 0;
}

Duration Fields::ms(std::string_view name) {
  constexpr double ten_years = 3.2e11;
  return from_seconds(number(name, 0, ten_years) / 1e3);
}

std::vector<std::string> Fields::texts(std::string_view name) {
  std::vector<std::string> found;
  const json::value* value = find(name);
  if (value == nullptr) return found;
  const auto* array = value->if_array();
  if (array == nullptr) {
    reject(name, "must be a list of strings");
    return found;
  }
  for (const auto& item : *array) {
    const auto* string = item.if_string();
    if (string == nullptr) {
      reject(name, "must be a list of strings");
      return {};
    }
    found.emplace_back(string->data(), string->size());
  }
  return found;
}

std::vector<double> Fields::numbers(std::string_view name, double min, double max) {
  std::vector<double> found;
  const json::value* value = find(name);
  if (value == nullptr) return found;
  const auto* array = value->if_array();
  bool good = array != nullptr;
  for (std::size_t at = 0; good && at < array->size(); ++at) {
    boost::system::error_code error;
    found.push_back((*array)[at].to_number<double>(error));
    good = !error && found.back() >= min && found.back() <= max;
  }
  if (good) return found;
  reject(name, fmt::format("must be a list of numbers from {} to {}", min, max));
  return {};
}

Fields Fields::object(std::string_view name) {
  static const json::object nothing;
  const json::value* value = find(name);
  if (value != nullptr && !value->is_object()) reject(name, "must be an object");
  const bool good = value != nullptr && value->is_object();
  return {good ? value->get_object() : nothing, path_of(name), *error_};
}

std::vector<Fields> Fields::objects(std::string_view name) {
  std::vector<Fields> found;
  const json::value* value = find(name);
  if (value == nullptr) return found;
  const auto* array = value->if_array();
  if (array == nullptr) {
    reject(name, "must be a list of objects");
    return found;
  }
  for (const auto& item : *array) {
    const std::string path = fmt::format("{}[{}]", path_of(name), found.size());
    if (!item.is_object()) {
      reject(name, "must be a list of objects");
      return {};
    }
    found.emplace_back(item.get_object(), path, *error_);
  }
  return found;
}

std::string Fields::unknown_value(std::string_view word) {
  constexpr std::size_t shown_max = 64;  // bytes
  if (word.size() <= shown_max) return fmt::format("unknown value \"{}\"", word);
  std::string start;  // of whole characters
  for (auto at = word.begin(); at != word.end();) {
    const auto from = at;
    utf8::next(at, word.end());
    if (start.size() + static_cast<std::size_t>(at - from) > shown_max) break;
    start.append(from, at);
  }
  return fmt::format("unknown value \"{}…\"", start);
}

void Fields::reject(std::string_view name, std::string_view why) {
  if (*error_) return;
  *error_ = Error{ErrorCode::invalid_request,
                  fmt::format("field \"{}\" {}", valid_utf8(path_of(name)), valid_utf8(why))};
}

const json::value* Fields::find(std::string_view name) {
  const json::value* value = object_->if_contains(json::string_view(name.data(), name.size()));
  if (value == nullptr || value->is_null()) {
    reject(name, "is missing");
    return nullptr;
  }
  return value;
}

std::string Fields::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

}  // namespace kai::wire
