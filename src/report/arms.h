// arms: what became of problems in the four arms of a benchmark, one by one and together (R36).
// Pure: outcomes in, marks and figures out.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "consensus/consensus.h"
#include "domain/comparison.h"
#include "domain/outcome.h"

namespace kai::report {

// Not empty: why no answer to this problem can be called right, for people. Open text is none of
// these reasons: it is asked, and not marked.
std::string unmarkable(const Problem& problem);

// Whether `answer` says the same as the problem's, in canonical form; an answer that says nothing
// is wrong. Nothing: the problem asks for open text.
std::optional<bool> right(const Problem& problem, std::string_view answer);

// One problem's trial from its outcome in each arm, in the order of all_arms. An outcome without an
// answer is wrong.
Trial trial_of(const Problem& problem, const std::array<Outcome, all_arms.size()>& outcomes,
               const ConsensusOptions& options = {});

// All of them together. No trials: zeros, and no models.
Comparison compare(std::span<const Trial> trials);

// The model without which most more problems were right, at least one; nothing: there is none.
const ModelWorth* harmful(const Comparison& comparison);

}  // namespace kai::report
