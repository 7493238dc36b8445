#include "wire/host_api.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/host_parts.h"
#include "wire/host_protocols.h"

namespace kai::wire {

namespace {

constexpr std::size_t refusal_max = 300;  // bytes

// On one line, whatever it holds.
std::string one_line(std::string_view words) {
  std::string line = valid_utf8(words.substr(0, std::min(words.size(), refusal_max)));
  for (char& letter : line) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = ' ';
  }
  const auto end = line.find_last_not_of(' ');
  line.resize(end == std::string::npos ? 0 : end + 1);
  return line;
}

}  // namespace

std::string_view to_string(HostKind kind) {
  return kind == HostKind::openai ? "openai" : "ollama";
}

std::optional<HostKind> host_kind_named(std::string_view name) {
  for (const HostKind kind : {HostKind::openai, HostKind::ollama}) {
    if (name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

Result<std::vector<HostModel>> decode_models(HostKind kind, std::string_view body) {
  const auto document = parse(body);
  if (!document) return std::unexpected(document.error());
  const bool openai = kind == HostKind::openai;
  if (host::list(&*document, openai ? "data" : "models") == nullptr) {
    return fail(ErrorCode::invalid_request, "it is no list of models");
  }
  auto models = openai ? host::read_openai_models(*document) : host::read_ollama_models(*document);
  std::erase_if(models, [](const HostModel& model) {
    return model.name.empty() || model.name.size() > host_name_max;
  });
  if (models.size() > host_models_max) models.resize(host_models_max);
  return models;
}

std::string encode_ask(HostKind kind, const HostAsk& ask) {
  return to_line(kind == HostKind::openai ? host::openai_ask(ask) : host::ollama_ask(ask));
}

Result<std::optional<HostPart>> decode_line(HostKind kind, std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return std::nullopt;
  return kind == HostKind::openai ? host::decode_openai_line(line) : host::decode_ollama_line(line);
}

std::string decode_refusal(std::string_view body) {
  const auto document = parse(body);
  std::string words = document ? host::error_words(*document) : std::string(body);
  if (words.empty()) words = body;
  words = one_line(words);
  return words.empty() ? "it says nothing more" : words;
}

std::string encode_show(std::string_view model) {
  return to_line(json::object{{"model", model}});
}

Result<HostFacts> decode_show(std::string_view body) {
  const auto document = parse(body);
  if (!document) return std::unexpected(document.error());
  if (!document->is_object()) return fail(ErrorCode::invalid_request, "it is no JSON object");
  return host::read_show(*document);
}

Result<std::vector<std::string>> decode_loaded(std::string_view body) {
  auto models = decode_models(HostKind::ollama, body);
  if (!models) return std::unexpected(models.error());
  std::vector<std::string> names;
  for (auto& model : *models) names.push_back(std::move(model.name));
  return names;
}

namespace host {

std::string error_words(const json::value& document) {
  const auto* error = field(&document, "error");
  for (const auto* place : {error, &document}) {
    for (const auto* name : {"message", "detail", "error"}) {
      if (auto words = text(place, name); !words.empty()) return words;
    }
  }
  return {};
}

json::array messages_of(const std::vector<Message>& messages) {
  json::array list;
  for (const auto& message : messages) {
    list.push_back(json::object{{"role", to_string(message.role)}, {"content", message.text}});
  }
  return list;
}

}  // namespace host

}  // namespace kai::wire
