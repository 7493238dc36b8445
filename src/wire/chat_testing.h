// An outcome for the tests of the chat protocols: one member is right, one died.
#pragma once

#include <string>

#include "domain/outcome.h"

namespace kai::wire::testing_chat {

inline Error failure_of(std::string message) {
  return {ErrorCode::internal, std::move(message)};
}

inline Outcome outcome() {
  using namespace std::chrono_literals;
  Outcome outcome;
  outcome.query.id = QueryId("q_1");
  outcome.query.messages = {{Role::user, "What is the capital of France?"}};
  Answer good;
  good.member = MemberId("a");
  good.model = ModelId("a");
  good.device = DeviceId("cpu");
  good.ending = Ending::complete;
  good.text = "Paris.";
  good.timings.load = 20ms;
  good.timings.prefill = 8ms;
  good.timings.ttft = 30ms;
  good.timings.decode = 10ms;
  good.timings.total = 40ms;
  good.usage = {Tokens(5), Tokens(2)};
  Answer dead;
  dead.member = MemberId("b");
  dead.model = ModelId("b");
  dead.device = DeviceId("cpu");
  dead.error = failure_of("it died");
  dead.usage = {Tokens(1), Tokens(1)};
  outcome.answers = {good, dead};
  outcome.verdict.text = "Paris.";
  outcome.verdict.author = MemberId("a");
  outcome.verdict.groups = {{"paris", {MemberId("a")}, 1.0}};
  outcome.verdict.dissent = {{MemberId("b"), "Lyon"}};
  outcome.verdict.agreement = 0.5;
  outcome.verdict.voters = 2;
  outcome.verdict.agreeing = 1;
  outcome.latency = 1500ms;
  return outcome;
}

}  // namespace kai::wire::testing_chat
