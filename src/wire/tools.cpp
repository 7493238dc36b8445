#include "wire/tools.h"

#include <algorithm>

#include "domain/tool_form.h"
#include "wire/chat_parts.h"
#include "wire/host_parts.h"
#include "wire/json.h"
#include "wire/json_form.h"

namespace kai::wire {

namespace {

struct Said {
  std::optional<ToolCall> call;
  std::optional<std::string> words;
};

// Neither: it is in no such form.
Said said_in(std::string_view written) {
  const auto value = parse(written);
  if (!value || !value->is_object()) return {};
  const json::object& fields = value->get_object();
  if (const auto* words = fields.if_contains("answer"); words != nullptr && words->is_string()) {
    return {.call = {}, .words = std::string(words->get_string())};
  }
  const auto* name = fields.if_contains("tool");
  const auto* arguments = fields.if_contains("arguments");
  if (name == nullptr || !name->is_string() || arguments == nullptr || !arguments->is_object()) {
    return {};
  }
  return {.call = ToolCall{std::string(name->get_string()), to_line(*arguments)}, .words = {}};
}

// What the schema of the answers offers. An engine of others may not have held its model to it.
bool is_offered(const Said& said, const JsonForm& form) {
  const auto schema = parse(form.schema);
  if (!schema) return true;  // told by the grammar alone, which a worker is held to
  const auto* choices = host::list(&*schema, "anyOf");
  return choices != nullptr && std::ranges::any_of(*choices, [&](const json::value& choice) {
           const auto* properties = host::field(&choice, "properties");
           if (said.words) return host::field(properties, "answer") != nullptr;
           const auto* tool = host::field(properties, "tool");
           return said.call && host::text(tool, "const") == said.call->name;
         });
}

// The answer that was taken, of a question with tools.
const Answer* tool_author(const Outcome& outcome) {
  return asks_for_tools(outcome.query) ? author_of(outcome) : nullptr;
}

}  // namespace

ToolAnswer tool_answer(std::string_view written, const JsonForm& form) {
  Said said = said_in(written);
  if (!is_offered(said, form)) return {std::string(written), ""};
  if (said.words) return {*std::move(said.words), std::nullopt};
  if (!said.call) return {std::string(written), ""};
  return {std::string(written), canonical_json(written).value_or("")};
}

std::optional<ToolCall> call_of(const Outcome& outcome) {
  const Answer* author = tool_author(outcome);
  if (author == nullptr || !author->document || author->document->empty()) return std::nullopt;
  return said_in(author->text).call;
}

std::string words_of(const Outcome& outcome) {
  const Answer* author = tool_author(outcome);
  return author == nullptr || !author->document ? outcome.verdict.text : "";
}

}  // namespace kai::wire
