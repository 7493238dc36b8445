// turns: who of those that wait for a device may go on next. Pure.
//
// They wait by when their questions are wanted, those of one question in its plan's order;
// "earlier" is that order. The rules:
//  1. Whose model is loaded, with a sequence, its lane and a turn of the device free, begins.
//  2. Whose model is not is given a free lane to load it on; where a device has more lanes than
//     may answer, ahead of its turn. A load that waits for room holds up the loads behind it, so
//     that they come in the plan's order.
//  3. A load evicts nothing that lies ready for somebody else that waits. So who finds his model
//     loaded goes before it is evicted, also for one who asked earlier: asks of several questions
//     come grouped by model. What an earlier one wants is never evicted for a later one, ready or
//     not. The lane where it lies ready is left to an earlier one too; to a later one if another
//     lane will do.
//  4. Once somebody is due, the order is strict: a later one goes only where it takes
//     nothing that an earlier one waits for, and what is ready for a later one may be evicted.
//  5. The rest of a split model that waits for another one's end holds nobody up.
// Never a standstill: if nothing runs, loads or leaves, the first one may go on; its load may evict
// all that is idle, since rule 3 keeps only what would begin by rule 1.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/clock.h"
#include "scheduler/ledger.h"

namespace kai {

struct Want {
  const Claim* claim = nullptr;  // all of one device
  Time due = Time::max();        // from here on nobody overtakes it
  bool loading = false;  // its own load, or a wait elsewhere, is under way: it does not wait
};

struct Next {
  std::size_t who = 0;  // of the wants
  Room room;            // ready, load or never
};

// wants: in their order. Nothing: all of them have to wait.
std::optional<Next> next_turn(const Ledger& ledger, std::span<const Want> wants, Time now);

}  // namespace kai
