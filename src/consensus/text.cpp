#include "consensus/text.h"

#include <utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

namespace kai::consensus {

namespace {

// Base letters of U+00C0..U+017F. A '?' stands for a sign that is no letter; ligatures and thorn
// give their first letter, which is enough for two spellings of one name to meet.
constexpr std::string_view latin_bases =
    "AAAAAAACEEEEIIIIDNOOOOO?OUUUUYTs"
    "aaaaaaaceeeeiiiidnooooo?ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOo"
    "RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
static_assert(latin_bases.size() == 0x180 - 0xC0);

struct Twin {
  char32_t sign;
  char ascii;
};
constexpr std::array<Twin, 20> twins{
    {{0x00A0, ' '},  {0x00AD, 0},   {0x00B4, '\''}, {0x2010, '-'},  {0x2011, '-'},
     {0x2012, '-'},  {0x2013, '-'}, {0x2014, '-'},  {0x2018, '\''}, {0x2019, '\''},
     {0x201C, '"'},  {0x201D, '"'}, {0x2022, '*'},  {0x2028, '\n'}, {0x202F, ' '},
     {0x2032, '\''}, {0x2044, '/'}, {0x2212, '-'},  {0x3000, ' '},  {0xFEFF, 0}}};

// The ASCII twin of a sign; nothing to write: 0; no twin: '?'.
char twin_of(char32_t sign) {
  if (sign >= 0xFF01 && sign <= 0xFF5E) return static_cast<char>(sign - 0xFF01 + '!');
  if (sign >= 0x2000 && sign <= 0x200A) return ' ';
  if (sign >= 0x200B && sign <= 0x200F) return 0;
  const auto found = std::ranges::find(twins, sign, &Twin::sign);
  return found == twins.end() ? '?' : found->ascii;
}

// The next character from `at`, which moves past it; 0xFFFD for a byte that begins none.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  const std::string_view bytes = text.substr(at, length);
  if (!utf8::is_valid(bytes.begin(), bytes.end())) {
    ++at;
    return 0xFFFD;
  }
  at += length;
  auto place = bytes.begin();
  return utf8::unchecked::next(place);
}

char32_t without_case(char32_t sign) {
  const bool greek = sign >= 0x391 && sign <= 0x3A9;
  const bool cyrillic = sign >= 0x410 && sign <= 0x42F;
  return greek || cyrillic ? sign + 0x20 : sign;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Signs beyond ASCII that part words as a comma does.
bool parts_words(char32_t sign) {
  return (sign >= 0x80 && sign < 0xC0) || sign == 0xD7 || sign == 0xF7 ||
         (sign >= 0x2000 && sign <= 0x206F) || (sign >= 0x3000 && sign <= 0x303F) || sign == 0xFFFD;
}

// folded(), sign by sign.
class Folding {
 public:
  explicit Folding(std::size_t size) { text_.reserve(size); }

  // `next` is the sign behind it.
  void add(char c, char next) {
    const bool inside = !text_.empty() && !parted_ && is_word(text_.back());
    const bool in_number = inside && is_digit(text_.back()) && is_digit(next);
    if (is_word(c)) return write({&c, 1});
    // An apostrophe joins: "it's" and "its" may be one. "1,234" is "1234".
    if ((c == '\'' && inside && is_letter(next)) || (c == ',' && in_number)) return;
    // Signs with a meaning of their own: "9.9", "-5", "C#", "C++".
    const bool point = c == '.' && in_number;
    const bool minus = c == '-' && !inside && is_digit(next);
    const bool suffix =
        !parted_ && ((c == '#' && inside) || (c == '+' && (inside || text_.ends_with('+'))));
    if (point || minus || suffix) return write({&c, 1});
    part();
  }

  void add_beyond_ascii(char32_t sign, std::string_view bytes) {
    constexpr char32_t right_quote = 0x2019;  // an apostrophe, mostly
    sign = without_case(sign);
    if (sign == right_quote) return;
    if (parts_words(sign)) return part();
    if (sign >= 0xC0 && sign < 0x180) {
      const char base = lower(latin_bases[sign - 0xC0]);
      return write({&base, 1});
    }
    if (sign < 0x391 || sign > 0x44F) return write(bytes);
    std::string letter;  // Greek and Cyrillic, whose case was dropped
    utf8::append(sign, std::back_inserter(letter));
    write(letter);
  }

  std::string result() && { return std::move(text_); }

 private:
  void part() { parted_ = !text_.empty(); }
  void write(std::string_view letters) {
    if (parted_) text_ += ' ';
    parted_ = false;
    text_ += letters;
  }

  std::string text_;
  bool parted_ = false;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  return stripped(text, "");
}

std::string_view stripped_front(std::string_view text, std::string_view marks) {
  const auto goes = [&](char c) { return is_space(c) || marks.contains(c); };
  while (!text.empty() && goes(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view stripped(std::string_view text, std::string_view marks) {
  const auto goes = [&](char c) { return is_space(c) || marks.contains(c); };
  text = stripped_front(text, marks);
  while (!text.empty() && goes(text.back())) text.remove_suffix(1);
  return text;
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = lower(c);
  return result;
}

std::string_view beginning(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && is_continuation(text[bytes_max])) --bytes_max;
  return text.substr(0, bytes_max);
}

std::string_view first_character(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_continuation(text[end])) ++end;
  return text.substr(0, end);
}

std::string bounded(std::string_view text, std::size_t side) {
  if (text.size() <= 2 * side) return std::string(text);
  std::size_t tail = text.size() - side;
  while (tail < text.size() && is_continuation(text[tail])) ++tail;
  std::string result(beginning(text, side));
  result += '\n';
  result += text.substr(tail);
  return result;
}

std::string plain(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at];
    if (static_cast<unsigned char>(byte) < 0x80) {
      if (byte != '\0' && byte != '\r') result += byte;
      ++at;
      continue;
    }
    const std::size_t from = at;
    const char32_t sign = next_character(text, at);
    if (sign == 0xFFFD) continue;
    const char twin = twin_of(sign);
    if (twin == '?' && sign != 0xFF1F) {
      result += text.substr(from, at - from);
    } else if (twin != 0) {
      result += twin;
    }
  }
  return result;
}

std::string folded(std::string_view text) {
  Folding folding(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t sign = next_character(text, at);
    if (sign < 0x80) {
      folding.add(lower(text[from]), at < text.size() ? text[at] : ' ');
    } else {
      folding.add_beyond_ascii(sign, text.substr(from, at - from));
    }
  }
  return std::move(folding).result();
}

std::string shortened(std::string_view text, std::size_t chars_max) {
  constexpr std::string_view ellipsis = "\xE2\x80\xA6";
  std::string result;
  std::size_t chars = 0;
  std::size_t room_for_ellipsis = 0;  // bytes of the first chars_max - 1 characters
  bool parted = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t sign = next_character(text, at);
    if (sign < 0x80 && (is_space(static_cast<char>(sign)) || sign == 0)) {
      parted = chars > 0;
      continue;
    }
    const std::size_t needed = parted ? 2 : 1;
    if (chars + needed > chars_max) {
      result.resize(room_for_ellipsis);
      return result.append(ellipsis);
    }
    if (parted) result += ' ';
    parted = false;
    result += sign == 0xFFFD ? std::string_view("\xEF\xBF\xBD") : text.substr(from, at - from);
    chars += needed;
    if (chars < chars_max) room_for_ellipsis = result.size();
  }
  return result;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t from = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > from) words.push_back(text.substr(from, at - from));
  }
  return words;
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool has_phrase(std::string_view text, std::string_view phrase) {
  for (std::size_t at = text.find(phrase); at != std::string_view::npos;
       at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    const bool begins = at == 0 || !is_word(text[at - 1]) || !is_word(phrase.front());
    const bool ends = end == text.size() || !is_word(text[end]) || !is_word(phrase.back());
    if (begins && ends) return true;
  }
  return false;
}

