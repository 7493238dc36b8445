#include "wire/upkeep.h"

#include "wire/document_parts.h"
#include "wire/json.h"
#include "wire/skills.h"

namespace kai::wire {

namespace {

// A document of our own as a part of another; null where it cannot be read.
json::value part(std::string_view document) {
  auto value = parse(document);
  return value ? *std::move(value) : json::value();
}

}  // namespace

std::string encode_health(std::span<const ModelHealth> models) {
  json::array list;
  for (const auto& one : models) {
    json::value failure;
    if (one.last_failure) {
      failure = json::object{{"at", to_rfc3339(one.last_failure->at)},
                             {"code", to_string(one.last_failure->error.code)},
                             {"message", valid_utf8(one.last_failure->error.message)}};
    }
    list.push_back(json::object{{"id", one.model.text},
                                {"out", text_or_null(one.out)},
                                {"last_failure", std::move(failure)}});
  }
  return to_line(json::object{{"models", std::move(list)}});
}

Result<ModelId> decode_model_named(std::string_view body) {
  return decode(body, [](Fields& fields) {
    for (const auto& name : fields.names()) {
      if (name != "model") fields.reject(name, "is not known; this path takes model");
    }
    ModelId model(fields.text("model"));
    if (model.text.empty()) fields.reject("model", "is empty");
    return model;
  });
}

std::string encode_loaded(const ModelId& model, Duration load) {
  return to_line(json::object{{"model", model.text}, {"load_ms", to_ms(load)}});
}

std::string encode_unloaded(const ModelId& model, bool unloaded) {
  return to_line(json::object{{"model", model.text}, {"unloaded", unloaded}});
}

std::string encode_config(const ConfigShown& config) {
  json::array files, settings;
  for (const auto& file : config.files) files.emplace_back(valid_utf8(file));
  for (const auto& one : config.settings) {
    settings.push_back(json::object{{"key", one.key},
                                    {"value", valid_utf8(one.value)},
                                    {"origin", text_or_null(valid_utf8(one.origin))},
                                    {"range", text_or_null(one.range)},
                                    {"what", one.what}});
  }
  return to_line(json::object{{"files", std::move(files)}, {"settings", std::move(settings)}});
}

std::string encode_learned(std::span<const Model> models, std::span<const SkillSheet> sheets) {
  json::array known, learned;
  for (const auto& model : models) {
    known.push_back(
        json::object{{"id", model.id.text}, {"model_digest", skill_key(model.facts, model.id)}});
  }
  for (const auto& sheet : sheets) learned.push_back(part(encode_skills(sheet)));
  return to_line(json::object{{"models", std::move(known)}, {"sheets", std::move(learned)}});
}

std::string encode_forgotten(int questions) {
  return to_line(json::object{{"forgotten", questions}});
}

std::string encode_bench_runs(const BenchRuns& runs) {
  json::array list, skipped;
  for (const auto& run : runs.runs) {
    list.push_back(json::object{{"name", valid_utf8(run.name)},
                                {"at", to_rfc3339(run.at)},
                                {"document", part(run.document)}});
  }
  for (const auto& [name, why] : runs.skipped) {
    skipped.push_back(json::object{{"name", valid_utf8(name)}, {"why", valid_utf8(why)}});
  }
  return to_line(json::object{{"runs", std::move(list)}, {"skipped", std::move(skipped)}});
}

}  // namespace kai::wire
