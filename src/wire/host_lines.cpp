#include "wire/host_lines.h"

#include <utf8.h>

#include <algorithm>

namespace kai::wire {

namespace {

// Stands in a JSON string as it is.
bool is_literal(std::string_view text) {
  const bool bare = std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\'; });
  return bare && utf8::is_valid(text.begin(), text.end());
}

bool has_words_alone(const HostPart& part) {
  return !part.words.empty() && !part.ending && !part.usage && !part.over && !part.thinks &&
         part.load == Duration{} && part.error.empty() && part.odds.empty();
}

}  // namespace

Result<std::optional<HostPart>> HostLines::decode(std::string_view line) {
  if (!before_.empty() && line.size() > before_.size() + behind_.size() &&
      line.starts_with(before_) && line.ends_with(behind_)) {
    line.remove_prefix(before_.size());
    const auto words = line.substr(0, line.size() - behind_.size());
    if (is_literal(words)) {
      HostPart part;
      part.words = words;
      return part;
    }
    line = {line.data() - before_.size(), line.size() + before_.size()};
  }
  auto part = decode_line(kind_, line);
  if (part && *part && has_words_alone(**part)) remember(line, **part);
  return part;
}

void HostLines::remember(std::string_view line, const HostPart& part) {
  constexpr std::string_view name = R"("content")";
  const auto at = line.find(name);
  // One alone, so that it is the answer's and not that of something that goes with it.
  if (at == std::string_view::npos || line.find(name, at + 1) != std::string_view::npos) return;
  const std::string_view rest = line.substr(at + name.size());
  const auto quote = rest.find('"');
  if (quote == std::string_view::npos ||
      rest.substr(0, quote).find_first_not_of(": ") != rest.npos) {
    return;
  }
  const std::string_view value = rest.substr(quote + 1);
  if (!is_literal(part.words) || !value.starts_with(part.words) ||
      !value.substr(part.words.size()).starts_with('"')) {
    return;
  }
  behind_ = value.substr(part.words.size());
  before_ = line.substr(0, line.size() - value.size());
}

}  // namespace kai::wire
