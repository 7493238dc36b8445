#include "wire/openai.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "wire/chat_parts.h"
#include "wire/json.h"
#include "wire/json_form.h"
#include "wire/logprobs.h"
#include "wire/repeated_key.h"
#include "wire/tool_parts.h"

namespace kai::wire::openai {

namespace {

constexpr std::string_view unsupported = "is not supported by kai; leave it out";

// The text of a message: a string, or parts that are all text.
std::string content_of(Fields& message) {
  if (!message.is_list("content")) return message.text("content");
  std::string text;
  for (auto& part : message.objects("content")) {
    const std::string type = part.text("type");
    if (type == "text") {
      refuse_others(part, {"type", "text"}, unsupported);
      text += part.text("text");
    } else {
      part.reject("type", "must be text: kai's models read nothing else");
    }
  }
  return text;
}

void read_message(Fields& message, ToolTalk& talk) {
  if (message.is_text("role") && message.text("role") == "tool") {
    refuse_others(message, {"role", "content", "tool_call_id", "name"}, unsupported);
    const std::string name = message.has("name") ? message.text("name") : std::string();
    return talk.give(message.text("tool_call_id"), name, content_of(message));
  }
  // A client may send back whole what it was given, with what is empty in it; a name changes
  // nothing.
  const bool empty = message.is_list("annotations") && message.objects("annotations").empty();
  if (message.has("annotations") && !empty) message.reject("annotations", unsupported);
  refuse_others(message, {"role", "content", "name", "tool_calls", "annotations"}, unsupported);
  const Role role = message.one_of("role", chat_role);
  const bool calls = message.is_list("tool_calls") && !message.objects("tool_calls").empty();
  if (calls && role != Role::assistant) {
    message.reject("tool_calls", "is for messages of role assistant");
  }
  const bool silent = calls && !message.has("content");
  talk.say(role, silent ? std::string() : content_of(message));
  read_calls(message, true, talk);
}

std::vector<Message> read_messages(Fields& fields) {
  ToolTalk talk;
  for (auto& message : fields.objects("messages")) read_message(message, talk);
  std::vector<Message> messages = talk.take();
  check_messages(fields, messages);
  return messages;
}

void read_tools_of(Fields& fields, ChatRequest& request) {
  const ToolChoice choice = read_tool_choice(fields, ToolForm::nested);
  const bool none = !fields.has("tools") || fields.objects("tools").empty();
  if (none && fields.has("tool_choice") && choice.how != ToolChoice::How::none) {
    return fields.reject("tool_choice", "is only for a request with tools");
  }
  const JsonForm format = request.json_form;
  read_tools(fields, ToolForm::nested, choice, request);
  if (!format.empty() && request.json_form != format) {
    fields.reject("response_format", "cannot be had together with tools");
  }
}

// Fields that may be there as long as they ask for nothing.
void check_idle(Fields& fields) {
  const auto want = [&fields](std::string_view name, bool idle) {
    if (fields.has(name) && !idle) fields.reject(name, unsupported);
  };
  if (fields.has("n") && fields.integer("n") != 1) fields.reject("n", "must be 1");
  for (const auto* name : {"frequency_penalty", "presence_penalty"}) {
    if (fields.has(name)) want(name, fields.number(name, -2, 2) == 0);
  }
  if (fields.has("store")) want("store", !fields.flag("store"));
  if (fields.has("reasoning_effort")) {
    want("reasoning_effort", fields.text("reasoning_effort") == "none");
  }
  // What tools were before: none of them.
  if (fields.has("functions")) want("functions", fields.objects("functions").empty());
  if (fields.has("function_call")) {
    want("function_call",
         fields.is_text("function_call") && fields.text("function_call") == "none");
  }
  if (fields.has("logit_bias")) want("logit_bias", fields.object("logit_bias").names().empty());
  if (fields.has("modalities")) {
    want("modalities", fields.texts("modalities") == std::vector<std::string>{"text"});
  }
}

void read_logprobs(Fields& fields, ChatRequest& request) {
  const bool on = fields.has("logprobs") && fields.flag("logprobs");
  const int beside =
      fields.has("top_logprobs") ? fields.small("top_logprobs", {0, likeliest_max}) : 0;
  if (!on && beside > 0) fields.reject("top_logprobs", "is only for logprobs: true");
  const bool newer = fields.has("max_completion_tokens");
  if (on) want_logprobs(fields, beside, newer ? "max_completion_tokens" : "max_tokens", request);
}

// The grammar of the answers, where they shall be JSON.
JsonForm read_format(Fields& fields) {
  if (!fields.has("response_format")) return {};
  Fields format = fields.object("response_format");
  refuse_others(format, {"type", "json_schema"}, unsupported);
  const std::string type = format.text("type");
  if (type == "json_object") return json_object_form();
  if (type == "json_schema") {
    Fields named = format.object("json_schema");
    refuse_others(named, {"name", "description", "schema", "strict"}, unsupported);
    return read_schema(named, "schema");
  }
  if (type != "text") format.reject("type", "must be text, json_object or json_schema");
  return {};
}

ChatRequest read_chat(Fields& fields) {
  refuse_others(fields,
                {"model", "messages", "stream", "stream_options", "max_tokens",
                 "max_completion_tokens", "stop", "seed", "temperature", "top_p", "response_format",
                 "tools", "tool_choice", "logprobs", "top_logprobs", "kai",
                 // idle: see check_idle()
                 "n", "frequency_penalty", "presence_penalty", "store", "logit_bias", "modalities",
                 "reasoning_effort", "functions", "function_call",
                 // they change no answer
                 "user", "metadata", "safety_identifier", "prompt_cache_key", "service_tier",
                 "parallel_tool_calls"},
                unsupported);
  ChatRequest request;
  request.model = fields.text("model");
  request.messages = read_messages(fields);
  request.stream = fields.has("stream") && fields.flag("stream");
  if (fields.has("stream_options")) {
    Fields options = fields.object("stream_options");
    refuse_others(options, {"include_usage", "include_obfuscation"}, unsupported);
    request.include_usage = options.has("include_usage") && options.flag("include_usage");
    if (!request.stream) fields.reject("stream_options", "is only for stream: true");
  }
  for (const auto* name : {"max_tokens", "max_completion_tokens"}) {
    if (fields.has(name)) request.answer_max = Tokens(fields.integer(name, {1, chat_tokens_max}));
  }
  request.stop = read_stop(fields);
  request.seed = read_seed(fields);
  request.temperature = read_number(fields, "temperature", 0, 2);
  request.top_p = read_number(fields, "top_p", 0, 1);
  // 0 is the most likely word alone.
  if (request.top_p) request.top_p = std::max(*request.top_p, 1e-6);
  request.json_form = read_format(fields);
  read_tools_of(fields, request);
  read_logprobs(fields, request);
  check_idle(fields);
  read_kai(fields, {StepsAs::comment, StepsAs::field, StepsAs::reasoning}, request);
  return request;
}

std::int64_t unix_seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

json::object stamped(const Stamp& stamp, std::string_view object) {
  return {{"id", stamp.id},
          {"object", object},
          {"created", unix_seconds(stamp.created)},
          {"model", stamp.model}};
}

json::object usage_object(const Outcome& outcome) {
  const Usage sum = usage_of(outcome);
  return {{"prompt_tokens", sum.prompt.count},
          {"completion_tokens", sum.answer.count},
          {"total_tokens", sum.prompt.count + sum.answer.count}};
}

std::string sse(const std::string& line) {
  return "data: " + line + "\n\n";
}
std::string sse(const json::value& value) {
  return sse(to_line(value));
}

json::object chunk(const Stamp& stamp, json::object delta, json::value finish) {
  json::object out = stamped(stamp, "chat.completion.chunk");
  json::object choice{{"index", 0}, {"delta", std::move(delta)}};
  choice["logprobs"] = nullptr;
  choice["finish_reason"] = std::move(finish);
  out["choices"] = json::array{std::move(choice)};
  if (stamp.usage) out["usage"] = nullptr;
  return out;
}

// The call that the outcome's answer is, as a message's "tool_calls".
json::array calls_of(const QueryId& query, const ToolCall& call, bool streamed) {
  json::object one{{"id", "call_" + query.text},
                   {"type", "function"},
                   {"function", json::object{{"name", call.name}, {"arguments", call.arguments}}}};
  if (streamed) one["index"] = 0;
  return json::array{std::move(one)};
}

std::string_view finish_of(const Outcome& outcome) {
  return call_of(outcome) ? "tool_calls" : finish_reason(outcome);
}

json::object logprobs_object(json::value content) {
  return {{"content", std::move(content)}, {"refusal", nullptr}};
}

json::object model_object(std::string_view model, WallTime created) {
  return {
      {"id", model}, {"object", "model"}, {"created", unix_seconds(created)}, {"owned_by", "kai"}};
}

std::string_view type_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_request:
    case ErrorCode::not_found:
    case ErrorCode::nothing_fits: return "invalid_request_error";
    case ErrorCode::overloaded: return "rate_limit_error";
    case ErrorCode::deadline: return "timeout_error";
    default: return "server_error";
  }
}

