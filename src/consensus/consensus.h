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
// refusal, still thinking aloud). For open text: the text folded, nothing only where it is empty or
// a short refusal. Never the empty text. Looks at the first and last 4,000 bytes (32 KiB of code).
std::optional<std::string> canonical(Shape shape, std::string_view question,
                                     std::string_view answer);

// The one answer. `asks` says whose voice weighs what (Ask::weight, matched by member; a trace for
// a weight of 0 and for a member not asked); `answers` in any order, one a member, any ending:
// failed ones do not vote, cut ones only where they already stated their answer (open text: where
// at least 40 bytes were written, and not when cancelled). No answers: an empty verdict with its
// shape. Closed shapes are voted on, ties go to the strongest voter; open text gives the strongest
// member's answer, and agreement is the share of voters whose words resemble it. Further samples of
// a model are correlated with its first: n of them weigh at most twice one (Tally in voices.h).
// Voters and agreeing count voices. Cost, 12 answers: some 40 us for 100 characters each, closed;
// below 1 ms for open ones of 2,000 (O(answers^2) comparisons).
Verdict decide(Shape shape, std::string_view question, std::span<const Ask> asks,
               std::span<const Answer> answers, const ConsensusOptions& options = {});

// Whether the asks that have no answer in `answers` yet could change the outcome. `verdict` is
// decide() of the same asks and answers. Closed shapes: exact bound, the leader's lead against the
// weights still to come; the winner stands, a stronger member may yet word it. Open text: nobody to
// come is stronger than the author, and a majority of those asked was heard, so that the agreement
// told is theirs. Never before somebody voted, nor after the last has ended.
Stop may_stop(const Verdict& verdict, std::span<const Ask> asks, std::span<const Answer> answers);

}  // namespace kai
