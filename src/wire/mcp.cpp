#include "wire/mcp.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/chat_parts.h"
#include "wire/mcp_tools.h"
#include "wire/repeated_key.h"
#include "wire/steps.h"

namespace kai::wire::mcp {

namespace {

constexpr std::size_t id_bytes_max = 200;
constexpr std::size_t name_bytes_max = 100;

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                : std::string_view();
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

// A string or a whole number, as JSON; empty: there is none, or it is something else.
std::string key_in(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  if (found == nullptr || !(found->is_string() || found->is_int64() || found->is_uint64())) {
    return "";
  }
  std::string key = to_line(*found);
  return key.size() <= id_bytes_max ? key : "";
}

std::string shortened(std::string_view name) {
  return valid_utf8(name.substr(0, name_bytes_max));
}

Message wrong(std::string id, int code, std::string why) {
  Message message;
  message.id = id.empty() ? "null" : std::move(id);
  message.code = code;
  message.error = Error{ErrorCode::invalid_request, std::move(why)};
  return message;
}

ChatRequest read_question(Fields& fields) {
  refuse_others(fields, ask_arguments(), "is not known; tools/list says what ask_ensemble takes");
  ChatRequest request;
  request.model = "kai:auto";
  if (fields.has("instructions")) {
    request.messages.push_back({Role::system, fields.text("instructions")});
  }
  request.messages.push_back({Role::user, fields.text("question")});
  if (request.messages.back().text.empty()) fields.reject("question", "is empty");
  read_wishes(fields, request);
  request.settled = true;  // what was said cannot be taken back
  return request;
}

void read_call(const json::object& params, Message& message) {
  const std::string_view name = text_in(params, "name");
  static const json::object nothing;
  const json::object* given = object_in(params, "arguments");
  const json::object& arguments = given == nullptr ? nothing : *given;
  Fields fields(arguments, "", message.error);
  if (name == ask_tool) {
    message.what = What::ask;
    message.question = read_question(fields);
  } else if (name == status_tool) {
    message.what = What::status;
    refuse_others(fields, {}, "is not known; ensemble_status takes nothing");
  } else {
    message = wrong(message.id, invalid_params,
                    fmt::format("there is no tool \"{}\"; tools/list has them", shortened(name)));
    return;
  }
  if (const json::object* meta = object_in(params, "_meta")) {
    message.progress = key_in(*meta, "progressToken");
  }
}

Message read_request(std::string id, std::string_view method, const json::object& params) {
  Message message;
  message.id = std::move(id);
  if (method == "initialize") {
    message.what = What::initialize;
    message.version = text_in(params, "protocolVersion");
  } else if (method == "ping") {
    message.what = What::ping;
  } else if (method == "tools/list") {
    message.what = What::tools;
  } else if (method == "tools/call") {
    read_call(params, message);
  } else {
    return wrong(message.id, method_not_found,
                 fmt::format("kai has no method \"{}\", only tools", shortened(method)));
  }
  return message;
}

Message read_notification(std::string_view method, const json::object& params) {
  Message message;
  message.what = What::nothing;
  if (method != "notifications/cancelled") return message;
  message.what = What::cancelled;
  message.request = key_in(params, "requestId");
  return message;
}

// The id stands in front of what it is an answer to; it is JSON already.
std::string reply(std::string_view id, std::string_view key, const json::value& value) {
  return fmt::format(R"({{"jsonrpc":"2.0","id":{},"{}":{}}})", id, key, to_line(value));
}

json::object tool_result(std::string text, json::value structured) {
  json::object result;
  result["content"] = json::array{json::object{{"type", "text"}, {"text", std::move(text)}}};
  result["structuredContent"] = std::move(structured);
  result["isError"] = false;
  return result;
}

}  // namespace

bool is_spoken(std::string_view version) {
  return std::ranges::count(versions, version) > 0;
}

Message decode(std::string_view text) {
  const auto value = parse(text);
  if (!value) return wrong("", parse_error, value.error().message);
  if (const auto twice = repeated_key(text)) {
    return wrong("", invalid_request, said_twice(*twice).message);
  }
  if (value->is_array()) {
    return wrong("", invalid_request, "several messages at once are not taken; send one by one");
  }
  const json::object* object = value->if_object();
  if (object == nullptr || text_in(*object, "jsonrpc") != "2.0") {
    return wrong("", invalid_request, "expected a JSON-RPC 2.0 object");
  }
  static const json::object nothing;
  const json::object* given = object_in(*object, "params");
  const json::object& params = given == nullptr ? nothing : *given;
  std::string id = key_in(*object, "id");
  const bool reply = object->contains("result") || object->contains("error");
  const std::string_view method = text_in(*object, "method");
  if (method.empty()) {
    if (!reply) return wrong(std::move(id), invalid_request, "the message has no method");
    return read_notification("", params);  // kai asks clients nothing
  }
  if (!object->contains("id")) return read_notification(method, params);
  if (id.empty()) {
    return wrong("", invalid_request, "\"id\" must be a whole number or a string of 200 bytes");
  }
  return read_request(std::move(id), method, params);
}

std::string encode_initialized(std::string_view id, std::string_view wished,
                               std::string_view kai_version) {
  const std::string_view version = is_spoken(wished) ? wished : versions.front();
  return reply(id, "result",
               json::object{{"protocolVersion", version},
                            {"capabilities", {{"tools", json::object{}}}},
                            {"serverInfo",
                             {{"name", "kai"},
                              {"title", "kai: one answer of many local models"},
                              {"version", kai_version}}},
                            {"instructions", instructions}});
}

std::string encode_pong(std::string_view id) {
  return reply(id, "result", json::object{});
}

std::string encode_tools(std::string_view id) {
  return reply(id, "result", json::object{{"tools", tool_list()}});
}

std::string encode_error(std::string_view id, int code, std::string_view sentence) {
  return reply(id, "error", json::object{{"code", code}, {"message", sentence}});
}

std::string encode_refused(std::string_view id, const Error& error) {
  return reply(id, "result",
               json::object{{"content",
                             json::array{json::object{{"type", "text"}, {"text", error.message}}}},
                            {"isError", true}});
}

std::string encode_answer(std::string_view id, const Outcome& outcome) {
  if (!outcome.answered()) return encode_refused(id, *outcome.error);
  return reply(id, "result", tool_result(answer_text(outcome), answer_object(outcome)));
}

std::string encode_status(std::string_view id, const Status& status) {
  json::object said = status_object(status);
  std::string text = to_line(said);
  return reply(id, "result", tool_result(std::move(text), std::move(said)));
}

std::string Progress::encode(const Event& event) {
  if (token_.empty()) return "";
  int done = 0, total = 0;
  std::string words;
  if (const auto* started = std::get_if<event::Started>(&event.what)) {
    total = static_cast<int>(started->plan.asks.size());
    words = fmt::format("{} question, {} asked", to_string(started->plan.tier), total);
  } else if (const auto* agreement = std::get_if<event::Agreement>(&event.what)) {
    done = agreement->answered;
    total = agreement->asked;
    words = agreement_words(*agreement);
  }
  if (words.empty() || done <= told_) return "";
  told_ = done;
  // The token is JSON already.
  return fmt::format(R"({{"jsonrpc":"2.0","method":"notifications/progress","params":)"
                     R"({{"progressToken":{},"progress":{},"total":{},"message":{}}}}})",
                     token_, done, std::max(done, total), to_line(json::string(words)));
}

}  // namespace kai::wire::mcp
