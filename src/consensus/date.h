// Inside consensus: dates as people and models write them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kai::consensus {

struct Date {
  std::size_t begin = 0, end = 0;  // where it stands
  int year = 0;                    // negative: before Christ; 0: not said
  int month = 0;                   // 1..12; 0: not said
  int day = 0;                     // 1..31; 0: not said, and so where the month is not
  // As ISO 8601 writes it: "1879-03-14", "1879-03", "1879", "-0044-03-15"; without a year
  // "--12-25".
  std::string iso() const;
};

// The first date at or after `from`: 14 March 1879 · the 14th of March, 1879 · March 14 · Mar 1879
// · 1879-03-14 · 14.03.1879 · 3/14/1879 (where both may be the month, it is the first) · 44 BC · a
// number of four digits alone is a year. Digits inside a word or a longer number are none.
std::optional<Date> next_date(std::string_view text, std::size_t from);

}  // namespace kai::consensus
