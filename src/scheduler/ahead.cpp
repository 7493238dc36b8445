// Models that are loaded before anybody asks for them. Whoever asks goes first.
#include <algorithm>
#include <exception>

#include "scheduler/scheduler.h"

namespace kai {

namespace {

bool serves(const Claim& ahead, const Claim& wanted) {
  return wanted.model == ahead.model && wanted.share == ahead.share && !wanted.rest &&
         wanted.context <= ahead.context && wanted.sequences <= ahead.sequences;
}

}  // namespace

Task<Result<Residence::Loaded>> Scheduler::load_ahead(Claim claim, const Model& model, Time until) {
  claim.ahead = true;
  const bool there = ledger_.has(claim.device, claim.model);
  const Room room = ledger_.room_for(claim);
  if (ahead_ || there || room.kind != Room::Kind::load || !room.evict.empty()) {
    co_return fail(ErrorCode::no_memory, "no room is free for " + claim.model.text);
  }
  ahead_ = claim;
  ahead_lane_ = room.lane;
  std::exception_ptr fault;
  Result<Residence::Loaded> loaded = Residence::Loaded{};
  try {
    loaded = co_await bring_in(room, claim, model, until, {{}, [](double) {}, {}});
  } catch (const std::exception&) {
    fault = std::current_exception();
  }
  ahead_.reset();
  ahead_lane_.reset();
  call_next(claim.device);
  if (fault) std::rethrow_exception(fault);
  co_return loaded;
}

bool Scheduler::ahead_is_in_the_way() const {
  if (!ahead_) return false;
  const DeviceId& device = ahead_->device;
  if (const auto queue = queues_.find(device); queue != queues_.end()) {
    for (const auto& one : queue->second) {
      if (one.loading || one.aside) continue;
      if (serves(*ahead_, one.claim)) return false;  // it would load the same
      const auto lane = ledger_.lies_ready(one.claim);
      if (!lane || *lane == *ahead_lane_) return true;
    }
  }
  // A load takes a core, and bandwidth, of what computes there.
  return !ledger_.loads_ahead(device) && std::ranges::any_of(at_work_, [&](const AtWorkNow& one) {
    return one.lane.device == device;
  });
}

std::vector<Shelf> Scheduler::shelves() const {
  std::vector<Shelf> shelves;
  for (const auto& room : ledger_.rooms()) {
    const DeviceId& device = room.device;
    if (ledger_.is_host(device)) continue;
    Shelf shelf{device, ledger_.capacity(device), {}, {}, false};
    shelf.free = std::max(shelf.capacity - ledger_.held(device), Bytes{});
    const auto queue = queues_.find(device);
    const bool waited_for = queue != queues_.end() && !queue->second.empty();
    const bool answers = std::ranges::any_of(
        at_work_, [&](const AtWorkNow& one) { return one.lane.device == device; });
    shelf.open = !ahead_ && !waited_for && !doubts_.contains(device) && ledger_.may_load(device) &&
                 (!answers || ledger_.loads_ahead(device));
    shelves.push_back(std::move(shelf));
  }
  return shelves;
}

void Scheduler::remember_use(const DeviceId& device, const ModelId& model, Duration load) {
  const auto rooms = ledger_.rooms();
  if (std::ranges::find(rooms, device, &DeviceRoom::device) == rooms.end()) return;
  ledger_.remember_use(device, model, load);
}

Bytes Scheduler::undoubted(const DeviceId& device) const {
  const auto doubt = doubts_.find(device);
  return doubt == doubts_.end() ? ledger_.capacity(device) : doubt->second.capacity;
}

bool Lease::lane_ended() const {
  return scheduler_->ended_.contains(holding_);
}

}  // namespace kai
