// members: who answers. Takes voices one by one, as long as memory and time allow. Private to
// planner.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "planner/placement.h"

namespace kai {

// What makes one candidate go before another.
enum class Preference : std::uint8_t {
  claim,  // skill; where skills are near, the resident and quick ones
  skill,  // skill alone
  time,   // the quickest
};

// What is wished of one model.
struct Wish {
  int voices_max = 1;    // 0: not asked, because
  std::string unwanted;  // a phrase for people
  int rank = 0;          // lower goes first, before any preference
};

struct Choice {
  Preference preference = Preference::claim;
  int members_min = 1;
  int members_max = 1;
  bool within_time = true;  // leave out who would be late
  Duration passed{};        // since the question was asked
  Duration limit{};         // from the question to its deadline
  Duration aim{};           // from the question: TierOptions
  double time_margin = 0;   // 0..0.5
  bool splits = false;      // PlannerOptions
};

struct Members {
  std::vector<Placed> placed;                   // in the order of starting
  Duration end_p90{};                           // of the last, with a chance of nine in ten
  std::map<std::size_t, std::string> left_out;  // by index into Fleet::models
};

// `wishes`: one per model of the fleet. As many members as fit memory and time, up to members_max;
// where the preferred ones are so slow that members_min is missed, the quickest instead. At least
// one, even if it will be late, unless nobody fits the memory.
Members choose_members(std::span<const Candidate> candidates, std::span<const Wish> wishes,
                       const PlanInput& input, const Choice& choice);

}  // namespace kai