// The field that a message begins with: field "stop" must …
json::value param_of(std::string_view message) {
  constexpr std::string_view before = "field \"";
  if (!message.starts_with(before)) return nullptr;
  message.remove_prefix(before.size());
  return json::string(message.substr(0, message.find('"')));
}

json::object error_object(const Error& error) {
  return {{"error", json::object{{"message", error.message},
                                 {"type", type_of(error.code)},
                                 {"param", param_of(error.message)},
                                 {"code", to_string(error.code)}}}};
}

}  // namespace

Result<ChatRequest> decode_chat(std::string_view body) {
  return decode_request(body, read_chat);
}

std::string encode_chat(const Stamp& stamp, const Outcome& outcome) {
  const std::string words = words_of(outcome);
  const auto call = call_of(outcome);
  JsonText out;
  const auto add_message = [&] {
    out.field("role", "assistant");
    out.field("content", call ? std::nullopt : std::optional(words));
    out.field("refusal", nullptr);
    if (call) out.name("tool_calls").raw(to_line(calls_of(outcome.query.id, *call, false)));
  };
  const auto add_choice = [&] {
    out.field("index", 0);
    out.field("message", add_message);
    json::value logprobs;
    if (stamp.logprobs) logprobs = logprobs_object(all_logprobs(outcome, words));
    out.name("logprobs").raw(to_line(logprobs));
    out.field("finish_reason", finish_of(outcome));
  };
  out.add([&] {
    out.field("id", stamp.id);
    out.field("object", "chat.completion");
    out.field("created", unix_seconds(stamp.created));
    out.field("model", stamp.model);
    out.name("choices").list(std::array{add_choice}, [&](const auto& choice) { out.add(choice); });
    out.name("usage").raw(to_line(usage_object(outcome)));
    add_kai(out.name("kai"), outcome);
  });
  return out.take();
}

