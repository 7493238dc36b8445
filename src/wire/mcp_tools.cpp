#include "wire/mcp_tools.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/chat_parts.h"

namespace kai::wire::mcp {

namespace {

json::object of_type(std::string_view type, std::string_view what) {
  return {{"type", type}, {"description", what}};
}

json::object list_of(json::object item, std::string_view what) {
  json::object list = of_type("array", what);
  list["items"] = std::move(item);
  return list;
}

json::object one_of(std::vector<std::string_view> words, std::string_view what) {
  json::object schema = of_type("string", what);
  schema["enum"] = json::array(words.begin(), words.end());
  return schema;
}

// Of an object whose fields are all there.
json::object closed(json::object properties) {
  json::array required;
  for (const auto& [name, schema] : properties) required.emplace_back(json::string(name));
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

json::object ask_input() {
  json::object deadline = of_type("integer",
                                  "milliseconds for the whole question; the default is "
                                  "what its tier takes");
  deadline["minimum"] = 100;
  deadline["maximum"] = 86'400'000;
  json::object members = list_of(of_type("string", "a model's name"),
                                 "exactly these models; ensemble_status has them");
  members["maxItems"] = 12;
  json::object question = of_type("string", "the question, whole: the models know nothing else");
  question["minLength"] = 1;
  return {{"type", "object"},
          {"properties",
           {{"question", std::move(question)},
            {"instructions", of_type("string", "a system message in front of it")},
            {"tier", one_of({"auto", "simple", "medium", "complex", "expert"},
                            "how hard to try; auto (the default) looks at the question")},
            {"mode", one_of({"adaptive", "all", "best"},
                            "adaptive (the default): as many models as needed; all of them; the "
                            "best one alone")},
            {"members", std::move(members)},
            {"deadline_ms", std::move(deadline)}}},
          {"required", json::array{"question"}},
          {"additionalProperties", false}};
}

json::object ask_output() {
  json::object confidence{{"type", json::array{"number", "null"}},
                          {"description", "chance that it is right; null: not calibrated"}};
  json::object dissent = closed({{"member", of_type("string", "whose voice")},
                                 {"words", of_type("string", "what it says, shortened")}});
  return closed({{"answer", of_type("string", "the one answer")},
                 {"author", of_type("string", "the member whose words these are")},
                 {"agreement", of_type("number", "0..1: share of the voices that agree")},
                 {"confidence", std::move(confidence)},
                 {"voters", of_type("integer", "answers that say something")},
                 {"agreeing", of_type("integer", "of them, with the answer")},
                 {"dissent", list_of(std::move(dissent), "voices that do not agree")},
                 {"tier", of_type("string", "how hard it was tried")},
                 {"path", of_type("string", "consensus, early_stop, single or partial")},
                 {"partial", of_type("boolean", "the deadline cut what could have mattered")},
                 {"query_id", of_type("string", "for `kai logs`")},
                 {"latency_ms", of_type("number", "from question to answer")}});
}

json::object status_output() {
  json::object refused{{"type", json::array{"string", "null"}},
                       {"description", "why it cannot be asked; null: it can"}};
  json::object model = closed({{"name", of_type("string", "for the member list of ask_ensemble")},
                               {"refused", std::move(refused)},
                               {"loaded", of_type("boolean", "it is in memory now")}});
  return closed({{"ready", of_type("boolean", "some model can be asked")},
                 {"answering", of_type("integer", "questions being answered now")},
                 {"models", list_of(std::move(model), "all that were found")}});
}

json::object tool(std::string_view name, std::string_view title, std::string_view what,
                  json::object input, json::object output) {
  return {{"name", name},
          {"title", title},
          {"description", what},
          {"inputSchema", std::move(input)},
          {"outputSchema", std::move(output)},
          {"annotations", {{"title", title}, {"readOnlyHint", true}, {"openWorldHint", false}}}};
}

}  // namespace

const std::vector<std::string_view>& ask_arguments() {
  static const std::vector<std::string_view> names{"question", "instructions", "tier",
                                                   "mode",     "members",      "deadline_ms"};
  return names;
}

json::array tool_list() {
  json::object nothing{{"type", "object"}, {"additionalProperties", false}};
  return {tool(ask_tool, "Ask the ensemble",
               "Asks several local language models one question and gives one answer, with how "
               "many agree and who does not.",
               ask_input(), ask_output()),
          tool(status_tool, "State of the ensemble",
               "Which models kai has, which of them can be asked and are loaded, and how many "
               "questions are being answered.",
               std::move(nothing), status_output())};
}

json::object answer_object(const Outcome& outcome) {
  json::object all = kai_object(outcome);
  json::object object{{"answer", outcome.verdict.text}};
  for (const auto* name : {"author", "agreement", "confidence", "voters", "agreeing", "dissent",
                           "tier", "path", "partial", "query_id", "latency_ms"}) {
    object[name] = std::move(all.at(name));
  }
  return object;
}

std::string answer_text(const Outcome& outcome) {
  const Verdict& verdict = outcome.verdict;
  const std::string standing =
      verdict.voters == 0
          ? fmt::format("confirmed by no other voice{}",
                        finish_reason(outcome) == "length" ? "; the answer was cut" : "")
          : fmt::format("{} of {} voices agree", verdict.agreeing, verdict.voters);
  std::string text = fmt::format("{}\n\n[{}", verdict.text, standing);
  for (const auto& [member, words] : verdict.dissent) {
    text += fmt::format("; {} says: {}", member.text, words);
  }
  return text + (outcome.partial ? "; not all were heard in time]" : "]");
}

json::object status_object(const Status& status) {
  json::array models;
  if (status.models != nullptr) {
    for (const Model& model : *status.models) {
      json::object said{{"name", model.id.text}};
      said["refused"] = model.refused.empty() ? json::value() : json::string(model.refused);
      said["loaded"] = std::ranges::count(status.loaded, model.id) > 0;
      models.push_back(std::move(said));
    }
  }
  return {{"ready", status.ready}, {"answering", status.questions}, {"models", std::move(models)}};
}

}  // namespace kai::wire::mcp
