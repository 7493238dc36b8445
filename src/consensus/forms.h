// Inside consensus: the canonical form of an answer, one function a shape. Nothing: it says nothing
// that can be compared.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/verdict.h"

namespace kai::consensus {

// An answer ready to be read: spoken(), bounded() and plain(). `cut`: its end is missing, so only
// what is closed by something behind it counts, never a last number or a half word.
struct Reading {
  std::string_view question;
  std::string text;
  bool cut = false;
};

struct Option {
  char letter;            // 'A'..'Z'
  std::string_view text;  // in the question; empty where it only names letters
};

// The options a question lists: "A) red B) blue", one a line, or "A, B or C". Fewer than two: none.
std::vector<Option> options_in(std::string_view question);

std::optional<std::string> choice_form(const Reading& reading);
std::optional<std::string> number_form(const Reading& reading);
std::optional<std::string> short_form(const Reading& reading);
std::optional<std::string> code_form(const Reading& reading);

// Mathematics without a value: blanks and LaTeX gone, lower case. "2 \sqrt{3}" gives "2sqrt(3)".
std::string expression_form(std::string_view text);

// canonical(), for an answer that may have been cut.
std::optional<std::string> form_of(Shape shape, std::string_view question, std::string_view answer,
                                   bool cut);

}  // namespace kai::consensus
