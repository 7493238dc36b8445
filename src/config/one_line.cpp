#include "config/one_line.h"

#include <utf8.h>

#include <iterator>

namespace kai {

std::string as_one_line(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view ellipsis = "…";
  // Longer than needed by far, whatever the replacement of broken bytes makes of it.
  text = text.substr(0, 4 * bytes_max);
  std::string valid;
  utf8::replace_invalid(text.begin(), text.end(), std::back_inserter(valid));
  std::string line;
  for (auto at = valid.begin(); at != valid.end();) {
    const auto start = at;
    const auto c = static_cast<char32_t>(utf8::next(at, valid.end()));
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
    const std::string next = control ? " " : std::string(start, at);
    if (line.size() + next.size() > bytes_max) {
      while (line.size() + ellipsis.size() > bytes_max) {
        auto end = line.end();
        utf8::prior(end, line.begin());
        line.erase(end, line.end());
      }
      return line.append(ellipsis);
    }
    line += next;
  }
  return line;
}

}  // namespace kai
