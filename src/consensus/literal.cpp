#include "consensus/literal.h"

#include <algorithm>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr std::size_t literal_max = 2000;
constexpr std::size_t depth_max = 32;

bool is_name(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

std::size_t name_size(std::string_view text) {
  if (text.empty() || is_digit(text[0])) return 0;
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_name) - text.begin());
}

std::size_t blanks(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_space) - text.begin());
}

// "-12", "3.5", "1e-9", "1_000". A full stop that no digit follows ends a sentence.
std::size_t number_size(std::string_view text) {
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && (is_digit(text[at]) || (at > from && text[at] == '_'))) ++at;
    return at > from;
  };
  const auto digit_at = [&](std::size_t place) {
    return place < text.size() && is_digit(text[place]);
  };
  if (!digits() && !(text.substr(at).starts_with('.') && digit_at(at + 1))) return 0;
  if (text.substr(at).starts_with('.') && digit_at(at + 1)) {
    ++at;
    digits();
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t sign = at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+');
    if (digit_at(at + 1 + sign)) {
      at += 1 + sign;
      digits();
    }
  }
  return at < text.size() && is_name(text[at]) ? 0 : at;
}

std::size_t text_size(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return 0;
  for (std::size_t at = 1; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == text[0])
      return at + 1;
  }
  return 0;
}

std::size_t word_size(std::string_view text) {
  const std::size_t size = name_size(text);
  return one_of(text.substr(0, size), {"True", "False", "None", "true", "false", "null"}) ? size
                                                                                          : 0;
}

std::size_t plain_size(std::string_view text) {
  if (const std::size_t size = text_size(text)) return size;
  if (const std::size_t size = word_size(text)) return size;
  return number_size(text);
}

// From an opening bracket to its closing one; in between plain literals, commas and colons, and
// for a call names with "=". Whether they stand in the right order is for Python to say.
std::size_t bracket_size(std::string_view text, bool named) {
  std::string closing;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '[' || c == '(' || c == '{') {
      if (closing.size() == depth_max) return 0;
      closing += c == '[' ? ']' : c == '(' ? ')' : '}';
      ++at;
    } else if (closing.ends_with(c)) {
      closing.pop_back();
      ++at;
      if (closing.empty()) return at;
    } else if (is_space(c) || c == ',' || c == ':') {
      ++at;
    } else if (const std::size_t size = plain_size(text.substr(at))) {
      at += size;
    } else {
      const std::size_t name = named && closing.size() == 1 ? name_size(text.substr(at)) : 0;
      std::size_t sign = at + name;
      sign += blanks(text.substr(std::min(sign, text.size())));
      if (name == 0 || sign + 1 >= text.size() || text[sign] != '=' || text[sign + 1] == '=') {
        return 0;
      }
      at = sign + 1;
    }
  }
  return 0;
}

}  // namespace

std::size_t literal_size(std::string_view text) {
  text = text.substr(0, literal_max);
  if (text.starts_with("set()")) return 5;
  if (text.empty()) return 0;
  if (text[0] == '[' || text[0] == '(' || text[0] == '{') return bracket_size(text, false);
  return plain_size(text);
}

std::string as_python(std::string_view literal) {
  std::string out;
  for (std::size_t at = 0; at < literal.size();) {
    const auto rest = literal.substr(at);
    std::size_t size = text_size(rest);
    if (size == 0) size = name_size(rest);
    size = std::max<std::size_t>(size, 1);
    const auto word = rest.substr(0, size);
    out += word == "true" ? "True" : word == "false" ? "False" : word == "null" ? "None" : word;
    at += size;
  }
  return out;
}

std::size_t call_size(std::string_view text) {
  text = text.substr(0, literal_max);
  const std::size_t name = name_size(text);
  if (name == 0 || name == text.size() || text[name] != '(') return 0;
  const std::size_t arguments = bracket_size(text.substr(name), true);
  return arguments == 0 ? 0 : name + arguments;
}

}  // namespace kai::consensus
