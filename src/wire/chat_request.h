// chat_request: what a client of another program's protocol asks of kai. Both codecs, openai and
// ollama_api, read their text into this, so that everything behind them is the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/outcome.h"
#include "domain/query.h"

namespace kai::wire {

// Bounds of what a request may hold; beyond them it is refused by the field's name.
inline constexpr std::size_t chat_messages_max = 2048;
inline constexpr std::size_t chat_stops_max = 16;
inline constexpr std::size_t chat_stop_bytes_max = 256;
inline constexpr std::int64_t chat_tokens_max = 32'768;

// How a stream tells the question's steps beside its words: in comments, in a field `kai` of parts
// without words, or as what a model that reasons thinks.
enum class StepsAs : std::uint8_t { nothing, comment, field, reasoning };

struct ChatRequest {
  std::string model;              // as it was sent: "kai:auto", a member's name
  std::vector<Message> messages;  // at least one; the last is the user's
  bool stream = false;
  bool include_usage = false;  // a stream of OpenAI's ends with the tokens used
  std::optional<Tokens> answer_max;
  std::vector<std::string> stop;
  std::optional<double> temperature;  // 0..2
  std::optional<double> top_p;        // (0..1]
  std::optional<std::uint64_t> seed;
  JsonForm json_form;               // as Query has it
  std::optional<int> top_logprobs;  // as Query has it; a stream is then settled
  std::optional<Duration> keep;     // as Query has it
  // Of /v1/responses, which gives them back: "tools" and "tool_choice" as they were sent, JSON.
  std::string tools_sent, tool_choice_sent;
  // kai's own object in the request.
  std::optional<Tier> tier;  // nothing: the model's name says it
  Mode mode = Mode::adaptive;
  std::vector<ModelId> members;      // exactly these
  std::optional<Duration> deadline;  // 100 ms..24 h
  bool settled = false;              // a stream holds the words back until they are final
  StepsAs steps = StepsAs::nothing;  // of a stream only
};

// How an answer came to be, for headers and bodies: "consensus", "early_stop", "single", "partial",
// "error".
std::string_view answer_path(const Outcome& outcome);

}  // namespace kai::wire
