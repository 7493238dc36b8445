// consensus: what answers say together. Three pure functions: shape_of() reads the question,
// decide() the answers so far, may_stop() whether more could change anything.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/answer.h"
#include "domain/plan.h"
#include "domain/verdict.h"

namespace kai {

struct ConsensusOptions {
  int dissent_chars_max = 200;  // of a dissenter's words in a verdict, 20..2000
};

// The kind of answer a question asks for. Any text, also empty, gets a shape; in doubt: open.
Shape shape_of(std::string_view question);

// What an answer says, so that two wordings of one answer are equal: "The capital of France is
// Paris." and "Paris" both give "paris". Nothing: it says nothing that can be compared (empty, a
// refusal, cut off before its point). For open text: the text folded, never nothing unless empty.
std::optional<std::string> canonical(Shape shape, std::string_view question,
                                     std::string_view answer);

// The one answer. `asks` says whose voice weighs what (Ask::weight, matched by member; 0 for a
// member not asked); `answers` in any order, any ending: failed ones do not vote, cut ones only
// where they already stated their answer. No answers: an empty verdict with its shape. Closed
// shapes are voted on, ties go to the strongest voter; open text gives the strongest member's
// answer. A model's further samples are correlated with its first: together they count at most
// as far as consensus.cpp says, never as independent voters.
// Cost: O(answers^2) text comparisons, below 1 ms for 12 answers of 2,000 characters.
Verdict decide(Shape shape, std::string_view question, std::span<const Ask> asks,
               std::span<const Answer> answers, const ConsensusOptions& options = {});

// Whether the asks that have no answer in `answers` yet could change the outcome: exact bound, the
// leader's lead against the sum of the weights still to come. Open text stops only when the
// strongest member has answered and no other member was asked for its opinion beyond agreement:
// see consensus.cpp for the rule and its reason.
Stop may_stop(const Verdict& verdict, std::span<const Ask> asks, std::span<const Answer> answers);

}  // namespace kai
