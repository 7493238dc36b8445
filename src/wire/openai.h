// openai: OpenAI's chat completions and list of models, text <-> nouns (platform.openai.com,
// "API reference"). Pure. What is not supported is refused by name, never ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/outcome.h"
#include "wire/chat_request.h"

namespace kai::wire::openai {

// The body of POST /v1/chat/completions. Errors: invalid_request, with the field's name.
Result<ChatRequest> decode_chat(std::string_view body);

// What every part of one reply carries.
struct Stamp {
  std::string id;     // "chatcmpl-…"
  std::string model;  // as it was asked for
  WallTime created{};
  bool usage = false;     // the stream ends with the tokens used; until then each part says null
  bool logprobs = false;  // an answer is told with its tokens
};

// A whole answer, which the outcome has. The object `kai` beside OpenAI's fields says how it came
// to be; `usage` sums all members.
std::string encode_chat(const Stamp& stamp, const Outcome& outcome);

// A stream: the words as they come, the first with the role; then what ends it, [DONE] included.
// Each is one or more whole server-sent events.
std::string encode_words(const Stamp& stamp, std::string_view words, bool first);
// A step of the question, before its words: as what a model that reasons thinks, or as the field
// kai.progress. The first part of a stream has the role.
std::string encode_step(const Stamp& stamp, std::string_view line, bool reasoning, bool first);
// All words of an answer at once, with the logprobs of their tokens. Empty: it has none.
std::string encode_all_words(const Stamp& stamp, const Outcome& outcome, bool first);
std::string encode_last(const Stamp& stamp, const Outcome& outcome);
// A failure in the middle of a stream, which ends it.
std::string encode_broken(const Error& error);

// {"error":{"message":…,"type":…,"param":…,"code":…}}
std::string encode_error(const Error& error);

// GET /v1/models, and one of them.
std::string encode_models(const std::vector<std::string>& models, WallTime created);
std::string encode_model(std::string_view model, WallTime created);

}  // namespace kai::wire::openai
