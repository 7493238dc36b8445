// backlog: what others have yet to do on a device before a new question has its turn. Pure.
#pragma once

#include <span>

#include "base/clock.h"
#include "domain/model.h"

namespace kai {

// Who answers now.
struct AtWork {
  Duration left{};  // predicted, >= 0
  Bytes bytes{};
};

// Who waits, or loads.
struct Ahead {
  ModelId model;
  int sequences = 1;  // of its model that answer together; >= 1
  Duration load{};    // still to come; 0: it lies ready
  Duration run{};
  Bytes bytes{};
};

// Fills room.taken and room.loads_until: whoever is ahead has its turns in this order, the first
// `turns` at once, loads one after the other, each model loaded once. A sketch: nobody waits
// for room, so that loads may come later than it says. A turn's bytes are the most that one of its
// holders needs.
void add_backlog(DeviceRoom& room, int turns, std::span<const AtWork> at_work,
                 std::span<const Ahead> ahead);

}  // namespace kai
