// host_api: the protocols of engines of others, as kai speaks them to a host: OpenAI's chat
// completions and list of models (vLLM, llama-server, Ray Serve, LM Studio, another kai), and
// Ollama's own (ollama/ollama, docs/api.md). Text <-> nouns. Pure.
//
// What a host says is not trusted: any bytes give a value or an error, and text is valid UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/quantities.h"
#include "base/result.h"
#include "domain/answer.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "domain/token_odds.h"

namespace kai::wire {

enum class HostKind : std::uint8_t { openai, ollama };
std::string_view to_string(HostKind kind);
std::optional<HostKind> host_kind_named(std::string_view name);

// A model that a host lists. What it does not say is 0 or empty.
struct HostModel {
  std::string name;
  Tokens context_max{};
  std::int64_t parameters = 0;
  std::string quantisation;
  Bytes file{};
  std::string digest;  // of Ollama
  bool writes = true;  // false: it is for embeddings alone
};
inline constexpr std::size_t host_models_max = 512;  // the rest of a list is left out
inline constexpr std::size_t host_name_max = 200;    // bytes; a longer name is left out

// The body of GET /models or /api/tags. Models without a name are left out. Errors:
// invalid_request.
Result<std::vector<HostModel>> decode_models(HostKind kind, std::string_view body);

// What one model of a host is asked. What a protocol has no word for is left out.
struct HostAsk {
  std::string model;
  std::vector<Message> messages;  // none, of Ollama: the model is only loaded
  Sampling sampling;  // of its form the schema; top_k, min_p and repeat_penalty only of Ollama
  Tokens answer_max{};
  // Of Ollama, the same at every ask, since it loads a model anew for another context.
  Tokens context{};
  Duration keep{};  // how long it stays loaded
};
// The body of POST /chat/completions or /api/chat, which is answered by a stream.
std::string encode_ask(HostKind kind, const HostAsk& ask);

// One step of the answer. What a model writes while it thinks is no part of it.
struct HostPart {
  std::string words;               // may be empty
  std::optional<Ending> ending{};  // complete or token_limit: nothing follows but usage
  std::optional<Usage> usage{};
  bool over = false;              // the stream's last line
  bool thinks = false;            // it has words that are no part of the answer
  Duration load{};                // that went by before the prompt was read, where it is told
  std::string error{};            // not empty: the host gave up, in its own words
  std::vector<TokenOdds> odds{};  // of its words, where Sampling::top_logprobs asked for them
};
// One line of the stream; nothing: it says nothing, such as an empty one. Errors: invalid_request.
Result<std::optional<HostPart>> decode_line(HostKind kind, std::string_view line);

// What a refusal says, in the host's own words, at most some 300 bytes on one line; never empty.
std::string decode_refusal(std::string_view body);

// Of Ollama: what POST /api/show says of a model beside its list. Errors: invalid_request.
struct HostFacts {
  Tokens context_max{};
  bool writes = true;
};
std::string encode_show(std::string_view model);
Result<HostFacts> decode_show(std::string_view body);

// Of Ollama: the body of GET /api/ps: the names of the models that are loaded. Errors:
// invalid_request.
Result<std::vector<std::string>> decode_loaded(std::string_view body);

}  // namespace kai::wire
