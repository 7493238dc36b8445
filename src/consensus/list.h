// Inside consensus: lists as people and models write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kai::consensus {

// The items of "red, blue and green", folded, without "the"; one where it is no list.
std::vector<std::string> items_of(std::string_view point);

// The items of lines that begin with a number or bullet, without what follows a colon, dash or
// bracket; at most 32.
struct Lines {
  std::vector<std::string> items;
  bool alone = false;  // there is nothing else
};
Lines listed_lines(std::string_view text);

// Whether `point` names three or more short things with "and" before the last: a list whatever the
// question says, where "Paris, France" is none.
bool is_enumeration(std::string_view point);

enum class Order : std::uint8_t { counts, counts_not };

// Two items or more as "blue, green, red"; nothing: fewer.
std::optional<std::string> list_form(std::vector<std::string> items, Order order);

}  // namespace kai::consensus
