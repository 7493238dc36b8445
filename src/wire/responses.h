// responses: OpenAI's newer protocol, POST /v1/responses (platform.openai.com, "API reference"),
// text
// <-> nouns, without its state: nothing is kept for a later request. Pure. What is not supported is
// refused by name.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "domain/outcome.h"
#include "wire/chat_request.h"

namespace kai::wire::openai {

// Errors: invalid_request, with the field's name.
Result<ChatRequest> decode_response_request(std::string_view body);

// One reply, whole or as server-sent events in the order that OpenAI has them in: created,
// in_progress, output_item.added, content_part.added, output_text.delta …, then .done of each,
// and completed, incomplete or failed.
class ResponseWriter {
 public:
  ResponseWriter(std::string model, WallTime created)
      : model_(std::move(model)), created_(created) {}

  void about(std::string_view query) { id_ = query; }

  std::string whole(const Outcome& outcome) const;
  // Each is one or more whole events.
  std::string words(std::string_view text);
  std::string last(const Outcome& outcome);
  std::string broken(const Error& error);

 private:
  std::string begin();

  std::string id_, model_;
  WallTime created_;
  std::string text_;  // all that was told
  int number_ = 0;    // of the next event
};

}  // namespace kai::wire::openai
