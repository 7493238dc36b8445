// planner: what to run where, in what order, until when. Pure: the same values give the same plan.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/model.h"
#include "domain/outcome.h"
#include "domain/plan.h"
#include "domain/query.h"

namespace kai {

// What a tier means; one entry for each of Tier's values, in their order.
struct TierOptions {
  int members_min;         // 1..12
  int members_max;         // members_min..12
  Duration timeout;        // of the whole question, 1 s..1 h
  Duration member_timeout; // of one member, 30..120 s by default; never beyond the question's
  Tokens answer_max;       // per member, 1..32768
};

struct PlannerOptions {
  std::array<TierOptions, 4> tiers{{
      {2, 3, std::chrono::seconds(30), std::chrono::seconds(30), Tokens(128)},
      {4, 6, std::chrono::seconds(45), std::chrono::seconds(45), Tokens(256)},
      {8, 8, std::chrono::seconds(90), std::chrono::seconds(90), Tokens(512)},
      {10, 12, std::chrono::seconds(120), std::chrono::seconds(120), Tokens(768)},
  }};
  int samples_per_model_max = 4;      // 1..16: voices of one model where models are few
  double sample_temperature = 0.7;    // 0..2: of second and further samples
  double time_margin = 0.1;           // 0..0.5: share of the deadline kept free when planning
  double chars_per_token = 3.0;       // 1..8: to estimate a prompt before it is tokenised
};

// How hard a question is, by features of its text alone.
Complexity assess(std::string_view question);

// Everything make_plan needs to know, so that a caller names what it hands over.
struct PlanInput {
  const Query& query;
  const Complexity& complexity;
  const Fleet& fleet;                     // refused models are left out by name
  std::span<const DeviceRoom> room;       // what is free, one per device
  std::span<const CostCard> cards;        // per (model, device); a missing pair: not runnable there
  std::span<const double> skills;         // 0..1, one per fleet.models: for this question's shape
  Time now{};                             // the plan starts here
};

// The members for a question, strongest claims first in the order of starting.
// query.tier wins over complexity.tier; Mode::all takes every model once; Mode::best the one with
// the highest skill; query.models exactly those. Where a tier wants more members than there are
// models, further samples of the better ones join, named "model#2". A member whose context the
// prompt exceeds, whose bytes fit nowhere, or for which no time is left is left out by name.
// Errors: no_members (no usable model), nothing_fits (models, but none fits memory, context or
// time; the message says which), not_found (query.models names an unknown one, with the nearest).
Result<Plan> make_plan(const PlanInput& input, const PlannerOptions& options = {});

// After a plan that gave no valid answer: a simpler plan (R5): fewer, smaller models that have not
// failed, shorter answers, for the time left. Nothing: no time or no model is left to try.
std::optional<Plan> fallback(const PlanInput& input, const Outcome& so_far,
                             const PlannerOptions& options = {});

}  // namespace kai
