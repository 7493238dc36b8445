#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>

#include "wire/host_parts.h"
#include "wire/host_protocols.h"
#include "wire/json_form.h"

namespace kai::wire::host {

namespace {

constexpr std::uint64_t seed_bits = 0x7fffffff;  // hosts take them for 32 or for 64 bits

std::optional<Ending> ending_of(const std::string& reason) {
  if (reason.empty()) return std::nullopt;
  return reason == "length" ? Ending::token_limit : Ending::complete;
}

std::optional<Usage> usage_of(const json::value& document) {
  const auto* usage = field(&document, "usage");
  if (usage == nullptr || !usage->is_object()) return std::nullopt;
  return Usage{Tokens(count(usage, "prompt_tokens")), Tokens(count(usage, "completion_tokens"))};
}

HostPart part_of(const json::value& document) {
  HostPart part;
  part.error = error_words(document);
  part.usage = usage_of(document);
  const auto* choices = list(&document, "choices");
  if (choices == nullptr || choices->empty()) return part;
  const json::value* choice = &choices->front();
  const auto* delta = field(choice, "delta");
  part.words = text(delta, "content");
  part.odds = odds_in(field(choice, "logprobs"), "content");
  part.thinks = !text(delta, "reasoning_content").empty() || !text(delta, "reasoning").empty();
  const std::string reason = text(choice, "finish_reason");
  part.ending = ending_of(reason);
  if (reason == "content_filter") part.error = "its filter of contents cut the answer";
  return part;
}

// Not "strict": hosts that know of it refuse then what others take, such as fields that may be left
// out.
std::optional<json::object> response_format(const JsonForm& form) {
  if (form.empty()) return std::nullopt;
  if (form.schema == any_json_object) return json::object{{"type", "json_object"}};
  return json::object{
      {"type", "json_schema"},
      {"json_schema", json::object{{"name", "answer"}, {"schema", schema_of(form)}}}};
}

}  // namespace

std::vector<HostModel> read_openai_models(const json::value& document) {
  std::vector<HostModel> models;
  for (const auto& item : *list(&document, "data")) {
    HostModel model;
    model.name = text(&item, "id");
    const auto* facts = field(&item, "meta");  // llama-server's
    for (const auto* name : {"max_model_len", "context_length", "context_window"}) {
      if (model.context_max == Tokens{}) model.context_max = Tokens(count(&item, name));
    }
    // Not n_ctx_train: what it was trained with is often more than what the server gives it.
    if (model.context_max == Tokens{}) model.context_max = Tokens(count(facts, "n_ctx"));
    model.parameters = count(facts, "n_params");
    model.file = Bytes(count(facts, "size"));
    models.push_back(std::move(model));
  }
  return models;
}

json::object openai_ask(const HostAsk& ask) {
  json::object body{{"model", ask.model},
                    {"messages", messages_of(ask.messages)},
                    {"stream", true},
                    {"stream_options", json::object{{"include_usage", true}}},
                    {"max_tokens", ask.answer_max.count},
                    {"temperature", std::min(ask.sampling.temperature, 2.0)},
                    {"seed", ask.sampling.seed & seed_bits}};
  if (ask.sampling.temperature > 0) body["top_p"] = ask.sampling.top_p;
  if (!ask.sampling.stop.empty()) {
    json::array stop;
    for (const auto& words : ask.sampling.stop) stop.push_back(json::string(words));
    body["stop"] = std::move(stop);
  }
  if (const auto form = response_format(ask.sampling.form)) body["response_format"] = *form;
  if (const auto beside = ask.sampling.top_logprobs) {
    body["logprobs"] = true;
    if (*beside > 0) body["top_logprobs"] = *beside;
  }
  return body;
}

Result<std::optional<HostPart>> decode_openai_line(std::string_view line) {
  // Server-sent events (WHATWG HTML, 9.2): a comment, or a field and its value.
  for (const std::string_view idle : {":", "event:", "id:", "retry:"}) {
    if (line.starts_with(idle)) return std::nullopt;
  }
  constexpr std::string_view data = "data:";
  if (!line.starts_with(data)) {
    return fail(ErrorCode::invalid_request, "it is no server-sent event");
  }
  line.remove_prefix(data.size());
  if (line.starts_with(' ')) line.remove_prefix(1);
  if (line == "[DONE]") {
    HostPart last;
    last.over = true;
    return last;
  }
  // One comes with every token: what it takes to read it is gone at once.
  std::array<unsigned char, 4096> block;
  json::monotonic_resource memory(block.data(), block.size());
  const auto document = parse(line, &memory);
  if (!document) return std::unexpected(document.error());
  if (!document->is_object()) {
    return fail(ErrorCode::invalid_request, "a part of it is no JSON object");
  }
  return part_of(*document);
}

}  // namespace kai::wire::host
