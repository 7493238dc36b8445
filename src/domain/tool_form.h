// tool_form: a question that its client's tools may answer: who answers may ask for one to be
// called. What tools there are is told in its messages; the form of the answers, as of all JSON, is
// told by their grammar alone.
#pragma once

#include <string_view>

#include "domain/model.h"
#include "domain/query.h"

namespace kai {

// What the grammar of such a question begins with: a comment in GBNF.
inline constexpr std::string_view tool_form_mark = "# tools\n";

inline bool asks_for_tools(const Query& query) {
  return query.json_form.grammar.starts_with(tool_form_mark);
}

// Whether a model can be asked then: its chat template has a place for what it has to be told. What
// template the model of a host has is the host's affair.
inline bool takes_tools(const Model& model) {
  return model.remote() || !model.chat.own_frames() || model.chat.system != Frame{};
}

}  // namespace kai