bool has_any_phrase(std::string_view text, std::initializer_list<std::string_view> phrases) {
  return std::ranges::any_of(phrases, [&](auto phrase) { return has_phrase(text, phrase); });
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](auto begin) { return text.starts_with(begin); });
}

std::size_t sentence_end(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') return at;
    if (c != '.' && c != '!' && c != '?') continue;
    std::size_t after = at + 1;
    while (after < text.size() && std::string_view("*_\"')").contains(text[after])) ++after;
    if (after < text.size() && !is_space(text[after])) continue;
    // A single letter before the stop is an initial or an abbreviation; so is "Dr." and the like.
    std::size_t word = at;
    while (word > from && is_letter(text[word - 1])) --word;
    // "H2O." ends in a word of several signs, not in an initial.
    const bool alone = word == from || !is_word(text[word - 1]);
    const bool initial = c == '.' && at - word == 1 && alone && after < text.size() &&
                         (is_upper(text[word]) || (word > from && text[word - 1] == '.'));
    const bool title = c == '.' && one_of(text.substr(word, at - word),
                                          {"Dr", "Mr", "Mrs", "Ms", "St", "Mt", "vs", "approx"});
    // "Mar. 1879"; a sentence may well end in "Mar" before another word.
    const std::string_view next = trimmed(text.substr(at + 1, 8));
    const bool month =
        c == '.' && !next.empty() && is_digit(next[0]) &&
        one_of(text.substr(word, at - word), {"Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug",
                                              "Sep", "Sept", "Oct", "Nov", "Dec"});
    if (!initial && !title && !month) return at;
  }
  return text.size();
}

bool is_function_word(std::string_view word) {
  static constexpr auto words = std::to_array<std::string_view>(
      {"a",    "about", "after", "also", "am",    "an",    "and",   "are",   "as",    "at",
       "be",   "been",  "being", "but",  "by",    "can",   "could", "did",   "do",    "does",
       "for",  "from",  "had",   "has",  "have",  "he",    "her",   "his",   "how",   "i",
       "if",   "in",    "into",  "is",   "it",    "its",   "may",   "me",    "more",  "most",
       "my",   "of",    "on",    "one",  "or",    "our",   "she",   "so",    "such",  "than",
       "that", "the",   "their", "them", "there", "these", "they",  "this",  "those", "to",
       "us",   "was",   "we",    "were", "what",  "when",  "where", "which", "while", "who",
       "whom", "whose", "why",   "will", "with",  "would", "you",   "your"});
  static_assert(std::ranges::is_sorted(words));
  return std::ranges::binary_search(words, word);
}

}  // namespace kai::consensus
