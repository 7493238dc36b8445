#include "consensus/spoken.h"

#include <algorithm>
#include <array>
#include <string>

#include "consensus/text.h"

namespace kai::consensus {

namespace {

constexpr auto end_tokens =
    std::to_array<std::string_view>({"</s>", "<|im_end|>", "<|eot_id|>", "<|end|>", "<|endoftext|>",
                                     "<end_of_turn>", "<eos>", "<|end_of_text|>", "[/INST]"});
// Where a base model, having answered, goes on with a question of its own.
constexpr auto next_turns = std::to_array<std::string_view>(
    {"\nQuestion:", "\nQ:", "\n\nUser:", "\n\nHuman:", "\n### Instruction", "\n### Human",
     "\n<|im_start|>", "\n<|user|>", "\n<start_of_turn>"});

constexpr auto inabilities = std::to_array<std::string_view>({"i cannot",
                                                              "i can't",
                                                              "i can not",
                                                              "i am unable",
                                                              "i'm unable",
                                                              "i am not able",
                                                              "i'm not able",
                                                              "i don't know",
                                                              "i do not know",
                                                              "i'm not sure",
                                                              "i am not sure",
                                                              "i don't have",
                                                              "i do not have",
                                                              "i have no idea",
                                                              "i won't",
                                                              "i am sorry",
                                                              "i'm sorry",
                                                              "i must decline",
                                                              "i'm afraid i",
                                                              "cannot answer",
                                                              "can't answer",
                                                              "unable to answer",
                                                              "cannot provide",
                                                              "cannot be determined",
                                                              "not enough information"});

// Every inability holds one of these: a first look that spares most answers the long one.
bool may_refuse(std::string_view sentence) {
  return std::ranges::any_of(std::to_array<std::string_view>(
                                 {"not", "n't", "unable", "sorry", "no idea", "decline", "afraid"}),
                             [&](auto sign) { return sentence.contains(sign); });
}

std::string_view without_reasoning(std::string_view text) {
  constexpr std::string_view open = "<think>", close = "</think>";
  if (const auto end = text.rfind(close); end != std::string_view::npos) {
    return trimmed(text.substr(end + close.size()));
  }
  return text.starts_with(open) ? std::string_view() : text;
}

}  // namespace

std::string_view spoken(std::string_view raw) {
  std::string_view text = without_reasoning(trimmed(raw));
  std::size_t end = text.size();
  for (const auto token : end_tokens) end = std::min(end, text.find(token));
  text = text.substr(0, end);
  for (const auto turn : next_turns) {
    const std::size_t at = text.find(turn);
    if (at != std::string_view::npos && !trimmed(text.substr(0, at)).empty()) {
      text = text.substr(0, at);
    }
  }
  return trimmed(text);
}

bool is_refusal(std::string_view answer) {
  constexpr std::size_t looked_at_max = 240;  // bytes; a first sentence is rarely longer
  const std::string text = lowered(plain(answer.substr(0, looked_at_max)));
  if (one_of(stripped(text, ".!*\"'`()[]"),
             {"unknown", "n/a", "none", "null", "no answer", "not sure", "no idea", "unsure"})) {
    return true;
  }
  const std::string_view all = text;
  // "Sorry." or "I apologize." alone is no point yet: the sentence after it decides.
  std::size_t end = sentence_end(all, 0);
  if (end < 60) end = sentence_end(all, std::min(end + 1, all.size()));
  const std::string_view begin = all.substr(0, end);
  if (!may_refuse(begin)) return false;
  for (const auto inability : inabilities) {
    const std::size_t at = begin.find(inability);
    if (at == std::string_view::npos || at > 100) continue;
    const std::string_view rest = begin.substr(at + inability.size());
    const bool apology = inability.ends_with("sorry");
    if (apology && rest.find(" for ") < 4) continue;  // "… for the confusion": then it answers
    const std::size_t but = rest.find("but ");
    if (but == std::string_view::npos) return true;
    // "…, but I cannot" and "…, but there is not enough" refuse again; "…, but it is X" answers.
    return has_any_phrase(rest.substr(but), {"cannot", "can't", "unable", "not", "don't", "won't"});
  }
  return false;
}

}  // namespace kai::consensus
