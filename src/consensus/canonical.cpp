#include <algorithm>
#include <utility>

#include "consensus/consensus.h"
#include "consensus/forms.h"
#include "consensus/latex.h"
#include "consensus/spoken.h"
#include "consensus/text.h"

namespace kai {

namespace consensus {

namespace {

// What is looked at of either end of an answer: its opening and its conclusion. In bytes.
constexpr std::size_t side_max = 4000;
constexpr std::size_t code_side_max = 32 * 1024;
constexpr std::size_t question_max = 4000;
constexpr std::size_t expression_max = 200;
// A cut open answer that is shorter has hardly begun.
constexpr std::size_t open_cut_min = 40;

std::optional<std::string> open_form(const Reading& reading) {
  if (reading.cut && reading.text.size() < open_cut_min) return std::nullopt;
  // An answer that goes on at length has something to say, whatever its first sentence regrets.
  constexpr std::size_t refusal_max = 400;
  if (reading.text.size() < refusal_max && is_refusal(reading.text)) return std::nullopt;
  std::string text = folded(reading.text);
  if (text.empty()) return std::nullopt;
  return text;
}

// Blanks inside a line are folded, empty lines dropped, the indentation kept: it has meaning.
std::string tidy_code(std::string_view code) {
  std::string result;
  for (std::size_t from = 0; from < code.size();) {
    const std::size_t end = std::min(code.find('\n', from), code.size());
    const std::string_view line = code.substr(from, end - from);
    from = end + 1;
    const std::string_view words = trimmed(line);
    if (words.empty()) continue;
    for (const char c : line.substr(0, static_cast<std::size_t>(words.data() - line.data()))) {
      result += c == '\t' ? "    " : " ";
    }
    bool parted = false;
    for (const char c : words) {
      if (!is_space(c) && parted) result += ' ';
      parted = is_space(c);
      if (!parted) result += c;
    }
    result += '\n';
  }
  return result;
}

}  // namespace

std::optional<std::string> code_form(const Reading& reading) {
  constexpr std::string_view fence = "```";
  const std::string_view text = reading.text;
  std::string code;
  bool closed = false;
  for (std::size_t open = text.find(fence); open != std::string_view::npos;) {
    const std::size_t line = text.find('\n', open);
    if (line == std::string_view::npos) break;
    const std::size_t close = text.find(fence, line);
    closed = close != std::string_view::npos;
    code += tidy_code(text.substr(line, std::min(close, text.size()) - line));
    if (!closed) break;
    open = text.find(fence, close + fence.size());
  }
  if (reading.cut && !closed) return std::nullopt;
  if (code.empty() && !is_refusal(text)) code = tidy_code(text);
  if (code.empty()) return std::nullopt;
  return code;
}

std::string expression_form(std::string_view text) {
  const std::string words = without_latex(beginning(text, expression_max));
  std::string result;
  for (const char c : stripped(words, ".,;:`*\"'")) {
    if (!is_space(c)) result += lower(c);
  }
  // One spelling for the two signs that LaTeX names.
  for (const auto& [sign, name] : {std::pair{"\xE2\x88\x9A", "sqrt"}, {"\xCF\x80", "pi"}}) {
    for (std::size_t at = result.find(sign); at != std::string::npos; at = result.find(sign)) {
      result.replace(at, std::string_view(sign).size(), name);
    }
  }
  // "sqrt3" is "sqrt(3)".
  for (std::size_t at = result.find("sqrt"); at != std::string::npos;
       at = result.find("sqrt", at + 4)) {
    std::size_t end = at + 4;
    while (end < result.size() && is_digit(result[end])) ++end;
    if (end == at + 4) continue;
    result.insert(end, ")").insert(at + 4, "(");
  }
  return result;
}

std::optional<std::string> form_of(Shape shape, std::string_view question, std::string_view answer,
                                   bool cut) {
  const std::size_t side = shape == Shape::code ? code_side_max : side_max;
  Reading reading{.question = question, .text = plain(bounded(spoken(answer), side)), .cut = cut};
  const std::string short_question = bounded(question, question_max);
  reading.question = short_question;
  if (trimmed(reading.text).empty()) return std::nullopt;
  switch (shape) {
    case Shape::choice: return choice_form(reading);
    case Shape::number: return number_form(reading);
    case Shape::short_text: return short_form(reading);
    case Shape::code: return code_form(reading);
    case Shape::open: return open_form(reading);
  }
  return std::nullopt;
}

}  // namespace consensus

std::optional<std::string> canonical(Shape shape, std::string_view question,
                                     std::string_view answer) {
  return consensus::form_of(shape, question, answer, false);
}

}  // namespace kai
