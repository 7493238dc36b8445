// text: what may be shown in a terminal, and how wide it is. Pure; widths follow the C.UTF-8
// locale, which run_cli() sets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kai {

// Text of a model or a file made harmless for a terminal: valid UTF-8; controls (escape codes
// among them) as their pictures, such as ␛; bidirectional overrides as U+FFFD; only line feeds and
// tabs stay. Lines over `columns_max` characters are broken.
std::string inert(std::string_view text, std::size_t columns_max = 4096);

// The same as one line of at most `columns`; the end that was cut shows as "…".
std::string one_line(std::string_view text, int columns);

// Columns that a terminal needs for one line of valid UTF-8.
int columns_of(std::string_view text);

// At most `columns` of one line, ending in "…" where something was cut.
std::string cut(std::string_view text, int columns);

// `text` and blanks up to `columns`; longer text is cut.
std::string padded(std::string_view text, int columns);

// One line in pieces of at most `columns` (at least 20), broken at blanks where there are some; at
// least one piece.
std::vector<std::string> wrapped(std::string_view text, int columns);

enum class Style : std::uint8_t { plain, good, bad, dim };

struct Piece {
  std::string text;
  Style style = Style::plain;
};
using Line = std::vector<Piece>;

int columns_of(const Line& line);
Line cut(Line line, int columns);
std::string paint(const Line& line, bool color);

}  // namespace kai
