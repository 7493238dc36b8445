#include "wire/ollama_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"
#include "domain/tool_form.h"
#include "wire/chat_parts.h"
#include "wire/json.h"
#include "wire/json_form.h"
#include "wire/repeated_key.h"
#include "wire/tool_parts.h"

namespace kai::wire::ollama {

namespace {

constexpr std::string_view unsupported = "is not supported by kai; leave it out";

// Of the machine, which kai sees to by itself: they change no answer.
constexpr auto machine_options =
    std::to_array<std::string_view>({"num_ctx", "num_batch", "num_gpu", "num_keep", "num_thread",
                                     "main_gpu", "use_mmap", "use_mlock", "numa", "low_vram"});

void read_options(Fields& fields, ChatRequest& request) {
  if (!fields.has("options")) return;
  Fields options = fields.object("options");
  std::vector<std::string_view> known{"temperature", "top_p", "seed", "num_predict", "stop"};
  known.insert(known.end(), machine_options.begin(), machine_options.end());
  refuse_others(options, known, unsupported);
  request.temperature = read_number(options, "temperature", 0, 2);
  request.top_p = read_number(options, "top_p", 0, 1);
  if (request.top_p) request.top_p = std::max(*request.top_p, 1e-6);
  request.seed = read_seed(options);
  request.stop = read_stop(options);
  if (!options.has("num_predict")) return;
  // Below 0 is Ollama's "without a limit": the tier's own then.
  const auto tokens = options.integer("num_predict", {-2, chat_tokens_max});
  if (tokens == 0) options.reject("num_predict", "must not be 0");
  if (tokens > 0) request.answer_max = Tokens(tokens);
}

bool is_empty_list(const Fields& fields, std::string_view name) {
  const json::value* value = fields.value(name);
  return value != nullptr && value->is_array() && value->get_array().empty();
}

void check_idle(Fields& fields) {
  const auto want = [&fields](std::string_view name, bool idle) {
    if (fields.has(name) && !idle) fields.reject(name, unsupported);
  };
  if (fields.has("images")) want("images", is_empty_list(fields, "images"));
  // Older turns that do not fit are always left out.
  if (fields.has("truncate")) want("truncate", fields.flag("truncate"));
  if (fields.has("think")) want("think", !fields.is_text("think") && !fields.flag("think"));
  if (fields.has("raw")) want("raw", !fields.flag("raw"));
  for (const auto* name : {"suffix", "template"}) {
    if (fields.has(name)) want(name, fields.is_text(name) && fields.text(name).empty());
  }
}

void read_message(Fields& message, ToolTalk& talk) {
  if (message.is_text("role") && message.text("role") == "tool") {
    refuse_others(message, {"role", "content", "tool_name", "name", "tool_call_id"}, unsupported);
    std::string name;
    for (const auto* key : {"name", "tool_name"}) {
      if (message.has(key)) name = message.text(key);
    }
    const std::string id = message.has("tool_call_id") ? message.text("tool_call_id") : "";
    return talk.give(id, name, message.text("content"));
  }
  if (message.has("images") && !is_empty_list(message, "images")) {
    message.reject("images", unsupported);
  }
  refuse_others(message, {"role", "content", "tool_calls", "images", "thinking"}, unsupported);
  if (message.has("thinking") && !message.text("thinking").empty()) {
    message.reject("thinking", unsupported);
  }
  const Role role = message.one_of("role", chat_role);
  const bool calls = message.is_list("tool_calls") && !message.objects("tool_calls").empty();
  if (calls && role != Role::assistant) {
    message.reject("tool_calls", "is for messages of role assistant");
  }
  talk.say(role, calls && !message.has("content") ? std::string() : message.text("content"));
  read_calls(message, false, talk);
}

std::vector<Message> read_messages(Fields& fields) {
  if (!fields.has("messages")) return {};
  ToolTalk talk;
  for (auto& message : fields.objects("messages")) read_message(message, talk);
  std::vector<Message> messages = talk.take();
  if (!messages.empty()) check_messages(fields, messages);
  return messages;
}

std::vector<Message> read_prompt(Fields& fields) {
  std::vector<Message> messages;
  const std::string prompt = fields.has("prompt") ? fields.text("prompt") : std::string();
  if (prompt.empty()) return messages;
  const std::string system = fields.has("system") ? fields.text("system") : std::string();
  if (!system.empty()) messages.push_back({Role::system, system});
  messages.push_back({Role::user, prompt});
  return messages;
}

// "json", or a schema.
JsonForm read_format(Fields& fields) {
  if (!fields.has("format")) return {};
  if (!fields.is_text("format")) return read_schema(fields, "format");
  const std::string format = fields.text("format");
  if (format == "json") return json_object_form();
  if (!format.empty()) fields.reject("format", "must be \"json\" or a JSON schema");
  return {};
}

ChatRequest read_chat(Form form, Fields& fields) {
  std::vector<std::string_view> known{"model", "stream", "options", "keep_alive",
                                      "kai",   "format", "think",   "truncate"};
  if (form == Form::chat) {
    known.insert(known.end(), {"messages", "tools"});
  } else {
    known.insert(known.end(), {"prompt", "system", "images", "raw", "suffix", "template"});
  }
  refuse_others(fields, known, unsupported);
  ChatRequest request;
  request.model = fields.text("model");
  request.stream = !fields.has("stream") || fields.flag("stream");
  request.messages = form == Form::chat ? read_messages(fields) : read_prompt(fields);
  read_options(fields, request);
  request.json_form = read_format(fields);
  const JsonForm format = request.json_form;
  if (!request.messages.empty()) read_tools(fields, ToolForm::nested, {}, request);
  if (!format.empty() && request.json_form != format) {
    fields.reject("format", "cannot be had together with tools");
  }
  check_idle(fields);
  request.keep = read_keep_alive(fields);
  read_kai(fields, {StepsAs::field, StepsAs::reasoning}, request);
  return request;
}

json::object line_of(const Stamp& stamp, std::string_view words, bool done) {
  json::object line{{"model", stamp.model}, {"created_at", to_rfc3339(stamp.created)}};
  if (stamp.form == Form::chat) {
    line["message"] = json::object{{"role", "assistant"}, {"content", words}};
  } else {
    line["response"] = words;
  }
  line["done"] = done;
  return line;
}

json::array calls_of(const ToolCall& call) {
  const auto arguments = parse(call.arguments);
  json::object function{{"name", call.name}};
  function["arguments"] = arguments ? *arguments : json::value(json::object());
  return json::array{json::object{{"function", std::move(function)}}};
}

std::string ended(std::string line) {
  return std::move(line) + '\n';
}
std::string ended(const json::value& line) {
  return ended(to_line(line));
}

std::string_view size_label(std::string& text, std::int64_t parameters) {
  const auto count = static_cast<double>(parameters);
  text = parameters >= 1'000'000'000 ? fmt::format("{:.1f}B", count / 1e9)
                                     : fmt::format("{:.2f}M", count / 1e6);
  return text;
}

json::object details_of(const Model* member) {
  static const ModelFacts nothing;
  const ModelFacts& facts = member == nullptr ? nothing : member->facts;
  const std::string family = member == nullptr ? "kai" : facts.architecture;
  std::string size;
  return {{"parent_model", ""},
          {"format", member == nullptr ? "" : "gguf"},
          {"family", family},
          {"families", json::array{json::string(family)}},
          {"parameter_size", member == nullptr ? "" : size_label(size, facts.parameters)},
          {"quantization_level", facts.quantisation}};
}

// Of the file; where kai has none, of the name: the `ollama` command wants twelve characters at
// least.
std::string digest_of(std::string_view name, const Model* member) {
  if (member != nullptr && !member->facts.digest.empty()) return member->facts.digest;
  return fmt::format("{:016x}", derive_seed(0, name));
}

json::object listed(const Listed& model, WallTime modified) {
  return {{"name", model.name},
          {"model", model.name},
          {"modified_at", to_rfc3339(modified)},
          {"size", model.member == nullptr ? 0 : model.member->facts.file.count},
          {"digest", digest_of(model.name, model.member)},
          {"details", details_of(model.member)}};
}

}  // namespace

Result<ChatRequest> decode_chat(Form form, std::string_view body) {
  return decode_request(body, [form](Fields& fields) { return read_chat(form, fields); });
}

std::string encode_words(const Stamp& stamp, std::string_view words) {
  return ended(line_of(stamp, words, false));
}

std::string encode_step(const Stamp& stamp, std::string_view line, bool reasoning) {
  json::object out = line_of(stamp, "", false);
  if (!reasoning) {
    out["kai"] = json::object{{"progress", line}};
  } else if (stamp.form == Form::chat) {
    out["message"].as_object()["thinking"] = fmt::format("{}\n", line);
  } else {
    out["thinking"] = fmt::format("{}\n", line);
  }
  return ended(out);
}

std::string encode_last(const Stamp& stamp, const Outcome& outcome, std::string_view words) {
  json::object line = line_of(stamp, words, true);
  if (const auto call = call_of(outcome))
    line["message"].as_object()["tool_calls"] = calls_of(*call);
  const Answer* author = author_of(outcome);
  const Timings times = author == nullptr ? Timings{} : author->timings;
  const Usage sum = usage_of(outcome);
  line["done_reason"] = finish_reason(outcome);
  line["total_duration"] = outcome.latency.count();
  line["load_duration"] = times.load.count();
  line["prompt_eval_count"] = sum.prompt.count;
  line["prompt_eval_duration"] = times.prefill.count();
  line["eval_count"] = sum.answer.count;
  line["eval_duration"] = times.decode.count();
  return ended(with_field(to_line(line), "kai", kai_text(outcome)));
}

std::string encode_loaded(const Stamp& stamp) {
  json::object line = line_of(stamp, "", true);
  line["done_reason"] = "load";
  return ended(line);
}

std::string encode_unloaded(const Stamp& stamp) {
  json::object line = line_of(stamp, "", true);
  line["done_reason"] = "unload";
  return ended(line);
}

std::string encode_error(const Error& error) {
  return ended(json::object{{"error", error.message}});
}

std::string encode_tags(const std::vector<Listed>& models, WallTime modified) {
  json::array list;
  for (const auto& model : models) list.push_back(listed(model, modified));
  return to_line(json::object{{"models", std::move(list)}});
}

Result<std::string> decode_show(std::string_view body) {
  return decode_request(body, [](Fields& fields) {
    // The `ollama` command sends both, and one of them empty.
    if (!fields.has("model")) return fields.text("name");
    std::string model = fields.text("model");
    return model.empty() && fields.has("name") ? fields.text("name") : model;
  });
}

std::string encode_show(const Listed& model, WallTime modified) {
  // Clients read model_info without looking whether it is there.
  json::object facts{{"general.architecture", "kai"}};
  if (model.member != nullptr) {
    const ModelFacts& known = model.member->facts;
    facts = {{"general.architecture", known.architecture},
             {"general.name", known.name},
             {"general.parameter_count", known.parameters},
             {known.architecture + ".context_length", known.context_max.count},
             {known.architecture + ".block_count", known.layers}};
  }
  json::array capabilities{"completion"};
  if (model.member == nullptr || takes_tools(*model.member)) capabilities.emplace_back("tools");
  return to_line(json::object{{"license", ""},
                              {"modelfile", ""},
                              {"parameters", ""},
                              {"template", ""},
                              {"details", details_of(model.member)},
                              {"model_info", std::move(facts)},
                              {"capabilities", std::move(capabilities)},
                              {"modified_at", to_rfc3339(modified)}});
}

std::string encode_ps(const std::vector<Running>& models) {
  json::array list;
  for (const auto& running : models) {
    const Model& model = *running.model;
    list.push_back(json::object{
        {"name", model.id.text},
        {"model", model.id.text},
        {"size", running.bytes.count},
        {"digest", digest_of(model.id.text, &model)},
        {"details", details_of(&model)},
        {"expires_at", running.leaves ? to_rfc3339(*running.leaves) : "9999-12-31T23:59:59Z"},
        {"size_vram", running.gpu_bytes.count},
        {"context_length", model.facts.context_max.count}});
  }
  return to_line(json::object{{"models", std::move(list)}});
}

std::string encode_version(std::string_view kai) {
  return to_line(json::object{{"version", spoken}, {"kai", kai}});
}

}  // namespace kai::wire::ollama
