// Outcome: everything that is known of a question once it is over. What the store keeps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/answer.h"
#include "domain/plan.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

// One text that a model made of all answers, where the user asked for it. It is not voted on: it
// stands beside the answer, never in its place.
struct Synthesis {
  Answer answer;        // whose member is "synthesis"
  int merged = 0;       // answers it was made of
  std::string refused;  // not empty: why it is not to be used
};

struct Outcome {
  Query query;
  WallTime asked{};
  Complexity complexity;
  std::vector<Plan> plans;      // the first, then the fallbacks; empty: refused before planning
  std::vector<Answer> answers;  // in the order of ending
  Verdict verdict;
  std::optional<Synthesis> synthesis;  // nothing: not asked for
  std::optional<Error> error;          // nothing: there is an answer
  // The author's, where they were asked for: of all that it wrote, be it more than the answer.
  std::vector<TokenOdds> tokens{};
  MemberId drafted;       // whose words were shown while they were written; empty: nobody's
  std::string stop_why;   // why it ended before every member had; empty: all ended
  std::string asked_why;  // what it was to teach beside its answer; empty: nothing
  std::vector<std::string> device_changes;  // sentences, of while it ran
  bool partial = false;  // the deadline cut members that could have changed the outcome
  Duration latency{};

  bool answered() const { return !error; }
  // Other words than those shown first are the answer.
  bool revised() const { return !drafted.text.empty() && drafted != verdict.author; }
};

}  // namespace kai
