#include "wire/responses.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wire/chat_parts.h"
#include "wire/json.h"
#include "wire/logprobs.h"
#include "wire/tools.h"

namespace kai::wire::openai {

namespace {

json::object part_of(std::string_view text, json::array logprobs = {}) {
  return {{"type", "output_text"},
          {"text", text},
          {"annotations", json::array()},
          {"logprobs", std::move(logprobs)}};
}

json::object item_of(std::string_view id, std::string_view status, json::array content) {
  return {{"type", "message"},
          {"id", fmt::format("msg_{}", id)},
          {"status", status},
          {"role", "assistant"},
          {"content", std::move(content)}};
}

// `arguments`: empty while it begins.
json::object call_item(std::string_view id, std::string_view status, const ToolCall& call) {
  return {{"type", "function_call"},
          {"id", fmt::format("fc_{}", id)},
          {"call_id", fmt::format("call_{}", id)},
          {"name", call.name},
          {"arguments", call.arguments},
          {"status", status}};
}

std::string_view status_of(const Outcome& outcome) {
  // A call is whole, or it is none.
  const bool cut = finish_reason(outcome) == "length" && !call_of(outcome);
  return cut ? "incomplete" : "completed";
}

// As it was sent; else what stands for nothing.
json::value sent(std::string_view text, json::value nothing) {
  if (text.empty()) return nothing;
  return parse(text).value_or(std::move(nothing));
}

}  // namespace

// What every form of one response says.
struct ResponseWriter::Head {
  std::string_view id, model, tools, tool_choice;
  WallTime created;
};

ResponseWriter::Head ResponseWriter::head() const {
  return {id_, model_, tools_, tool_choice_, created_};
}

namespace {

// Of a reply that has not ended: no outcome.
template <class Head>
json::object response_of(const Head& head, std::string_view status) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(head.created.time_since_epoch()).count();
  const char* choice = head.tools.empty() ? "none" : "auto";
  return {{"id", fmt::format("resp_{}", head.id)},
          {"object", "response"},
          {"created_at", seconds},
          {"status", status},
          {"error", nullptr},
          {"incomplete_details", nullptr},
          {"instructions", nullptr},
          {"max_output_tokens", nullptr},
          {"model", head.model},
          {"output", json::array()},
          {"parallel_tool_calls", false},
          {"previous_response_id", nullptr},
          {"store", false},
          {"temperature", nullptr},
          {"top_p", nullptr},
          {"tool_choice", sent(head.tool_choice, choice)},
          {"tools", sent(head.tools, json::array())},
          {"truncation", "auto"},
          {"usage", nullptr},
          {"metadata", json::object{}}};
}

json::object ended(json::object response, json::object item, const Outcome& outcome) {
  const std::string_view status = status_of(outcome);
  response["status"] = status;
  if (status == "incomplete") {
    // Cut at its own bound or at the deadline: OpenAI has one word for both.
    response["incomplete_details"] = json::object{{"reason", "max_output_tokens"}};
  }
  response["output"] = json::array{std::move(item)};
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

json::array list_of(const Outcome& outcome, std::string_view text) {
  json::value all = all_logprobs(outcome, text);
  return all.is_array() ? std::move(all.as_array()) : json::array();
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

std::string ResponseWriter::whole(const Outcome& outcome) const {
  const std::string text = words_of(outcome);
  const auto call = call_of(outcome);
  json::object item =
      call ? call_item(id_, "completed", *call)
           : item_of(id_, status_of(outcome),
                     {part_of(text, logprobs_ ? list_of(outcome, text) : json::array())});
  return to_line(ended(response_of(head(), ""), std::move(item), outcome));
}

std::string ResponseWriter::begin() {
  if (number_ > 0) return "";
  std::string events;
  for (const auto* type : {"response.created", "response.in_progress"}) {
    events += event(number_, type, {{"response", response_of(head(), "in_progress")}});
  }
  return events;
}

std::string ResponseWriter::begin_message() {
  std::string events = begin();
  if (std::exchange(message_, true)) return events;
  events += event(number_, "response.output_item.added",
                  {{"output_index", 0}, {"item", item_of(id_, "in_progress", {})}});
  return events +
         event(number_, "response.content_part.added", with(spot(id_), "part", part_of("")));
}

std::string ResponseWriter::told(const Spelled& piece) {
  text_ += piece.words;
  std::string events = begin_message();
  json::object delta = with(spot(id_), "delta", json::string(piece.words));
  delta["logprobs"] = logprobs_of(piece.tokens);
  return events + event(number_, "response.output_text.delta", std::move(delta));
}

std::string ResponseWriter::words(std::string_view text) {
  return told({text, {}});
}

std::string ResponseWriter::all_words(const Outcome& outcome) {
  const std::string text = words_of(outcome);
  if (!logprobs_) return text.empty() ? "" : words(text);
  std::string events;
  for (const auto& piece : spelled(outcome, text)) events += told(piece);
  return events;
}

std::string ResponseWriter::called(const Outcome& outcome, const ToolCall& call) {
  std::string events = begin();
  const json::object spot{{"item_id", fmt::format("fc_{}", id_)}, {"output_index", 0}};
  json::object item = call_item(id_, "in_progress", {call.name, ""});
  events += event(number_, "response.output_item.added",
                  {{"output_index", 0}, {"item", std::move(item)}});
  events += event(number_, "response.function_call_arguments.delta",
                  with(spot, "delta", json::string(call.arguments)));
  json::object done = with(spot, "arguments", json::string(call.arguments));
  done["name"] = call.name;
  events += event(number_, "response.function_call_arguments.done", std::move(done));
  item = call_item(id_, "completed", call);
  events += event(number_, "response.output_item.done", {{"output_index", 0}, {"item", item}});
  json::object response = ended(response_of(head(), ""), std::move(item), outcome);
  return events + event(number_, "response.completed", {{"response", std::move(response)}});
}

std::string ResponseWriter::last(const Outcome& outcome) {
  if (const auto call = call_of(outcome)) return called(outcome, *call);
  std::string events = begin_message();
  const json::array logprobs = logprobs_ ? list_of(outcome, text_) : json::array();
  json::object done = with(spot(id_), "text", json::string(text_));
  done["logprobs"] = logprobs;
  events += event(number_, "response.output_text.done", std::move(done));
  const json::object part = part_of(text_, logprobs);
  events += event(number_, "response.content_part.done", with(spot(id_), "part", part));
  const std::string_view status = status_of(outcome);
  json::object item = item_of(id_, status, {part});
  events += event(number_, "response.output_item.done", {{"output_index", 0}, {"item", item}});
  json::object response = ended(response_of(head(), status), std::move(item), outcome);
  return events +
         event(number_, fmt::format("response.{}", status), {{"response", std::move(response)}});
}

std::string ResponseWriter::broken(const Error& error) {
  json::object response = response_of(head(), "failed");
  response["error"] = json::object{{"code", "server_error"}, {"message", error.message}};
  std::string events = begin();
  return events + event(number_, "response.failed", {{"response", std::move(response)}});
}

}  // namespace kai::wire::openai
