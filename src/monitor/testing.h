// What the tests of monitor/ share: questions as they end.
#pragma once

#include <string>
#include <vector>

#include "domain/outcome.h"

namespace kai {

// A question of the tier medium, answered in two seconds, where `a` and `b` agree and `c` does not.
inline Outcome answered_outcome() {
  Outcome outcome;
  Plan plan;
  plan.tier = Tier::medium;
  outcome.plans = {plan};
  outcome.latency = std::chrono::seconds(2);
  for (const char* name : {"a", "b", "c"}) {
    Answer answer;
    answer.member = MemberId(name);
    answer.model = ModelId(std::string("model-") + name);
    answer.ending = Ending::complete;
    answer.timings.ttft = std::chrono::milliseconds(100);
    answer.timings.decode = std::chrono::milliseconds(500);
    answer.usage = {Tokens(20), Tokens(10)};
    outcome.answers.push_back(answer);
  }
  outcome.verdict.voters = 3;
  outcome.verdict.agreeing = 2;
  outcome.verdict.agreement = 0.75;
  outcome.verdict.groups = {{"paris", {MemberId("a"), MemberId("b")}, 2},
                            {"rome", {MemberId("c")}, 1}};
  return outcome;
}

inline Outcome failed_outcome(ErrorCode code) {
  Outcome outcome;
  outcome.query.tier = Tier::simple;
  outcome.error = Error{code, "it failed"};
  return outcome;
}

}  // namespace kai
