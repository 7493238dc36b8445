#include <algorithm>
#include <charconv>
#include <cmath>

#include "wire/host_parts.h"
#include "wire/host_protocols.h"

namespace kai::wire::host {

namespace {

// "8.0B", "134.52M".
std::int64_t parameters_of(const std::string& size) {
  double number = 0;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number <= 0) return 0;
  const std::string_view unit(end, size.data() + size.size());
  const double scale = unit == "B" ? 1e9 : unit == "M" ? 1e6 : unit == "K" ? 1e3 : 0;
  return number * scale < 1e15 ? static_cast<std::int64_t>(std::llround(number * scale)) : 0;
}

}  // namespace

std::vector<HostModel> read_ollama_models(const json::value& document) {
  std::vector<HostModel> models;
  for (const auto& item : *list(&document, "models")) {
    HostModel model;
    model.name = text(&item, "name");
    if (model.name.empty()) model.name = text(&item, "model");
    const auto* details = field(&item, "details");
    model.parameters = parameters_of(text(details, "parameter_size"));
    model.quantisation = text(details, "quantization_level");
    model.file = Bytes(count(&item, "size"));
    model.digest = text(&item, "digest");
    models.push_back(std::move(model));
  }
  return models;
}

json::object ollama_ask(const HostAsk& ask) {
  const Sampling& sampling = ask.sampling;
  json::object options{{"num_ctx", ask.context.count}};
  json::object body{{"model", ask.model},
                    {"messages", messages_of(ask.messages)},
                    {"stream", true},
                    {"keep_alive", static_cast<std::int64_t>(seconds(ask.keep))}};
  if (!ask.messages.empty()) {
    options["num_predict"] = ask.answer_max.count;
    options["temperature"] = sampling.temperature;
    options["top_k"] = sampling.top_k;
    options["top_p"] = sampling.top_p;
    options["min_p"] = sampling.min_p;
    options["repeat_penalty"] = sampling.repeat_penalty;
    options["seed"] = sampling.seed & 0x7fffffff;
    if (!sampling.stop.empty()) {
      json::array stop;
      for (const auto& words : sampling.stop) stop.push_back(json::string(words));
      options["stop"] = std::move(stop);
    }
    if (!sampling.form.empty()) body["format"] = schema_of(sampling.form);
    if (sampling.top_logprobs) {
      body["logprobs"] = true;
      body["top_logprobs"] = *sampling.top_logprobs;
    }
  }
  body["options"] = std::move(options);
  return body;
}

Result<std::optional<HostPart>> decode_ollama_line(std::string_view line) {
  const auto document = parse(line);
  if (!document) return std::unexpected(document.error());
  if (!document->is_object()) {
    return fail(ErrorCode::invalid_request, "a line of it is no JSON object");
  }
  HostPart part;
  part.error = text(&*document, "error");
  const auto* message = field(&*document, "message");
  part.words = text(message, "content");
  part.odds = odds_in(&*document, "logprobs");
  part.thinks = !text(message, "thinking").empty();
  const auto* done = field(&*document, "done");
  if (done == nullptr || !done->is_bool() || !done->get_bool()) return part;
  part.over = true;
  part.load = std::chrono::nanoseconds(count(&*document, "load_duration"));
  const bool cut = text(&*document, "done_reason") == "length";
  part.ending = cut ? Ending::token_limit : Ending::complete;
  part.usage = Usage{Tokens(count(&*document, "prompt_eval_count")),
                     Tokens(count(&*document, "eval_count"))};
  return part;
}

HostFacts read_show(const json::value& document) {
  HostFacts facts;
  // Older ones do not tell what a model is for.
  if (const auto* can = list(&document, "capabilities"); can != nullptr && !can->empty()) {
    facts.writes = std::ranges::any_of(*can, [](const json::value& one) {
      return one.is_string() && one.get_string() == "completion";
    });
  }
  const auto* info = field(&document, "model_info");
  if (info == nullptr || !info->is_object()) return facts;
  for (const auto& entry : info->get_object()) {
    const std::string_view name(entry.key());
    // "llama.context_length", whatever the architecture.
    if (name.ends_with(".context_length")) facts.context_max = Tokens(count(info, name));
  }
  return facts;
}

}  // namespace kai::wire::host
