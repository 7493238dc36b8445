// replay: a recorded question decided again, under the same rules or others. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/consensus.h"
#include "domain/recorded.h"

namespace kai {

struct ReplayRules {
  enum class Stopping : std::uint8_t {
    recorded,  // take every answer that was taken then
    exact,     // stop where nothing to come could change the outcome
    learned,   // or where the learned rule says so
  };
  Stopping stopping = Stopping::recorded;
  std::optional<std::vector<ModelId>> models;  // only their voices; nothing: all
  std::optional<int> members_max;              // only so many asks, in the plan's order; >= 1
  ConsensusOptions consensus;
  Learned learned;
};

struct Replayed {
  Verdict verdict;
  int asked = 0;         // members that the rules leave
  int taken = 0;         // answers that were taken before it stopped
  std::string stop_why;  // empty: it did not stop early
};

// Takes the answers in the order of their ending, as the coordinator did. Under the rules it was
// recorded with (the default) the verdict is the recorded one, to the byte. What a member that was
// stopped would have said is not known: it stays unheard.
Replayed replay(const Recorded& recorded, const ReplayRules& rules = {});

}  // namespace kai
