// logprobs: the tokens of an answer as OpenAI's protocols tell of them. Private to wire.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "domain/outcome.h"
#include "wire/chat_request.h"
#include "wire/json.h"

namespace kai::wire {

// `wanted`: how many likeliest tokens are asked for beside each. Refused together with tools, and
// with an answer_max beyond what is kept (token_odds.h), by the name `length` of that field.
void want_logprobs(Fields& fields, int wanted, std::string_view length, ChatRequest& request);

// A piece of an answer's words and the tokens that it is of.
struct Spelled {
  std::string_view words;
  std::span<const TokenOdds> tokens;
};

// The outcome's words in pieces of whole characters, of 16 tokens where that is possible. Tokens
// are whole: the first may begin with blanks, the last may end with part of a stop string, that
// the words are without. One piece without tokens: they are not known, or they are not those of
// the words, as where the model wrote what is no UTF-8. None: there are no words. `words` must
// outlive the result, like the outcome.
std::vector<Spelled> spelled(const Outcome& outcome, std::string_view words);

// [{"token", "logprob", "bytes", "top_logprobs": […]}, …]
json::array logprobs_of(std::span<const TokenOdds> tokens);
// Of all of `words`; null: they are not known.
json::value all_logprobs(const Outcome& outcome, std::string_view words);

}  // namespace kai::wire
