// synthesis: what a member is asked that shall make one text of several answers.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/answer.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "planner/planner.h"

namespace kai {

inline const MemberId synthesis_member("synthesis");

struct SynthesisPlan {
  Ask ask;
  std::vector<Message> messages;
  int merged = 0;  // answers in them
};

// `author`: the ask of the member whose answer was chosen, whose model merges. The answers stand in
// the prompt as quoted data, each cut to an equal share of what the author's context leaves, their
// marks taken out; failed and empty ones are left out. Nothing: fewer than two answers, or no room
// for some hundred bytes of each.
std::optional<SynthesisPlan> plan_synthesis(const Query& query, const Ask& author,
                                            std::span<const Answer> answers, const Model& model,
                                            Time deadline, const PlannerOptions& options = {});

}  // namespace kai
