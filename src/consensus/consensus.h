// consensus: what answers say together. Pure functions: shape_of() reads the question, hear() one
// answer, decide() the answers so far, may_stop() whether more could change anything.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/similarity.h"
#include "domain/answer.h"
#include "domain/learned.h"
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

// What one answer says: read once when it arrives, compared as often as more arrive.
struct Heard {
  std::optional<std::string> form;  // canonical; nothing: it says nothing to count
  consensus::Gist gist;             // of open text alone; its embedding is the caller's to add
  std::size_t from = 0, size = 0;   // of its words for the asker, in bytes of Answer::text
};

// Where JSON was asked for, its canonical form (Answer::document) is what it says.
// Cost: some 10 us for an answer of 2,000 characters, bounded for one of any size.
Heard hear(Shape shape, std::string_view question, const Answer& answer);

// What of an answer, also of one still being written, is meant for the asker: a view into it,
// without reasoning in <think>, leaked end tokens and a base model's own next question.
std::string_view spoken_part(std::string_view written);

// Whether what a member has written so far states its answer, so that its end need not be awaited:
// "The answer is 42.", {"answer": "42"}, with something behind it. Not what a worked solution boxes
// on its way; never code or open text. On recorded answers the end says the same in 88 to 99.8 % of
// cases, and is right no more often than what was stated (make bench-quality).
bool states_answer(Shape shape, std::string_view written);

// The one answer. `asks` says whose voice weighs what (Ask::weight, matched by member; a trace for
// a weight of 0 and for a member not asked); `answers` in any order, one a member, any ending:
// failed ones do not vote, cut ones only where they already stated their answer (open text: where
// at least 40 bytes were written, and not when cancelled). `heard`: of each answer, in the same
// order. No answers: an empty verdict with its shape. Closed shapes are voted on, ties go to the
// strongest voter; open text gives the strongest member's answer, or, where a taste was learned,
// the one of the highest weight and signs, and agreement is the share of voters whose words
// resemble it. Further samples of a model are correlated with its first: n of them weigh at most
// twice one (Tally in voices.h). Code that was run (Answer::run): who passed its question's
// examples stands before who was not run, and that before who failed one, whatever they weigh;
// those who passed are equal where they do the same on further inputs; a dissent tells what failed.
// Voters and agreeing count voices. Confidence only where `learned` was calibrated by labels. Cost,
// 12 answers: some 10 us closed; open below 0.1 ms (O(answers^2) comparisons).
Verdict decide(Shape shape, std::span<const Ask> asks, std::span<const Answer> answers,
               std::span<const Heard> heard, const ConsensusOptions& options = {},
               const Learned& learned = {});

// The same for answers that nobody has heard yet.
Verdict decide(Shape shape, std::string_view question, std::span<const Ask> asks,
               std::span<const Answer> answers, const ConsensusOptions& options = {},
               const Learned& learned = {});

// How an open answer compares with the others to its question, each less their mean; zeros for one
// that says nothing.
struct OpenSigns {
  double centrality = 0;  // mean likeness with the others, -1..1; by embeddings if all have one
  double length = 0;      // logarithm of its bytes, within +-2, so that length alone never wins
};
// In the order given. Cost: O(answers^2) comparisons, 12 answers of 2,000 characters: 0.1 ms.
std::vector<OpenSigns> open_signs(std::span<const Answer> answers, std::span<const Heard> heard);

// Whether the asks that have no answer in `answers` yet could change the outcome. `verdict` is
// decide() of the same asks and answers. Closed shapes: exact bound, the leader's lead against the
// weights still to come; the winner stands, a stronger member may yet word it. Or, where `rule` was
// learned, the chance that the leader stays. Where code is run, a leader that did not pass is never
// settled, and no learned rule counts. Open text: nobody to come is stronger than the author,
// and a majority of those asked was heard, so that the agreement told is theirs. Never before
// somebody voted, nor after the last has ended.
Stop may_stop(const Verdict& verdict, std::span<const Ask> asks, std::span<const Answer> answers,
              const StopRule& rule = {});

// Why a synthesis must not stand beside `verdict`; empty: it may. A closed one has to say what the
// vote says; an open one has to resemble the answer chosen, so that an answer that talks the model
// that merges them round gains nothing.
std::string objection_to(std::string_view synthesis, std::string_view question,
                         const Verdict& verdict);

// How far a vote has come: what its Standing is made of.
struct Race {
  double first = 0, second = 0;  // weights of the two strongest groups; 0: there is none
  double rest = 0;               // of those still to come
  double total = 0;              // of all asked
  double agreeing = 0;           // voters in the first group
  double voters = 0;             // who said something
  double groups = 0;             // different answers
  double heard = 0, asked = 0;   // members
  double length = 0;             // bytes that voters wrote, their mean
};
Race race_of(const Verdict& verdict, std::span<const Ask> asks, std::span<const Answer> answers);

// Finite for any race, each of a size around one, so that a fit needs no scaling.
Standing standing(const Race& race);

// The chance that a logistic curve gives, strictly between 0 and 1; 0.5 where the curve is no
// finite number.
double chance(const Logistic& curve, const Standing& at);

}  // namespace kai
