// Plan: who is asked, where, in what order, until when, and what that is expected to take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"
#include "domain/query.h"

namespace kai {

// How a member picks its next token. temperature 0 is greedy; the rest then has no effect.
struct Sampling {
  double temperature = 0;     // 0..5
  int top_k = 40;             // 0: off
  double top_p = 0.95;        // (0..1]
  double min_p = 0.05;        // 0..1
  double repeat_penalty = 1;  // 0.5..2, 1: off
  std::uint64_t seed = 0;
  JsonForm form;  // empty: free text
  std::vector<std::string> stop;
  std::optional<int> top_logprobs{};  // as Query has it
};

// One member's part. Times are predictions from the cost card.
struct Ask {
  MemberId member;  // "smollm2:135m#2"
  ModelId model;
  int sample = 1;     // 1: the model's first voice; 2…: a further sample of it
  int sequences = 1;  // voices of this model in the plan: what its context is sized for
  DeviceId device;
  double share = 1;   // (0..1] of its layers on `device`; the others, and their work, on `beside`
  DeviceId beside;    // the CPU; empty where share is 1
  double weight = 0;  // >= 0: this member's say in a vote, from its skill
  std::string instruction;  // system message in front of the query's, may be empty
  Tokens prompt{};          // estimated
  Tokens context{};         // prompt plus answer: what the KV cache is sized for
  Tokens answer_max{};
  Sampling sampling;
  Time deadline{};  // cut here at the latest, but for waits and loads that take longer than planned
  // When its question should be answered: whose is wanted earlier goes first on a device.
  Time wanted_by{};
  // From the plan's start. Voices of one model run together: all have its times.
  Duration start{};  // of its load; of its prefill where the model is there already
  Duration load{};
  Duration wait{};  // loaded, for its turn
  Duration prefill{}, decode{};
  Duration end() const { return start + load + wait + prefill + decode; }
};

struct LeftOut {
  ModelId model;
  std::string why;
};

struct Plan {
  Tier tier = Tier::simple;
  Mode mode = Mode::adaptive;
  std::vector<Ask> asks;  // in the order of starting; at least one
  std::vector<LeftOut> left_out;
  Time deadline{};  // of the whole question
  // From the start until the last ask ends, where everybody is heard: as expected, and by when with
  // a chance of nine in ten.
  Duration predicted{};
  Duration predicted_p90{};
};

}  // namespace kai
