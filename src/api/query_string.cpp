#include "api/query_string.h"

#include <algorithm>
#include <charconv>

namespace kai {

namespace {

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned code = 0;
    const auto* begin = text.data() + at + 1;
    const bool escape = text[at] == '%' && at + 2 < text.size() &&
                        std::from_chars(begin, begin + 2, code, 16).ptr == begin + 2;
    if (escape) {
      plain += static_cast<char>(code);
      at += 2;
    } else {
      plain += text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

}  // namespace

std::optional<std::string> query_value(std::string_view target, std::string_view name) {
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::string_view key = pair.substr(0, pair.find('='));
    if (decoded(key) != name) continue;
    return decoded(pair.substr(std::min(key.size() + 1, pair.size())));
  }
  return std::nullopt;
}

}  // namespace kai
