// host_protocols: a protocol each behind host_api.h. Private to wire.
#pragma once

#include "wire/host_api.h"
#include "wire/json.h"

namespace kai::wire::host {

std::vector<HostModel> read_openai_models(const json::value& document);
json::object openai_ask(const HostAsk& ask);
Result<std::optional<HostPart>> decode_openai_line(std::string_view line);

std::vector<HostModel> read_ollama_models(const json::value& document);
HostFacts read_show(const json::value& document);
json::object ollama_ask(const HostAsk& ask);
Result<std::optional<HostPart>> decode_ollama_line(std::string_view line);

// The words of {"error": "…"} or {"error": {"message": "…"}}; empty: it is no such object.
std::string error_words(const json::value& document);
// What the messages look like in both.
json::array messages_of(const std::vector<Message>& messages);

}  // namespace kai::wire::host
