// tools: what an answer says to a question with tools (domain/tool_form.h): a call, or words. Pure.
// The form that members write is kai's own, one JSON object on one line, since templates of models
// differ and votes need one form:
//   {"tool": "get_weather", "arguments": {"city": "Paris"}}
//   {"answer": "It is sunny."}
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/outcome.h"

namespace kai::wire {

struct ToolCall {
  std::string name;
  std::string arguments;  // a JSON object on one line, as the member wrote it
};

// What a member wrote, as it counts. A call stays as it is, and `document` is its canonical form:
// equal for the same tool and arguments, whatever the order of keys or the form of numbers. Words
// are taken out of their object, and there is no document: they are compared as words. Of what is
// neither, such as a call that was cut, or what `form` does not offer, `document` is empty: it says
// nothing.
struct ToolAnswer {
  std::string text;
  std::optional<std::string> document;
};
ToolAnswer tool_answer(std::string_view written, const JsonForm& form);

// The call that the outcome's answer is. Nothing: it is words, or the question had no tools.
std::optional<ToolCall> call_of(const Outcome& outcome);
// What the outcome's answer says in words: the answer, but nothing where it is a call, also one
// that was cut.
std::string words_of(const Outcome& outcome);

}  // namespace kai::wire
