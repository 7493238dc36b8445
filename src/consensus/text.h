// Inside consensus: the letters and words of what people and models write. Everything here takes
// any bytes; what is not UTF-8 is skipped or replaced, never trusted.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace kai::consensus {

constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z');
}
// A byte of a character beyond ASCII counts as part of a word.
constexpr bool is_word(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}
constexpr char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trimmed(std::string_view text);
// Without any of `marks` at either end, nor blanks.
std::string_view stripped(std::string_view text, std::string_view marks);
std::string_view stripped_front(std::string_view text, std::string_view marks);
// ASCII letters in lower case; same length, so that places found in it hold in `text`.
std::string lowered(std::string_view text);

// At most `bytes_max` bytes, cut at a whole character.
std::string_view beginning(std::string_view text, std::size_t bytes_max);
// `text` not empty.
std::string_view first_character(std::string_view text);
// `text` where it is short, else its first and last `side` bytes cut at whole characters, joined
// by a line's end: what bounds the work on an answer of any size.
std::string bounded(std::string_view text, std::size_t side);
// Typographic quotes, dashes, blanks and full-width signs as their ASCII twins; bytes that are no
// UTF-8 dropped. Case, letters and markup stay.
std::string plain(std::string_view text);
// For comparison: lower case, no accents, every run of other signs one blank. "São Paulo!" and
// "sao  paulo" are one.
std::string folded(std::string_view text);
// The first `chars_max` characters (>= 1), blanks folded; a cut is shown by an ellipsis, which
// counts.
std::string shortened(std::string_view text, std::size_t chars_max);

// Views into `text`, split at blanks.
std::vector<std::string_view> words_of(std::string_view text);
bool one_of(std::string_view word, std::initializer_list<std::string_view> words);
// Whether `phrase` stands in `text` and begins and ends at a word's edge. Both lower case.
bool has_phrase(std::string_view text, std::string_view phrase);
bool has_any_phrase(std::string_view text, std::initializer_list<std::string_view> phrases);
bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings);

// The end of the sentence that begins at `from`: the place of its full stop, question mark or
// line's end. "9.9", "e.g." and "J. Smith" do not end one.
std::size_t sentence_end(std::string_view text, std::size_t from);

// Articles, pronouns, prepositions, forms of be, have, do: words that carry no point. Lower case.
bool is_function_word(std::string_view word);

}  // namespace kai::consensus
