// seating: which device and which place each part of a plan gets. Private to planner.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "planner/waves.h"

namespace kai {

// What a part brings to a vote.
struct Stake {
  double weight = 0;  // > 0
  double skill = 0;   // 0..1: chance of a right answer
};

// What makes one seating better than another.
enum class Haste : std::uint8_t {
  all_heard,  // the end of the last; among equals the earlier answers
  settled,    // the expected time until the vote is settled, whatever those still to come say
  in_order,   // the parts' order is given; each is worth half the one before it
};

struct SeatingGoal {
  Haste haste = Haste::settled;
  Duration limit{};  // who ends later is late, which weighs more than any haste
  int plays_max = 2000;
};

// The best seating found: every one where there are no more than plays_max, else by moving one part
// at a time to another device or place, from several beginnings, and again from disturbed ones
// (iterated local search); the plays are bounded, not the time, so that the same input gives the
// same seating. For Haste::in_order the parts keep their order. `stakes`: one a part.
// Cost: well under a microsecond a play of 12 parts.
Seating best_seating(Waves& waves, std::span<const std::vector<Option>> parts,
                     std::span<const Stake> stakes, const SeatingGoal& goal);

// The expected time to a settled vote is over draws of who is right: right answers agree, and so
// does a quarter of the wrong ones.
class SettledShare {
 public:
  static constexpr std::size_t parts_max = 12;

  explicit SettledShare(std::span<const Stake> stakes);  // 1..parts_max

  // In how many of the draws, 0..1, the vote is settled once these have answered. `answered`: a bit
  // for each stake. Never less for more of them.
  double of(std::uint32_t answered);

 private:
  // Of a set of voices: their weight together, and the heaviest two.
  struct Weight {
    double sum = 0, first = 0, second = 0;
  };
  // Who is right, and who gives the same wrong answer; a bit for each stake.
  struct Draw {
    std::uint32_t right = 0, same = 0;
  };
  double lead(const Draw& draw, std::uint32_t answered) const;

  std::vector<Weight> weights_;  // by set
  std::vector<Draw> draws_;
  std::vector<float> known_;  // by `answered`; negative: not yet computed
};

}  // namespace kai
