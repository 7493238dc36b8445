#include "consensus/latex.h"

#include <array>
#include <cstddef>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

// Commands that only dress what follows.
constexpr bool only_dresses(std::string_view name) {
  constexpr auto names = std::to_array<std::string_view>(
      {"left",         "right",  "big",    "Big",    "bigl",   "bigr",   "text",
       "textbf",       "textit", "mathrm", "mathbf", "mathit", "mathbb", "operatorname",
       "displaystyle", "mbox",   "quad",   "qquad",  "boxed",  "rm",     "bf",
       "limits",       "textrm", "texttt", "emph",   "hspace", "circ",   "degree"});
  for (const auto known : names) {
    if (name == known) return true;
  }
  return false;
}

constexpr std::string_view sign_of(std::string_view name) {
  if (name == "cdot" || name == "times") return "*";
  if (name == "div") return "/";
  if (name == "pm") return "+-";
  if (name == "le" || name == "leq") return "<=";
  if (name == "ge" || name == "geq") return ">=";
  if (name == "infty") return "infinity";
  return name;
}

// The group in braces at `at`, or the one sign there; moves `at` past it.
std::string_view group_at(std::string_view text, std::size_t& at) {
  while (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size()) return {};
  if (text[at] != '{') {
    const std::string_view sign = first_character(text.substr(at));
    at += sign.size();
    return sign;
  }
  const std::size_t from = at + 1;
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return text.substr(from, at++ - from);
  }
  return text.substr(from);
}

bool is_one_term(std::string_view text) {
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c) && c != '.') return false;
  }
  return !text.empty();
}

// Groups inside groups keep their braces' contents only: one level is what answers use.
std::string bracketed(std::string_view group) {
  std::string inside;
  for (const char c : group) {
    if (c != '{' && c != '}') inside += c;
  }
  return is_one_term(inside) ? inside : "(" + inside + ")";
}

bool ends_in_digit(std::string_view text) {
  return !text.empty() && is_digit(text.back());
}

// Writes what the command whose name begins at `at` stands for; moves `at` past it.
void write_command(std::string_view text, std::size_t& at, std::string& result) {
  const std::size_t from = at;
  while (at < text.size() && is_letter(text[at])) ++at;
  const std::string_view name = text.substr(from, at - from);
  if (name.empty()) {  // "\(", "\,", "\%" …
    if (at == text.size()) return;
    const std::string_view mark = first_character(text.substr(at));
    at += mark.size();
    if (one_of(mark, {"%", "{", "}"}) || mark.size() > 1) result += mark;
    if (one_of(mark, {"\\", " ", ";"})) result += ' ';
    return;
  }
  if (name == "frac" || name == "dfrac" || name == "tfrac" || name == "cfrac") {
    if (ends_in_digit(result)) result += ' ';  // a mixed number: 2\frac{1}{2}
    const std::string_view above = group_at(text, at);
    const std::string_view below = group_at(text, at);
    result += bracketed(above) + "/" + bracketed(below);
  } else if (name == "sqrt") {
    const std::string_view under = group_at(text, at);
    result.append("sqrt(").append(under).append(")");
  } else if (!only_dresses(name)) {
    result += sign_of(name);
  } else if (ends_in_digit(result) && name.starts_with("text")) {
    result += ' ';  // a unit
  }
}

}  // namespace

std::string without_latex(std::string_view text) {
  if (!text.contains('\\') && !text.contains('$')) return std::string(text);
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '\\') {
      write_command(text, at, result);
    } else if (c == '^' && text.substr(at).starts_with("\\circ")) {
      at += 5;
    } else if (c == '^' && text.substr(at).starts_with("{\\circ}")) {
      at += 7;
    } else if (c != '$' && c != '{' && c != '}') {
      result += c;
    } else if (c == '{' && text.substr(at).starts_with(",}")) {
      result += ',';  // 1{,}234
      at += 2;
    } else if (c == '{' || c == '}') {
      // Sets keep theirs by "\{"; a bare brace only groups.
    }
  }
  return result;
}

}  // namespace kai::consensus
