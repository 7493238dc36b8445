// responses: OpenAI's newer protocol, POST /v1/responses (platform.openai.com, "API reference"),
// text <-> nouns, without its state: nothing is kept for a later request. Pure. What is not
// supported is refused by name.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/outcome.h"
#include "wire/chat_request.h"
#include "wire/tools.h"

namespace kai::wire {
struct Spelled;
}

namespace kai::wire::openai {

// Errors: invalid_request, with the field's name.
Result<ChatRequest> decode_response_request(std::string_view body);

// One reply, whole or as server-sent events in the order that OpenAI has them in: created,
// in_progress, output_item.added, content_part.added, output_text.delta …, then .done of each,
// and completed, incomplete or failed. A call of a tool is one function_call_arguments.delta.
class ResponseWriter {
 public:
  ResponseWriter(const ChatRequest& request, WallTime created)
      : model_(request.model),
        tools_(request.tools_sent),
        tool_choice_(request.tool_choice_sent),
        logprobs_(request.top_logprobs.has_value()),
        created_(created) {}

  void about(std::string_view query) { id_ = query; }

  std::string whole(const Outcome& outcome) const;
  // Each is one or more whole events.
  std::string words(std::string_view text);
  // All words of an answer of which none was said, with their logprobs where they were asked for.
  std::string all_words(const Outcome& outcome);
  std::string last(const Outcome& outcome);
  std::string broken(const Error& error);

 private:
  std::string begin();
  std::string begin_message();
  std::string told(const Spelled& piece);
  std::string called(const Outcome& outcome, const ToolCall& call);
  struct Head;
  Head head() const;

  std::string id_, model_;
  std::string tools_, tool_choice_;  // as they were sent, JSON; empty: they were not
  bool logprobs_ = false;
  WallTime created_;
  std::string text_;      // all that was told
  bool message_ = false;  // its item has begun
  int number_ = 0;        // of the next event
};

}  // namespace kai::wire::openai
