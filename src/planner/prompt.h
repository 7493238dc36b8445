// prompt: how many tokens a question takes before anything is tokenised. Private to planner.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "planner/planner.h"

namespace kai {

// What a model's context is used for.
struct PromptFit {
  Tokens prompt{};      // frames, instruction and the messages that fit
  Tokens answer_max{};  // what was wished, or what the context leaves
};

// Of the messages alone, with a frame around each.
Tokens prompt_estimate(std::span<const Message> messages, const PlannerOptions& options);

// What a model is sent besides the messages: the instruction and, with frames of our own, the
// worked examples.
Tokens prompt_overhead(const Model& model, const std::string& instruction,
                       const PlannerOptions& options);

// How the conversation fits the model's context: first older turns go, then the answer shrinks.
// Nothing: the question alone exceeds it. A model that names no context takes everything.
std::optional<PromptFit> fit_prompt(std::span<const Message> messages, const Model& model,
                                    const std::string& instruction, Tokens answer_wish,
                                    const PlannerOptions& options);

}  // namespace kai
