#include "cli/shell_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace kai {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:,=+@%").find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
  const bool controls = std::ranges::any_of(text, is_control);
  std::string word = controls ? "$'" : "'";
  for (const char c : text) {
    if (is_control(c)) {
      fmt::format_to(std::back_inserter(word), "\\x{:02x}", static_cast<unsigned char>(c));
    } else if (controls && (c == '\'' || c == '\\')) {
      word += {'\\', c};
    } else if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + '\'';
}

}  // namespace kai
