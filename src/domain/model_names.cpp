#include "domain/model_names.h"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>
#include <vector>

namespace kai {

namespace {

constexpr std::size_t name_max = 64;  // bytes looked at and shown; the distance is quadratic

// Levenshtein, one row at a time.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  left = left.substr(0, name_max);
  right = right.substr(0, name_max);
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0UZ);
  for (std::size_t l = 0; l < left.size(); ++l) {
    std::size_t diagonal = std::exchange(row[0], l + 1);
    for (std::size_t r = 0; r < right.size(); ++r) {
      const std::size_t replaced = diagonal + (left[l] == right[r] ? 0 : 1);
      diagonal = std::exchange(row[r + 1], std::min({replaced, row[r] + 1, row[r + 1] + 1}));
    }
  }
  return row.back();
}

std::string shown(std::string_view name) {
  std::string clipped(name.substr(0, name_max));
  for (char& c : clipped) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  std::string valid;
  utf8::replace_invalid(clipped.begin(), clipped.end(), std::back_inserter(valid));
  return fmt::format("\"{}{}\"", valid, name.size() > name_max ? "…" : "");
}

}  // namespace

std::string unknown_name(std::string_view name, std::span<const std::string> known) {
  constexpr std::size_t shown_max = 3;
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const auto& one : known) near.emplace_back(edit_distance(name, one), one);
  std::ranges::sort(near);
  std::string message = fmt::format("no model is called {}", shown(name));
  for (std::size_t index = 0; index < std::min(near.size(), shown_max); ++index) {
    message += index == 0 ? "; the nearest: " : ", ";
    message += shown(near[index].second);
  }
  return message + "; `kai models` and /v1/models list all";
}

}  // namespace kai
