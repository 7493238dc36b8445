// draft: from an aim to a plan; what make_plan and fallback have in common. Private to planner.
#pragma once

#include <vector>

#include "planner/members.h"

namespace kai {

struct Aim {
  Tier tier = Tier::simple;
  Mode mode = Mode::adaptive;
  Time deadline{};            // of the whole question
  Duration member_timeout{};  // of one member, its load not counted
  Tokens answer_max{};
  Duration finish{};         // from the question: who would end later is asked only in need
  Time wanted_by{};          // Ask::wanted_by
  std::vector<Wish> wishes;  // one per model of the fleet
  Preference preference = Preference::claim;
  int members_min = 1;
  int members_max = 1;
  bool within_time = true;
};

// Errors: no_members, nothing_fits as in make_plan().
Result<Plan> draft(const PlanInput& input, const Aim& aim, const PlannerOptions& options);

}  // namespace kai
