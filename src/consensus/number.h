// Inside consensus: numbers as people and models write them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kai::consensus {

struct Number {
  std::size_t begin = 0, end = 0;  // where it stands, currency and percent sign included
  std::string value;               // in canonical form: "1234", "-9.9", "0.5"
  bool percent = false;            // followed by % or "percent"; not yet divided by 100
};

// The first number at or after `from`, in digits: 1,234.50 · -3 · 1/2 · 2 1/2 · $9.90 · 1.5 million
// · 1.2e5 · 3 x 10^5. Digits inside a word ("H2O", "x2") are none. Exact: digits are never rounded,
// except that a fraction is its decimal, to ten significant places.
std::optional<Number> next_number(std::string_view text, std::size_t from);

// The same for numbers in English words up to the trillions. `text` in lower case.
std::optional<Number> next_number_word(std::string_view text, std::size_t from);

// A number divided by 100, exactly.
std::string hundredth(const Number& number);

}  // namespace kai::consensus
