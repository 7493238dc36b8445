// The Python that stands in an answer.
#include <algorithm>

#include "consensus/examples.h"
#include "consensus/spoken.h"
#include "consensus/text.h"

namespace kai {

namespace {

using consensus::is_space;
using consensus::trimmed;

constexpr std::string_view fence = "```";

bool begins_code(std::string_view line) {
  return consensus::starts_with_any(line, {"def ", "class ", "import ", "async def ", "@"}) ||
         (line.starts_with("from ") && line.contains(" import "));
}

// "f = lambda …", "MOD = 10": a name and a value, at a line's begin.
bool assigns(std::string_view line) {
  const auto name = line.substr(0, line.find(' '));
  const bool word = !name.empty() && std::ranges::all_of(name, [](char c) {
    return consensus::is_letter(c) || consensus::is_digit(c) || c == '_';
  });
  return word && line.substr(name.size()).starts_with(" = ");
}

bool looks_like_python(std::string_view code) {
  for (std::size_t from = 0; from < code.size();) {
    const std::size_t end = std::min(code.find('\n', from), code.size());
    const auto line = trimmed(code.substr(from, end - from));
    if (begins_code(line) || assigns(line)) return true;
    from = end + 1;
  }
  return false;
}

// Of prose without a fence: definitions, what is indented below them, and assignments.
std::string bare_code(std::string_view text) {
  std::string code;
  bool inside = false;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const auto line = text.substr(from, end - from);
    from = end + 1;
    const bool indented = !line.empty() && is_space(line[0]);
    if (!trimmed(line).empty() && !indented) inside = begins_code(line) || assigns(line);
    if (!inside) continue;
    code += line;
    code += '\n';
  }
  return code;
}

}  // namespace

std::vector<std::string> python_in(std::string_view answer) {
  const std::string_view text = consensus::spoken(answer);
  std::vector<std::string> blocks;
  if (!text.contains(fence)) {
    std::string code = bare_code(text);
    if (!trimmed(code).empty()) blocks.push_back(std::move(code));
    return blocks;
  }
  for (std::size_t open = text.find(fence); open != std::string_view::npos;) {
    const std::size_t line = text.find('\n', open);
    if (line == std::string_view::npos) break;
    const std::string language =
        consensus::lowered(trimmed(text.substr(open + fence.size(), line - open - fence.size())));
    const std::size_t close = std::min(text.find(fence, line), text.size());
    const auto code = text.substr(line + 1, std::max(close, line + 1) - line - 1);
    const bool python = consensus::starts_with_any(language, {"python", "py"});
    const bool unnamed = language.empty() && looks_like_python(code);
    if ((python || unnamed) && !trimmed(code).empty()) blocks.emplace_back(code);
    if (close == text.size()) break;
    open = text.find(fence, close + fence.size());
  }
  return blocks;
}

}  // namespace kai
