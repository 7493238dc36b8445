// json_text: JSON written part by part, for what is written with every question, without a tree of
// values that is thrown away once it is written. Private to wire.
#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "wire/json.h"

namespace kai::wire {

// One value on one line, as to_line() would write it. What is wrong with the order of the calls is
// wrong with the text: an object holds fields, a list values.
class JsonText {
 public:
  std::string take() { return std::move(out_); }

  void add(std::nullptr_t) { begin_value() += "null"; }
  void add(bool flag) { begin_value() += flag ? "true" : "false"; }
  void add(double number) { add_number(begin_value(), number); }
  void add(std::string_view text) { add_quoted(begin_value(), text); }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  template <std::integral Number>
  void add(Number number) {
    begin_value() += std::to_string(number);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    if (value) return add(*value);
    add(nullptr);
  }
  // `fill` adds the fields.
  template <std::invocable Fill>
  void add(Fill fill) {
    begin_value() += '{';
    first_ = true;
    fill();
    out_ += '}';
    first_ = false;
  }
  // `each` adds one value for one item.
  template <class Items, class Each>
  void list(const Items& items, Each each) {
    begin_value() += '[';
    first_ = true;
    for (const auto& item : items) each(item);
    out_ += ']';
    first_ = false;
  }
  // JSON already.
  void raw(std::string_view json) { begin_value() += json; }

  // Of an object; `name` needs no escape.
  JsonText& name(std::string_view name) {
    if (!std::exchange(first_, false)) out_ += ',';
    out_ += '"';
    out_ += name;
    out_ += "\":";
    named_ = true;
    return *this;
  }
  template <class T>
  void field(std::string_view its_name, T&& value) {
    name(its_name).add(std::forward<T>(value));
  }

 private:
  std::string& begin_value() {
    if (!std::exchange(named_, false) && !first_) out_ += ',';
    first_ = false;
    return out_;
  }

  std::string out_;
  bool first_ = true;   // of its list or object
  bool named_ = false;  // its name was written
};

// Null where there is nothing to say.
inline std::optional<std::string_view> some(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace kai::wire
