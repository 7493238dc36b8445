#include "wire/responses.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/chat_parts.h"
#include "wire/json.h"
#include "wire/json_form.h"
#include "wire/openai.h"

namespace kai::wire::openai {

namespace {

constexpr std::string_view unsupported = "is not supported by kai; leave it out";

std::string content_of(Fields& item) {
  if (!item.is_list("content")) return item.text("content");
  std::string text;
  for (auto& part : item.objects("content")) {
    refuse_others(part, {"type", "text", "annotations", "logprobs"}, unsupported);
    const std::string type = part.text("type");
    if (type != "input_text" && type != "output_text") {
      part.reject("type", "must be input_text or output_text: kai's models read nothing else");
    }
    for (const auto* name : {"annotations", "logprobs"}) {
      if (part.has(name) && !part.objects(name).empty()) part.reject(name, unsupported);
    }
    text += part.text("text");
  }
  return text;
}

std::vector<Message> read_input(Fields& fields) {
  std::vector<Message> messages;
  if (fields.has("instructions")) messages.push_back({Role::system, fields.text("instructions")});
  if (!fields.is_list("input")) {
    messages.push_back({Role::user, fields.text("input")});
    return messages;
  }
  const std::size_t instructions = messages.size();
  for (auto& item : fields.objects("input")) {
    // A client may send back whole what it was given.
    refuse_others(item, {"type", "role", "content", "id", "status"}, unsupported);
    if (item.has("type") && item.text("type") != "message") {
      item.reject("type", "must be message: kai keeps nothing and calls nothing");
    }
    const Role role = item.one_of("role", chat_role);
    messages.push_back({role, content_of(item)});
  }
  if (messages.size() == instructions) {
    fields.reject("input", "is empty; the last one is the question");
  } else if (messages.back().role != Role::user) {
    fields.reject("input", "must end with one of role user, which is the question");
  }
  return messages;
}

std::string read_text_format(Fields& fields) {
  if (!fields.has("text")) return "";
  Fields text = fields.object("text");
  refuse_others(text, {"format"}, unsupported);
  if (!text.has("format")) return "";
  Fields format = text.object("format");
  refuse_others(format, {"type", "name", "description", "schema", "strict"}, unsupported);
  const std::string type = format.text("type");
  if (type == "json_object") return json_object_grammar();
  if (type == "json_schema") return read_schema(format, "schema");
  if (type != "text") format.reject("type", "must be text, json_object or json_schema");
  return "";
}

// Fields that may be there as long as they ask for nothing.
void check_idle(Fields& fields) {
  for (const auto* name : {"store", "background"}) {
    if (fields.has(name) && fields.flag(name))
      fields.reject(name, "must be false: nothing is kept");
  }
  for (const auto* name : {"tools", "include"}) {
    if (!fields.has(name)) continue;
    if (!fields.is_list(name) || !fields.value(name)->get_array().empty()) {
      fields.reject(name, unsupported);
    }
  }
  if (fields.has("tool_choice")) {
    const bool idle = fields.is_text("tool_choice") && (fields.text("tool_choice") == "none" ||
                                                        fields.text("tool_choice") == "auto");
    if (!idle) fields.reject("tool_choice", unsupported);
  }
  if (fields.has("top_logprobs") && fields.integer("top_logprobs") != 0) {
    fields.reject("top_logprobs", unsupported);
  }
  // Older turns that do not fit are always left out.
  if (fields.has("truncation")) {
    const std::string how = fields.text("truncation");
    if (how != "auto" && how != "disabled") fields.reject("truncation", "must be auto or disabled");
  }
}

ChatRequest read_request(Fields& fields) {
  refuse_others(
      fields,
      {"model", "input", "instructions", "stream", "stream_options", "max_output_tokens",
       "temperature", "top_p", "text", "kai",
       // idle: see check_idle()
       "store", "background", "tools", "include", "tool_choice", "top_logprobs", "truncation",
       // they change no answer
       "user", "metadata", "safety_identifier", "prompt_cache_key", "service_tier",
       "parallel_tool_calls"},
      unsupported);
  ChatRequest request;
  request.model = fields.text("model");
  request.messages = read_input(fields);
  if (request.messages.size() > chat_messages_max) fields.reject("input", "has too many messages");
  request.stream = fields.has("stream") && fields.flag("stream");
  if (fields.has("stream_options")) {
    Fields options = fields.object("stream_options");
    refuse_others(options, {"include_obfuscation"}, unsupported);
  }
  if (fields.has("max_output_tokens")) {
    request.answer_max = Tokens(fields.integer("max_output_tokens", {1, chat_tokens_max}));
  }
  request.temperature = read_number(fields, "temperature", 0, 2);
  request.top_p = read_number(fields, "top_p", 0, 1);
  if (request.top_p) request.top_p = std::max(*request.top_p, 1e-6);
  request.json_grammar = read_text_format(fields);
  check_idle(fields);
  read_kai(fields, request);
  return request;
}

json::object part_of(std::string_view text) {
  return {{"type", "output_text"},
          {"text", text},
          {"annotations", json::array()},
          {"logprobs", json::array()}};
}

json::object item_of(std::string_view id, std::string_view status, json::array content) {
  return {{"type", "message"},
          {"id", fmt::format("msg_{}", id)},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

std::string_view status_of(const Outcome& outcome) {
  return finish_reason(outcome) == "length" ? "incomplete" : "completed";
}

// Of a reply that has not ended: no outcome.
json::object response_of(std::string_view id, std::string_view model, WallTime created,
                         std::string_view status) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(created.time_since_epoch()).count();
  return {{"id", fmt::format("resp_{}", id)},
          {"object", "response"},
          {"created_at", seconds},
          {"status", status},
          {"error", nullptr},
          {"incomplete_details", nullptr},
          {"instructions", nullptr},
          {"max_output_tokens", nullptr},
          {"model", model},
          {"output", json::array()},
          {"parallel_tool_calls", false},
          {"previous_response_id", nullptr},
          {"store", false},
          {"temperature", nullptr},
          {"top_p", nullptr},
          {"tool_choice", "none"},
          {"tools", json::array()},
          {"truncation", "auto"},
          {"usage", nullptr},
          {"metadata", json::object{}}};
}

json::object ended(json::object response, std::string_view id, const Outcome& outcome,
                   std::string_view text) {
  const std::string_view status = status_of(outcome);
  response["status"] = status;
  if (status == "incomplete") {
    // Cut at its own bound or at the deadline: OpenAI has one word for both.
    response["incomplete_details"] = json::object{{"reason", "max_output_tokens"}};
  }
  response["output"] = json::array{item_of(id, status, {part_of(text)})};
  const Usage sum = usage_of(outcome);
  response["usage"] = json::object{{"input_tokens", sum.prompt.count},
                                   {"input_tokens_details", {{"cached_tokens", 0}}},
                                   {"output_tokens", sum.answer.count},
                                   {"output_tokens_details", {{"reasoning_tokens", 0}}},
                                   {"total_tokens", sum.prompt.count + sum.answer.count}};
  response["kai"] = kai_object(outcome);
  return response;
}

std::string event(int& number, std::string_view type, json::object fields) {
  json::object data{{"type", type}, {"sequence_number", number++}};
  for (auto& [name, value] : fields) data[name] = std::move(value);
  return fmt::format("event: {}\ndata: {}\n\n", type, to_line(data));
}

// What every event about the one text names.
json::object spot(std::string_view id) {
  return {{"item_id", fmt::format("msg_{}", id)}, {"output_index", 0}, {"content_index", 0}};
}

json::object with(json::object fields, std::string_view name, json::value value) {
  fields[name] = std::move(value);
  return fields;
}

}  // namespace

Result<ChatRequest> decode_response_request(std::string_view body) {
  return decode(body, read_request);
}

std::string ResponseWriter::whole(const Outcome& outcome) const {
  return to_line(ended(response_of(id_, model_, created_, ""), id_, outcome, outcome.verdict.text));
}

std::string ResponseWriter::begin() {
  if (number_ > 0) return "";
  std::string events;
  for (const auto* type : {"response.created", "response.in_progress"}) {
    events +=
        event(number_, type, {{"response", response_of(id_, model_, created_, "in_progress")}});
  }
  events += event(number_, "response.output_item.added",
                  {{"output_index", 0}, {"item", item_of(id_, "in_progress", {})}});
  return events +
         event(number_, "response.content_part.added", with(spot(id_), "part", part_of("")));
}

std::string ResponseWriter::words(std::string_view text) {
  text_ += text;
  json::object delta = with(spot(id_), "delta", json::string(text));
  delta["logprobs"] = json::array();
  std::string events = begin();
  return events + event(number_, "response.output_text.delta", std::move(delta));
}

std::string ResponseWriter::last(const Outcome& outcome) {
  std::string events = begin();
  json::object done = with(spot(id_), "text", json::string(text_));
  done["logprobs"] = json::array();
  events += event(number_, "response.output_text.done", std::move(done));
  events += event(number_, "response.content_part.done", with(spot(id_), "part", part_of(text_)));
  const std::string_view status = status_of(outcome);
  events += event(number_, "response.output_item.done",
                  {{"output_index", 0}, {"item", item_of(id_, status, {part_of(text_)})}});
  return events + event(number_, fmt::format("response.{}", status),
                        {{"response",
                          ended(response_of(id_, model_, created_, status), id_, outcome, text_)}});
}

std::string ResponseWriter::broken(const Error& error) {
  json::object response = response_of(id_, model_, created_, "failed");
  response["error"] = json::object{{"code", "server_error"}, {"message", error.message}};
  std::string events = begin();
  return events + event(number_, "response.failed", {{"response", std::move(response)}});
}

}  // namespace kai::wire::openai
