#include "planner/prompt.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/ensure.h"

namespace kai {

namespace {

constexpr Tokens frame_allowance{8};  // a role's name, its marks and line ends, around one message
constexpr Tokens answer_min{64};      // a shorter answer is not worth asking for, unless wished

Tokens tokens_of(const std::string& text, const PlannerOptions& options) {
  // Bytes, not characters: scripts of several bytes a character take more tokens a character too.
  return Tokens(static_cast<std::int64_t>(
      std::ceil(static_cast<double>(text.size()) / options.chars_per_token)));
}

bool stays(std::span<const Message> messages, std::size_t index) {
  return index + 1 == messages.size() || messages[index].role == Role::system;
}

// Which messages are kept: from the oldest on, whole turns go (a user's message and what answers
// it), so that no answer is left without its question.
std::vector<bool> kept(std::span<const Message> messages, Tokens room,
                       const PlannerOptions& options) {
  std::vector<bool> keep(messages.size(), true);
  Tokens total = prompt_estimate(messages, options);
  std::size_t next = 0;
  while (total > room && next < messages.size()) {
    bool turn_ends = false;
    for (; next < messages.size() && !turn_ends; ++next) {
      if (stays(messages, next)) continue;
      keep[next] = false;
      total -= prompt_estimate(messages.subspan(next, 1), options);
      turn_ends = next + 1 < messages.size() && messages[next + 1].role == Role::user;
    }
  }
  return keep;
}

}  // namespace

Tokens prompt_estimate(std::span<const Message> messages, const PlannerOptions& options) {
  Tokens total{};
  for (const auto& message : messages) total += tokens_of(message.text, options) + frame_allowance;
  return total;
}

Tokens prompt_overhead(const Model& model, const std::string& instruction,
                       const PlannerOptions& options) {
  Tokens overhead = tokens_of(model.chat.preamble, options);
  if (!instruction.empty()) overhead += tokens_of(instruction, options) + frame_allowance;
  return overhead;
}

std::optional<PromptFit> fit_prompt(std::span<const Message> messages, const Model& model,
                                    const std::string& instruction, Tokens answer_wish,
                                    const PlannerOptions& options) {
  const Tokens overhead = prompt_overhead(model, instruction, options);
  const Tokens context = model.facts.context_max;
  if (context <= Tokens(0)) {
    return PromptFit{prompt_estimate(messages, options) + overhead, answer_wish};
  }
  const Tokens room = context - overhead - answer_wish;
  const Tokens prompt = prompt_estimate(trimmed(messages, room, options), options) + overhead;
  const Tokens answer = std::min(answer_wish, context - prompt);
  if (answer < std::min(answer_wish, answer_min)) return std::nullopt;
  return PromptFit{prompt, answer};
}

std::vector<Message> trimmed(std::span<const Message> messages, Tokens room,
                             const PlannerOptions& options) {
  const std::vector<bool> keep = kept(messages, room, options);
  std::vector<Message> rest;
  for (std::size_t index = 0; index < messages.size(); ++index) {
    if (keep[index]) rest.push_back(messages[index]);
  }
  return rest;
}

std::vector<Message> conversation(const Query& query, const Ask& ask, const Model& model,
                                  const PlannerOptions& options) {
  ensure(model.id == ask.model, "a conversation for another model than the ask's");
  const Tokens room = ask.prompt - prompt_overhead(model, ask.instruction, options);
  std::vector<Message> messages = trimmed(query.messages, room, options);
  if (!ask.instruction.empty()) messages.insert(messages.begin(), {Role::system, ask.instruction});
  return messages;
}

}  // namespace kai
