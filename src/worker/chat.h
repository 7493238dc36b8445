// chat: a conversation in the form a model was trained on, as text and as tokens.
#pragma once

#include <llama.h>

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/model.h"
#include "domain/query.h"

namespace kai {

// A stretch of a prompt. Special tokens are recognised in frames only, so that a user who writes
// "<|im_end|>" has written ten characters and not ended his turn.
struct Segment {
  std::string text;
  bool frame = false;
  bool operator==(const Segment&) const = default;
};

// `chat` wins over `file_template`, the Jinja text in the GGUF (may be empty). Ends where the
// model's answer begins. Errors: model_refused where neither gives a form that is known, with the
// remedy.
Result<std::vector<Segment>> frame(std::span<const Message> messages, const ChatTemplate& chat,
                                   const std::string& file_template);

// Whether llama.cpp's families know this template.
bool known_template(const std::string& file_template);

// The segments as tokens, with the beginning-of-text token where the vocabulary wants one.
std::vector<llama_token> tokenise(const llama_vocab* vocab, std::span<const Segment> segments);

}  // namespace kai
