// What those who wait for a device mean for a plan, and for a load.
#include <algorithm>

#include "scheduler/backlog.h"
#include "scheduler/batching.h"
#include "scheduler/scheduler.h"

namespace kai {

namespace {

constexpr Duration overdue = std::chrono::seconds(1);  // what is left of one that takes longer

// A plan has the device's whole capacity once the others have had their turns: what is in use now
// is theirs until then, the rest of their bytes nobody's.
void share_out(Bytes in_use, DeviceRoom& room) {
  for (auto& turn : room.taken) {
    turn.bytes = std::min(turn.bytes, in_use);
    in_use -= turn.bytes;
  }
  if (in_use == Bytes{}) return;
  if (room.taken.empty()) room.taken.push_back({overdue, Bytes{}});
  std::ranges::max_element(room.taken, {}, &TakenTurn::until)->bytes += in_use;
}

}  // namespace

std::vector<DeviceRoom> Scheduler::rooms(Time wanted_by) {
  for (const auto& room : ledger_.rooms()) end_doubt(room.device);
  auto rooms = ledger_.rooms();
  const Time now = clock_.now();
  for (auto& room : rooms) {
    std::map<LaneId, AtWork> at_work;
    const bool host = ledger_.is_host(room.device);
    for (const auto& one : at_work_) {
      if (one.lane.device != room.device) continue;
      // At a host nobody shares a turn with another one.
      LaneId turn = one.lane;
      if (host) turn.index = static_cast<int>(at_work.size());
      AtWork& lane = at_work[turn];
      lane.left = std::max({lane.left, one.end - now, overdue});
      lane.bytes = ledger_.held(one.lane, one.model);
    }
    std::vector<AtWork> busy;
    for (const auto& [lane, work] : at_work) busy.push_back(work);
    std::vector<Ahead> ahead;
    const auto queue = queues_.find(room.device);
    if (queue != queues_.end()) {
      for (const auto& one : queue->second) {
        if (one.wanted_by > wanted_by && !one.loading) continue;
        const bool here = !one.loading && ledger_.lies_ready(one.claim);
        const Duration passed = one.loading ? now - *one.loading : Duration{};
        ahead.push_back({one.claim.model, one.claim.sequences,
                         here ? Duration{} : std::max(one.card.load - passed, Duration{}), one.run,
                         one.claim.bytes});
      }
    }
    add_backlog(room, ledger_.turns(room.device), busy, ahead);
    share_out(ledger_.capacity(room.device) - room.free, room);
  }
  return rooms;
}

std::optional<Claim> Scheduler::for_all_waiting(const Waiting& self, const Room& room) const {
  const Claim& claim = self.claim;
  if (std::ranges::find(batching_, claim.device) == batching_.end()) return std::nullopt;
  const bool load = room.kind == Room::Kind::load;
  if (!load && room.kind != Room::Kind::ready) return std::nullopt;
  const Ledger::Seats seats = ledger_.seats(room.lane, claim.model);
  if (seats.taken > 0) return std::nullopt;
  std::vector<Claim> alike;
  for (const auto& one : queues_.at(claim.device)) {
    if (one.claim.model == claim.model) alike.push_back(one.claim);
  }
  if (static_cast<int>(alike.size()) <= std::max(claim.sequences, load ? 0 : seats.all)) {
    return std::nullopt;
  }
  Bytes free = ledger_.capacity(claim.device) - ledger_.held(claim.device) +
               ledger_.held(room.lane, claim.model) - claim.bytes;
  for (const auto& evicted : room.evict) free += ledger_.held(evicted.lane, evicted.model);
  Claim wider = widened(claim, alike, self.card, free);
  if (wider.sequences <= std::max(claim.sequences, load ? 0 : seats.all)) return std::nullopt;
  // What lies ready would be loaded anew for less than it holds.
  if (!load && (wider.context < seats.context || !ledger_.may_load(claim.device))) {
    return std::nullopt;
  }
  return wider;
}

}  // namespace kai
