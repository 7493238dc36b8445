// AskedQuestion: what a question of the history took, without its words.
#pragma once

#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/query.h"
#include "domain/verdict.h"

namespace kai {

struct AskedQuestion {
  QueryId id;
  Tier tier = Tier::simple;
  Mode mode = Mode::adaptive;
  Shape kind = Shape::open;
  bool members_chosen = false;  // by the user
  bool answered = false;
  Duration latency{};
  int asked = 0;                                     // voices planned
  int heard = 0;                                     // of them, not stopped early
  double agreement = 0;                              // 0..1
  Duration work{};                                   // reading and writing, summed over voices
  std::vector<std::pair<ModelId, DeviceId>> loaded;  // that were not there before, each once
};

}  // namespace kai
