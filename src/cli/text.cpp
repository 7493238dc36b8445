#include "cli/text.h"

#include <utf8.h>
#include <wchar.h>

#include <algorithm>
#include <iterator>

namespace kai {

namespace {

constexpr char32_t replacement = 0xFFFD;

// Directional embeddings, overrides and isolates (Unicode TR9): they reorder what stands around.
bool reorders(char32_t letter) {
  return (letter >= 0x202A && letter <= 0x202E) || (letter >= 0x2066 && letter <= 0x2069);
}

char32_t harmless(char32_t letter) {
  if (letter < 0x20) return 0x2400 + letter;  // Unicode's pictures of controls
  if (letter == 0x7F) return 0x2421;
  if ((letter >= 0x80 && letter < 0xA0) || reorders(letter)) return replacement;
  return letter;
}

int columns_of(char32_t letter) {
  return std::max(0, ::wcwidth(static_cast<wchar_t>(letter)));
}

std::string valid(std::string_view text) {
  std::string good;
  utf8::replace_invalid(text.begin(), text.end(), std::back_inserter(good), replacement);
  return good;
}

}  // namespace

std::string inert(std::string_view text, std::size_t columns_max) {
  const std::string good = valid(text);
  std::string shown;
  shown.reserve(good.size());
  std::size_t in_line = 0;
  for (auto at = good.begin(); at != good.end();) {
    const char32_t letter = utf8::next(at, good.end());
    if (letter == '\r' && at != good.end() && *at == '\n') continue;
    if (letter == '\n' || in_line >= columns_max) {
      shown += '\n';
      in_line = 0;
      if (letter == '\n') continue;
    }
    ++in_line;
    if (letter == '\t') {
      shown += '\t';
    } else {
      utf8::append(harmless(letter), std::back_inserter(shown));
    }
  }
  return shown;
}

std::string one_line(std::string_view text, int columns) {
  // What is cut away need not be cleaned; no character is longer than 4 bytes.
  text = text.substr(0, static_cast<std::size_t>(std::max(columns, 0)) * 8 + 64);
  std::string line;
  for (const char letter : inert(text)) {
    const bool blank = letter == '\n' || letter == '\t' || letter == ' ';
    if (!blank) line += letter;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  return cut(line, columns);
}

int columns_of(std::string_view text) {
  int columns = 0;
  for (auto at = text.begin(); at != text.end();) {
    columns += columns_of(static_cast<char32_t>(utf8::next(at, text.end())));
  }
  return columns;
}

std::string cut(std::string_view text, int columns) {
  if (columns <= 0) return {};
  if (columns_of(text) <= columns) return std::string(text);
  int used = 1;  // the "…"
  auto end = text.begin();
  for (auto at = end; at != text.end(); end = at) {
    used += columns_of(static_cast<char32_t>(utf8::next(at, text.end())));
    if (used > columns) break;
  }
  return std::string(text.begin(), end) + "…";
}

std::string padded(std::string_view text, int columns) {
  std::string field = cut(text, columns);
  field.append(static_cast<std::size_t>(std::max(0, columns - columns_of(field))), ' ');
  return field;
}

std::vector<std::string> wrapped(std::string_view text, int columns) {
  const int room = std::max(columns, 20);
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const int used = columns_of(lines.back());
    if (used == 0) {
      lines.back() = std::move(word);
    } else if (used + 1 + columns_of(word) <= room) {
      lines.back() += ' ' + word;
    } else {
      lines.push_back(std::move(word));
    }
  }
  return lines;
}

int columns_of(const Line& line) {
  int columns = 0;
  for (const auto& piece : line) columns += columns_of(piece.text);
  return columns;
}

Line cut(Line line, int columns) {
  if (columns_of(line) <= columns) return line;
  Line kept;
  for (auto& piece : line) {
    const int width = columns_of(piece.text);
    if (width < columns) {
      columns -= width;
      kept.push_back(std::move(piece));
      continue;
    }
    kept.push_back({cut(piece.text + "…", columns), piece.style});
    break;
  }
  return kept;
}

std::string paint(const Line& line, bool color) {
  std::string text;
  for (const auto& piece : line) {
    const std::string_view code = piece.style == Style::good  ? "\x1b[32m"
                                  : piece.style == Style::bad ? "\x1b[31m"
                                  : piece.style == Style::dim ? "\x1b[2m"
                                                              : "";
    if (!color || code.empty()) {
      text += piece.text;
    } else {
      text.append(code).append(piece.text).append("\x1b[0m");
    }
  }
  return text;
}

}  // namespace kai
