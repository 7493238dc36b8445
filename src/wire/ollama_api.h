// ollama_api: Ollama's HTTP protocol, text <-> nouns (ollama/ollama, docs/api.md): chat, generate,
// the list of models and what they are. Pure. Streams are one JSON object a line; durations are
// whole nanoseconds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "wire/chat_request.h"

namespace kai::wire::ollama {

// Whose words stand where: "message" of /api/chat, "response" of /api/generate.
enum class Form : std::uint8_t { chat, generate };

// The body of POST /api/chat or /api/generate. A stream unless it says not. Without any message or
// prompt, which is how Ollama's own clients have a model loaded, `messages` is empty. Errors:
// invalid_request, with the field's name.
Result<ChatRequest> decode_chat(Form form, std::string_view body);

struct Stamp {
  Form form = Form::chat;
  std::string model;  // as it was asked for
  WallTime created{};
};

// One line each, its end included.
std::string encode_words(const Stamp& stamp, std::string_view words);
// A step of the question: as what a model that reasons thinks, or as the field kai.progress.
std::string encode_step(const Stamp& stamp, std::string_view line, bool reasoning);
// Ends a stream that has told all words; `words`: the whole answer, where it is no stream.
std::string encode_last(const Stamp& stamp, const Outcome& outcome, std::string_view words);
// The reply to a request without messages; and to one that wants its model to leave.
std::string encode_loaded(const Stamp& stamp);
std::string encode_unloaded(const Stamp& stamp);
std::string encode_error(const Error& error);  // also in the middle of a stream, which it ends

// A model of the list: a member, or one of kai's own names, which has no facts.
struct Listed {
  std::string name;
  const Model* member = nullptr;
};
// GET /api/tags
std::string encode_tags(const std::vector<Listed>& models, WallTime modified);

// The name that POST /api/show asks for, in "model" or "name". Errors: invalid_request.
Result<std::string> decode_show(std::string_view body);
std::string encode_show(const Listed& model, WallTime modified);

// A model that is loaded now.
struct Running {
  const Model* model = nullptr;
  Bytes bytes{};      // it holds
  Bytes gpu_bytes{};  // of them, on a GPU
  // When it is unloaded if nobody asks for it until then; nothing: only where room is needed.
  std::optional<WallTime> leaves{};
};
// GET /api/ps
std::string encode_ps(const std::vector<Running>& models);

// GET /api/version. Clients compare it: `spoken` is the version of Ollama whose protocol this is.
std::string encode_version(std::string_view kai);
inline constexpr std::string_view spoken = "0.13.3";

}  // namespace kai::wire::ollama
