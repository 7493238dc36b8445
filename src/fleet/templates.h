// templates: the forms of conversation that a configuration may name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/model.h"

namespace kai {

// "qa": two worked examples, then question and answer, one line each. For base models, which only
// continue a text.
ChatTemplate qa_template();

// "qa", or a family that llama.cpp knows ("chatml", "llama3", "gemma", …). Nothing: no such name.
std::optional<ChatTemplate> template_named(std::string_view name);

// The names that template_named() knows, in one line, for messages.
std::string template_names();

// What kai gives a model that brings no template of its own, so that the starter models answer
// without any configuration. Nothing: the user must choose.
std::optional<ChatTemplate> builtin_template(const ModelId& id);

// The name most likely to fit such a model, to be put into a message.
std::string_view likely_template(const ModelId& id, const ModelFacts& facts);

}  // namespace kai
