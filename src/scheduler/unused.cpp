// Models that nobody uses any more leave.
#include <algorithm>

#include "base/ensure.h"
#include "scheduler/scheduler.h"

namespace kai {

namespace {

// Where one should have left but could not: somebody used it or its lane.
constexpr Duration look_soon = std::chrono::seconds(5);

constexpr Duration look_shortest = std::chrono::milliseconds(100);

}  // namespace

std::vector<Room::Resident> Ledger::idle(const DeviceId& device, const Kept& kept) const {
  std::vector<Room::Resident> list;
  for (auto& one : idle_models(place(device), nullptr, kept)) {
    list.push_back(std::move(one.resident));
  }
  return list;
}

void Ledger::leave(const Room::Resident& resident) {
  Held* held = find(resident);
  ensure(held != nullptr && !held->in_use(), "a model leaves while it is in use");
  held->leaving = true;
}

void Ledger::remember_use(const DeviceId& device, const ModelId& model, Duration load) {
  Worth& worth = place(device).worth;
  worth.used(model);
  if (load > Duration::zero()) worth.loaded(model, load);
}

// One that nobody waits for, and whose lane neither loads nor answers: an unload would wait for a
// step, and cost who answers where that takes too long. A model before its rest, which goes by
// itself once its model has gone. only: of this model, however short ago it was used.
std::optional<Room::Resident> Scheduler::unused_for(Duration after, const ModelId* only) const {
  for (const auto& room : ledger_.rooms()) {
    if (ledger_.is_host(room.device)) continue;  // what it keeps is its own affair
    Kept kept;
    if (const auto queue = queues_.find(room.device); queue != queues_.end()) {
      for (const auto& one : queue->second) kept.models.push_back(one.claim.model);
    }
    for (const auto& resident : ledger_.idle(room.device, kept)) {
      const bool with_model = std::ranges::any_of(rests_, [&](const Rest& one) {
        return one.here == resident.lane && one.rest == resident.model;
      });
      const bool lane_answers = std::ranges::count(at_work_, resident.lane, &AtWorkNow::lane) > 0;
      if (with_model || lane_answers || ledger_.loads(resident.lane)) continue;
      if (only != nullptr && resident.model != *only) continue;
      const bool loaded = used_.contains({resident.lane, resident.model});
      if (only != nullptr ? loaded : due(resident, after) <= clock_.now()) return resident;
    }
  }
  return std::nullopt;
}

void Scheduler::stay(const ModelId& model, std::optional<Duration> length) {
  if (length == stays(model)) return;
  if (length) {
    stays_[model] = *length;
  } else {
    stays_.erase(model);
  }
  note_change();
}

std::optional<Duration> Scheduler::stays(const ModelId& model) const {
  const auto said = stays_.find(model);
  return said == stays_.end() ? std::nullopt : std::optional(said->second);
}

// When it has not been used for as long as it stays; max(): never, or it is loading.
Time Scheduler::due(const Room::Resident& resident, Duration after) const {
  const auto used = used_.find({resident.lane, resident.model});
  const Duration length = stays(resident.model).value_or(after);
  if (used == used_.end() || length == Duration::max()) return Time::max();
  return used->second + length;
}

std::optional<Time> Scheduler::last_used(const DeviceId& device, const ModelId& model) const {
  const bool at_work = std::ranges::any_of(at_work_, [&](const AtWorkNow& one) {
    return one.lane.device == device && one.model == model;
  });
  std::optional<Time> last;
  for (const auto& resident : ledger_.residents(device)) {
    const auto used = used_.find({resident.lane, resident.model});
    if (resident.model != model || used == used_.end()) continue;
    last = std::max(last.value_or(used->second), used->second);
  }
  return at_work ? std::nullopt : last;
}

std::optional<Scheduler::Split> Scheduler::split(const DeviceId& device,
                                                 const ModelId& model) const {
  for (const auto& one : rests_) {
    if (one.of.device != device || one.model != model) continue;
    return Split{ledger_.held(one.of, one.model), one.here.device,
                 ledger_.held(one.here, one.rest)};
  }
  return std::nullopt;
}

Task<void> Scheduler::send_away(Room::Resident unused, Time until) {
  stays_.erase(unused.model);  // what is said from here on counts for the next time
  ledger_.leave(unused);
  co_await evict(unused, until);
  if (ledger_.empty(unused.lane)) residence_.retire(unused.lane);
  call_next(unused.lane.device);
}

Task<bool> Scheduler::unload_now(ModelId model, Duration patience) {
  bool left = false;
  while (const auto unused = unused_for({}, &model)) {
    co_await send_away(*unused, clock_.now() + patience);
    left = true;
    if (co_await cancelled()) break;
  }
  co_return left;
}

Task<Scheduler::Gone> Scheduler::unload_unused(Duration after, Duration patience) {
  Gone gone;
  // Anything may have changed behind each of them.
  while (const auto unused = unused_for(after, nullptr)) {
    const bool rest = ledger_.is_rest(*unused);
    const Duration length = clock_.now() - used_.at({unused->lane, unused->model});
    co_await send_away(*unused, clock_.now() + patience);
    if (!rest) {
      gone.models.push_back(*unused);
      gone.unused.push_back(length);
    }
    if (co_await cancelled()) break;
  }
  const bool never = after == Duration::max();
  gone.look_again = never ? Time::max() : clock_.now() + std::max(after, look_shortest);
  for (const auto& room : ledger_.rooms()) {
    if (ledger_.is_host(room.device)) continue;
    for (const auto& resident : ledger_.residents(room.device)) {
      const Time next = std::max(due(resident, after), clock_.now() + look_soon);
      gone.look_again = std::min(gone.look_again, next);
    }
  }
  co_return gone;
}

}  // namespace kai
