#include "wire/tool_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/tool_form.h"
#include "wire/chat_parts.h"
#include "wire/json_schema.h"
#include "wire/loosened.h"

namespace kai::wire {

namespace {

constexpr std::string_view unsupported = "is not supported by kai; leave it out";

// As the form is written: see tools.h.
std::string written(const ToolCall& call) {
  return fmt::format(R"({{"tool": {}, "arguments": {}}})", to_line(json::string(call.name)),
                     call.arguments);
}

struct Tool {
  std::string name;
  std::string description;
  json::object parameters;  // of type object
};

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= tool_name_bytes_max &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

// Without parameters, an object that holds nothing.
json::object read_parameters(Fields& function) {
  json::object nothing{{"type", "object"}, {"additionalProperties", false}};
  if (!function.has("parameters")) return nothing;
  const json::value& given = *function.value("parameters");
  const auto* schema = given.if_object();
  const auto* type = schema == nullptr ? nullptr : schema->if_contains("type");
  const bool other = type != nullptr && !(type->is_string() && type->get_string() == "object");
  if (schema == nullptr || other) {
    function.reject("parameters", "must be a schema of type object");
    return nothing;
  }
  const auto* properties = schema->if_contains("properties");
  const bool empty =
      properties == nullptr || (properties->is_object() && properties->get_object().empty());
  json::object parameters = *schema;
  if (type == nullptr && !schema->contains("$ref")) parameters["type"] = "object";
  if (empty && !schema->contains("additionalProperties") && !schema->contains("$ref")) {
    parameters["additionalProperties"] = false;
  }
  if (const auto usable = grammar_of(loosened(parameters)); !usable) {
    function.reject("parameters", "cannot be used: " + usable.error().message);
  }
  return parameters;
}

Tool read_function(Fields function) {
  Tool read{.name = function.text("name"), .description = {}, .parameters = {}};
  if (!is_tool_name(read.name)) {
    function.reject("name",
                    fmt::format("must have 1 to {} letters, digits, _ or -", tool_name_bytes_max));
  }
  if (function.has("description")) read.description = function.text("description");
  read.parameters = read_parameters(function);
  return read;
}

Tool read_tool(Fields& tool, ToolForm form) {
  if (tool.text("type") != "function") tool.reject("type", "must be function");
  if (form == ToolForm::flat) {
    refuse_others(tool, {"type", "name", "description", "parameters", "strict"}, unsupported);
    return read_function(tool);
  }
  refuse_others(tool, {"type", "function"}, unsupported);
  Fields function = tool.object("function");
  refuse_others(function, {"name", "description", "parameters", "strict"}, unsupported);
  return read_function(function);
}

// `schema` with what it refers to in its own $defs or definitions, or as a whole, looked for as
// `prefix`.NAME and `prefix` in the $defs of another that it becomes a part of. The levels are
// those of a parsed text.
json::value moved(const json::value& schema, const std::string& prefix) {
  if (const auto* list = schema.if_array()) {
    json::array out;
    for (const auto& item : *list) out.push_back(moved(item, prefix));
    return out;
  }
  const auto* fields = schema.if_object();
  if (fields == nullptr) return schema;
  json::object out;
  for (const auto& [key, value] : *fields) {
    const std::string_view name(key);
    // Values, in which nothing refers to anything; a property may be called so, too.
    if ((name == "const" || name == "enum") && !value.is_object()) {
      out[key] = value;
      continue;
    }
    if (name != "$ref" || !value.is_string()) {
      out[key] = moved(value, prefix);
      continue;
    }
    std::string_view target = value.get_string();
    const bool whole = target == "#";
    for (const std::string_view in : {"#/$defs/", "#/definitions/"}) {
      if (target.starts_with(in)) target.remove_prefix(in.size());
    }
    out[key] =
        whole ? fmt::format("#/$defs/{}", prefix) : fmt::format("#/$defs/{}.{}", prefix, target);
  }
  return out;
}

// The schema of an object that has all of `properties`.
json::object object_of(json::object properties) {
  json::array required;
  for (const auto& property : properties) required.emplace_back(property.key());
  json::object schema{{"type", "object"}};
  schema["properties"] = std::move(properties);
  schema["required"] = std::move(required);
  return schema;
}

// The form of an answer: a call of one of `tools`, or words where `words`.
Result<JsonForm> form_of(const std::vector<Tool>& tools, bool words) {
  json::array choices;
  json::object defs;
  for (std::size_t at = 0; at < tools.size(); ++at) {
    const std::string prefix = fmt::format("tool{}", at);
    json::object parameters = loosened(tools[at].parameters).as_object();
    for (const auto* in : {"$defs", "definitions"}) {
      const auto* own = parameters.if_contains(in);
      if (own == nullptr || !own->is_object()) continue;
      for (const auto& [name, schema] : own->get_object()) {
        defs[prefix + "." + std::string(name)] = moved(schema, prefix);
      }
    }
    parameters.erase("$defs");
    parameters.erase("definitions");
    defs[prefix] = moved(parameters, prefix);
    choices.push_back(object_of({{"tool", json::object{{"const", tools[at].name}}},
                                 {"arguments", json::object{{"$ref", "#/$defs/" + prefix}}}}));
  }
  if (words) {
    choices.push_back(object_of({{"answer", json::object{{"type", "string"}}}}));
  }
  json::object schema;
  schema["anyOf"] = std::move(choices);
  schema["$defs"] = std::move(defs);
  return json_form_of(schema);
}

std::string instruction_for(const std::vector<Tool>& tools, bool words) {
  std::string text = "You can use these tools:\n";
  for (const auto& tool : tools) {
    json::object told{{"tool", tool.name}};
    if (!tool.description.empty()) told["description"] = tool.description;
    told["arguments"] = tool.parameters;
    text += to_line(told) + '\n';
  }
  text += R"(To use one, write {"tool": its name, "arguments": what it takes} and nothing else.)";
  if (words) text += R"( If none is needed, write {"answer": your answer}.)";
  return text;
}

void tell(const std::string& instruction, std::vector<Message>& messages) {
  // Some templates have room for one system message only.
  if (!messages.empty() && messages.front().role == Role::system) {
    messages.front().text += "\n\n" + instruction;
  } else {
    messages.insert(messages.begin(), {Role::system, instruction});
  }
}

}  // namespace

ToolChoice read_tool_choice(Fields& fields, ToolForm form) {
  ToolChoice choice;
  if (!fields.has("tool_choice")) return choice;
  if (!fields.is_text("tool_choice")) {
    const bool flat = form == ToolForm::flat;
    Fields named = fields.object("tool_choice");
    refuse_others(named, {"type", flat ? "name" : "function"}, unsupported);
    if (named.text("type") != "function") named.reject("type", "must be function");
    choice.how = ToolChoice::How::must;
    choice.only = flat ? named.text("name") : named.object("function").text("name");
    return choice;
  }
  const std::string how = fields.text("tool_choice");
  choice.how = how == "none"       ? ToolChoice::How::none
               : how == "required" ? ToolChoice::How::must
                                   : ToolChoice::How::may;
  if (how != "none" && how != "required" && how != "auto") {
    fields.reject("tool_choice", "must be none, auto, required or one function");
  }
  return choice;
}

void read_tools(Fields& fields, ToolForm form, const ToolChoice& choice, ChatRequest& request) {
  if (!fields.has("tools")) return;
  auto list = fields.objects("tools");
  if (list.size() > tools_max) {
    return fields.reject("tools", fmt::format("has more than {}", tools_max));
  }
  std::vector<Tool> tools;
  for (auto& each : list) {
    Tool tool = read_tool(each, form);
    if (std::ranges::count(tools, tool.name, &Tool::name) > 0) {
      fields.reject("tools", fmt::format("has two called {}", tool.name));
    }
    tools.push_back(std::move(tool));
  }
  if (!choice.only.empty()) {
    if (std::ranges::count(tools, choice.only, &Tool::name) == 0) {
      return fields.reject("tool_choice", "names no tool of this request");
    }
    std::erase_if(tools, [&](const Tool& tool) { return tool.name != choice.only; });
  }
  if (tools.empty() || choice.how == ToolChoice::How::none) return;
  const bool words = choice.how == ToolChoice::How::may;
  auto bound = form_of(tools, words);
  if (!bound) return fields.reject("tools", "cannot be used: " + bound.error().message);
  bound->grammar.insert(0, tool_form_mark);
  request.json_form = *std::move(bound);
  tell(instruction_for(tools, words), request.messages);
  if (request.messages.size() > chat_messages_max) {
    fields.reject("messages", "has no room for one more, which tells of the tools");
  }
}

void ToolTalk::say(Role role, std::string text) {
  if (role == Role::user) question_ = text;
  messages_.push_back({role, std::move(text)});
  given_ = false;
}

void ToolTalk::call(std::string id, ToolCall call) {
  std::string& text = messages_.back().text;
  if (!text.empty()) text += '\n';
  text += written(call);
  called_.push_back({std::move(id), std::move(call.name)});
}

void ToolTalk::give(std::string_view id, std::string_view name, std::string_view what) {
  if (name.empty()) {
    const auto called = std::ranges::find(called_, id, &Called::id);
    if (called != called_.end()) name = called->name;
  }
  const std::string text =
      fmt::format("{} gave: {}", name.empty() ? std::string_view("The tool") : name, what);
  // What several gave is one message: templates take turns.
  if (given_) {
    messages_.back().text += '\n' + text;
  } else {
    messages_.push_back({Role::user, text});
  }
  given_ = true;
}

std::vector<Message> ToolTalk::take() {
  if (given_ && !question_.empty()) messages_.back().text += "\n\n" + question_;
  return std::move(messages_);
}

std::string read_arguments(Fields& function) {
  const auto arguments = parse(function.text("arguments"));
  if (arguments && arguments->is_object()) return to_line(*arguments);
  function.reject("arguments", "must be a JSON object as a string");
  return "{}";
}

void read_calls(Fields& message, bool arguments_are_text, ToolTalk& talk) {
  if (!message.has("tool_calls")) return;
  for (auto& each : message.objects("tool_calls")) {
    refuse_others(each, {"id", "type", "index", "function"}, unsupported);
    if (each.has("type") && each.text("type") != "function") {
      each.reject("type", "must be function");
    }
    Fields function = each.object("function");
    refuse_others(function, {"name", "arguments", "index", "description"}, unsupported);
    ToolCall call{function.text("name"), "{}"};
    if (arguments_are_text) {
      call.arguments = read_arguments(function);
    } else if (function.has("arguments")) {
      const json::value& arguments = *function.value("arguments");
      if (!arguments.is_object()) function.reject("arguments", "must be an object");
      call.arguments = to_line(arguments);
    }
    talk.call(each.has("id") ? each.text("id") : std::string(), std::move(call));
  }
}

}  // namespace kai::wire
