// What clients of OpenAI's newer protocol ask.
#include <algorithm>

#include "wire/chat_parts.h"
#include "wire/json.h"
#include "wire/json_form.h"
#include "wire/logprobs.h"
#include "wire/repeated_key.h"
#include "wire/responses.h"
#include "wire/tool_parts.h"

namespace kai::wire::openai {

namespace {

constexpr std::string_view unsupported = "is not supported by kai; leave it out";

std::string content_of(Fields& item) {
  if (!item.is_list("content")) return item.text("content");
  std::string text;
  for (auto& part : item.objects("content")) {
    // A client may send back whole what it was given; how likely that was changes nothing.
    refuse_others(part, {"type", "text", "annotations", "logprobs"}, unsupported);
    const std::string type = part.text("type");
    if (type != "input_text" && type != "output_text") {
      part.reject("type", "must be input_text or output_text: kai's models read nothing else");
    }
    if (part.has("annotations") && !part.objects("annotations").empty()) {
      part.reject("annotations", unsupported);
    }
    text += part.text("text");
  }
  return text;
}

// A text, or parts that are all text.
std::string output_of(Fields& item) {
  if (!item.is_list("output")) return item.text("output");
  std::string text;
  for (auto& part : item.objects("output")) {
    refuse_others(part, {"type", "text"}, unsupported);
    if (part.text("type") != "input_text") part.reject("type", "must be input_text");
    text += part.text("text");
  }
  return text;
}

// An item that says who called what, or what that gave.
void read_item(Fields& item, bool follows_call, ToolTalk& talk) {
  const std::string type = item.has("type") ? item.text("type") : "message";
  if (type == "function_call") {
    refuse_others(item, {"type", "call_id", "name", "arguments", "id", "status"}, unsupported);
    if (!follows_call) talk.say(Role::assistant, "");
    return talk.call(item.text("call_id"), {item.text("name"), read_arguments(item)});
  }
  if (type == "function_call_output") {
    refuse_others(item, {"type", "call_id", "output", "id", "status"}, unsupported);
    return talk.give(item.text("call_id"), "", output_of(item));
  }
  if (type != "message") {
    item.reject("type", "must be message, function_call or function_call_output");
  }
  refuse_others(item, {"type", "role", "content", "id", "status"}, unsupported);
  const Role role = item.one_of("role", chat_role);
  talk.say(role, content_of(item));
}

std::vector<Message> read_input(Fields& fields) {
  ToolTalk talk;
  if (fields.has("instructions")) talk.say(Role::system, fields.text("instructions"));
  if (!fields.is_list("input")) {
    talk.say(Role::user, fields.text("input"));
    return talk.take();
  }
  bool any = false, follows_call = false;
  for (auto& item : fields.objects("input")) {
    any = true;
    read_item(item, follows_call, talk);
    // Several calls in a row are of one turn.
    follows_call = item.is_text("type") && item.text("type") == "function_call";
  }
  std::vector<Message> messages = talk.take();
  if (!any) {
    fields.reject("input", "is empty; the last one is the question");
  } else if (messages.empty() || messages.back().role != Role::user) {
    fields.reject("input",
                  "must end with one of role user, which is the question, or with what a "
                  "tool gave");
  }
  return messages;
}

void read_tools_of(Fields& fields, ChatRequest& request) {
  const ToolChoice choice = read_tool_choice(fields, ToolForm::flat);
  if (!fields.has("tools") || fields.objects("tools").empty()) {
    if (choice.how == ToolChoice::How::must) {
      fields.reject("tool_choice", "is only for a request with tools");
    }
    return;
  }
  const JsonForm format = request.json_form;
  read_tools(fields, ToolForm::flat, choice, request);
  if (!format.empty() && request.json_form != format) {
    fields.reject("text.format", "cannot be had together with tools");
  }
  request.tools_sent = to_line(*fields.value("tools"));
  if (fields.has("tool_choice")) request.tool_choice_sent = to_line(*fields.value("tool_choice"));
}

// Of what may be included, logprobs alone are known.
void read_include(Fields& fields, ChatRequest& request) {
  bool on = false;
  for (const auto& what :
       fields.has("include") ? fields.texts("include") : std::vector<std::string>()) {
    if (what != "message.output_text.logprobs") {
      fields.reject("include", "may hold message.output_text.logprobs alone");
    }
    on = true;
  }
  const int beside =
      fields.has("top_logprobs") ? fields.small("top_logprobs", {0, likeliest_max}) : 0;
  if (!on && beside > 0) {
    fields.reject("top_logprobs", "needs message.output_text.logprobs in include");
  }
  if (on) want_logprobs(fields, beside, "max_output_tokens", request);
}

JsonForm read_text_format(Fields& fields) {
  if (!fields.has("text")) return {};
  Fields text = fields.object("text");
  refuse_others(text, {"format"}, unsupported);
  if (!text.has("format")) return {};
  Fields format = text.object("format");
  refuse_others(format, {"type", "name", "description", "schema", "strict"}, unsupported);
  const std::string type = format.text("type");
  if (type == "json_object") return json_object_form();
  if (type == "json_schema") return read_schema(format, "schema");
  if (type != "text") format.reject("type", "must be text, json_object or json_schema");
  return {};
}

// Fields that may be there as long as they ask for nothing.
void check_idle(Fields& fields) {
  for (const auto* name : {"store", "background"}) {
    if (fields.has(name) && fields.flag(name))
      fields.reject(name, "must be false: nothing is kept");
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
       "temperature", "top_p", "text", "kai", "tools", "tool_choice", "include", "top_logprobs",
       // idle: see check_idle()
       "store", "background", "truncation",
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
  request.json_form = read_text_format(fields);
  read_tools_of(fields, request);
  read_include(fields, request);
  check_idle(fields);
  read_kai(fields, {StepsAs::comment}, request);
  return request;
}

}  // namespace

Result<ChatRequest> decode_response_request(std::string_view body) {
  return decode_request(body, read_request);
}

}  // namespace kai::wire::openai