// As chunk() would have it, but by hand: it is done with every token.
std::string encode_words(const Stamp& stamp, std::string_view words, bool first) {
  std::string out = R"(data: {"id":)";
  add_quoted(out, stamp.id);
  fmt::format_to(std::back_inserter(out),
                 R"(,"object":"chat.completion.chunk","created":{},"model":)",
                 unix_seconds(stamp.created));
  add_quoted(out, stamp.model);
  out += R"(,"choices":[{"index":0,"delta":{)";
  if (first) out += R"("role":"assistant",)";
  out += R"("content":)";
  add_quoted(out, words);
  out += R"(},"logprobs":null,"finish_reason":null}])";
  if (stamp.usage) out += R"(,"usage":null)";
  return out + "}\n\n";
}

std::string encode_step(const Stamp& stamp, std::string_view line, bool reasoning, bool first) {
  json::object delta;
  if (first) delta["role"] = "assistant";
  delta[reasoning ? "reasoning_content" : "content"] = reasoning ? fmt::format("{}\n", line) : "";
  json::object out = chunk(stamp, std::move(delta), nullptr);
  if (!reasoning) out["kai"] = json::object{{"progress", line}};
  return sse(out);
}

std::string encode_all_words(const Stamp& stamp, const Outcome& outcome, bool first) {
  const std::string words = words_of(outcome);
  std::string events;
  for (const auto& piece : spelled(outcome, words)) {
    json::object delta;
    if (std::exchange(first, false)) delta["role"] = "assistant";
    delta["content"] = piece.words;
    json::object part = chunk(stamp, std::move(delta), nullptr);
    json::value content;
    if (!piece.tokens.empty()) content = logprobs_of(piece.tokens);
    part["choices"].as_array()[0].as_object()["logprobs"] = logprobs_object(std::move(content));
    events += sse(part);
  }
  return events;
}

std::string encode_last(const Stamp& stamp, const Outcome& outcome) {
  std::string events;
  // Whole: a call that was half seen is of no use.
  if (const auto call = call_of(outcome)) {
    json::object delta{{"role", "assistant"}, {"content", nullptr}};
    delta["tool_calls"] = calls_of(outcome.query.id, *call, true);
    events += sse(chunk(stamp, std::move(delta), nullptr));
  }
  json::object last = chunk(stamp, {}, json::string(finish_of(outcome)));
  events += sse(with_field(to_line(last), "kai", kai_text(outcome)));
  if (stamp.usage) {
    // Clients that index choices[0] blindly break on this one, so only who asked for it gets it.
    json::object usage = stamped(stamp, "chat.completion.chunk");
    usage["choices"] = json::array();
    usage["usage"] = usage_object(outcome);
    events += sse(usage);
  }
  return events + "data: [DONE]\n\n";
}

std::string encode_broken(const Error& error) {
  return sse(error_object(error));
}

std::string encode_error(const Error& error) {
  return to_line(error_object(error));
}

std::string encode_models(const std::vector<std::string>& models, WallTime created) {
  json::array list;
  for (const auto& model : models) list.push_back(model_object(model, created));
  return to_line(json::object{{"object", "list"}, {"data", std::move(list)}});
}

std::string encode_model(std::string_view model, WallTime created) {
  return to_line(model_object(model, created));
}

}  // namespace kai::wire::openai
