#include "scheduler/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/noted_shield.h"

namespace kai {

namespace {

constexpr double mebi = 1024.0 * 1024.0;
constexpr Duration leave_over = std::chrono::milliseconds(500);  // beyond a deadline, to unload

std::unexpected<Error> too_large(const Ask& ask, const Claim& claim, Bytes capacity) {
  return fail(ErrorCode::nothing_fits,
              fmt::format("{} needs {:.0f} MiB, {} has {:.0f} MiB for kai", ask.model.text,
                          static_cast<double>(claim.bytes.count) / mebi, claim.device.text,
                          static_cast<double>(capacity.count) / mebi));
}

// A name for the part of a model that is beside a device.
ModelId rest_of(const ModelId& model, const DeviceId& device) {
  return ModelId(fmt::format("{} beside {}", model.text, device.text));
}

}  // namespace

Lease::Lease(Lease&& other) noexcept
    : scheduler_(std::exchange(other.scheduler_, nullptr)),
      lane_(std::move(other.lane_)),
      model_(std::move(other.model_)),
      holding_(other.holding_),
      turn_(other.turn_),
      queued_(other.queued_),
      loaded_(other.loaded_),
      beside_(std::move(other.beside_)) {}

Lease::~Lease() {
  // Who waits for the rest's place is before those that wait for this one alone.
  beside_.reset();
  if (scheduler_ != nullptr) scheduler_->give_back(*this);
}

// A place in a device's queue, from asking to the end.
class Scheduler::InQueue {
 public:
  InQueue(Scheduler& scheduler, const Claim& claim, const Ask& ask, const CostCard& card)
      : scheduler_(scheduler), queue_(scheduler.queues_[claim.device]) {
    const auto later = std::ranges::find_if(
        queue_, [&](const Waiting& other) { return other.wanted_by > ask.wanted_by; });
    self_ =
        queue_.emplace(later, claim, ask.deadline, ask.wanted_by, card, ask.prefill + ask.decode);
  }
  InQueue(const InQueue&) = delete;
  InQueue& operator=(const InQueue&) = delete;
  ~InQueue() {
    const DeviceId device = self_->claim.device;
    queue_.erase(self_);
    scheduler_.call_next(device);
  }
  Waiting& operator*() const { return *self_; }

 private:
  Scheduler& scheduler_;
  Queue& queue_;
  Queue::iterator self_;
};

Scheduler::Scheduler(std::span<const Device> devices, Residence& residence, Clock& clock,
                     SchedulerOptions options)
    : ledger_(devices), residence_(residence), clock_(clock), options_(options) {
  for (const auto& device : devices) {
    if (device.kind == DeviceKind::gpu) batching_.push_back(device.id);
  }
}

Scheduler::~Scheduler() = default;

// The rest's device first, with a place in the other queue: who waits with a turn on the GPU would
// keep the GPU idle, and who asked later should not go before it once the rest is there. Where the
// model is not loaded in the end, its rest is only a number, which goes when room is needed.
Task<Result<Lease>> Scheduler::acquire(Ask ask, const Model& model, CostCard card,
                                       AcquireProgress progress) {
  const SplitNeed need = split_need(card, ask.context, ask.sequences, ask.share);
  const Claim claim{ask.device,    ask.model, need.device, ask.context,
                    ask.sequences, ask.share, false,       card.load};
  InQueue place(*this, claim, ask, card);
  if (ask.share == 1) co_return co_await acquire_in(place, ask, model, progress);
  Claim rest = claim;
  rest.device = ask.beside;
  rest.model = rest_of(ask.model, ask.device);
  rest.bytes = need.beside;
  rest.rest = true;
  CostCard unloaded = card;  // it comes with its model
  unloaded.load = {};
  (*place).aside = true;
  auto beside =
      co_await acquire_on(rest, ask, model, unloaded, {progress.queued, {}, progress.elsewhere});
  (*place).aside = false;
  if (!beside) co_return beside;
  auto lease = co_await acquire_in(place, ask, model, progress);
  if (!lease) co_return lease;
  lease->queued_ += beside->queued_;
  lease->beside_ = std::make_unique<Lease>(*std::move(beside));
  co_return lease;
}

Task<Result<Lease>> Scheduler::acquire_on(Claim claim, Ask ask, const Model& model, CostCard card,
                                          AcquireProgress progress) {
  InQueue place(*this, claim, ask, card);
  co_return co_await acquire_in(place, ask, model, progress);
}

// Each turn looks at the ledger afresh: anything may have changed while it slept or loaded.
Task<Result<Lease>> Scheduler::acquire_in(InQueue& place, Ask ask, const Model& model,
                                          AcquireProgress progress) {
  const Time start = clock_.now();
  Waiting& self = *place;
  const Claim claim = self.claim;
  Residence::Loaded loaded;
  bool told = false;
  bool narrow = false;            // there was too little memory for others too
  std::optional<Error> shortage;  // of the first load
  for (;;) {
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled while waiting");
    auto room = turn_of(self);
    const auto wider = room && !narrow ? for_all_waiting(self, *room) : std::nullopt;
    if (wider) room->kind = Room::Kind::load;
    if (room && room->kind == Room::Kind::ready) {
      const std::uint64_t holding = ledger_.begin(room->lane, claim.model);
      at_work_.push_back({room->lane, claim.model, holding, ++turns_, clock_.now() + self.run});
      note_change();
      Lease lease(*this, room->lane, claim.model, holding, turns_);
      lease.queued_ = clock_.now() - start - loaded.load;
      lease.loaded_ = loaded;
      co_return lease;
    }
    if (progress.elsewhere && progress.elsewhere()) {
      co_return fail(ErrorCode::no_memory, ask.member.text + " is asked elsewhere");
    }
    if (room && room->kind == Room::Kind::never) {
      if (shortage) co_return std::unexpected(*shortage);
      co_return too_large(ask, claim, ledger_.capacity(claim.device));
    }
    if (room) {
      self.loading = clock_.now();
      auto brought = co_await bring_in(*room, wider.value_or(claim), model, ask.deadline, progress);
      self.loading.reset();
      if (!brought && brought.error().code == ErrorCode::no_memory) {
        note_shortage(wider.value_or(claim));
        const bool again = wider || !shortage;
        if (wider) {
          narrow = true;
        } else {
          shortage = brought.error();
        }
        if (again) continue;
      }
      if (!brought) co_return std::unexpected(brought.error());
      loaded = *brought;
      continue;
    }
    if (clock_.now() >= ask.deadline) {
      co_return fail(ErrorCode::deadline, fmt::format("{} found no free lane on {} in time",
                                                      ask.member.text, claim.device.text));
    }
    if (!std::exchange(told, true) && progress.queued) progress.queued();
    note_change();
    co_await clock_.sleep_on(self.wait, ask.deadline);
  }
}

// Nothing: it has to wait. Whoever may go on instead is woken.
std::optional<Room> Scheduler::turn_of(const Waiting& self) {
  auto turn = next(self.claim.device);
  if (!turn) return std::nullopt;
  if (turn->first == &self) return std::move(turn->second);
  turn->first->wait.resume();
  return std::nullopt;
}

std::optional<std::pair<Scheduler::Waiting*, Room>> Scheduler::next(const DeviceId& device) {
  end_doubt(device);
  Queue& queue = queues_[device];
  const Time now = clock_.now();
  for (auto& oldest : queue) {
    const Duration left = std::max(oldest.deadline - now, Duration::zero());
    const Duration share = from_seconds(options_.overtaken_share * seconds(left));
    if (!oldest.due) oldest.due = now + std::min(options_.overtaken_max, share);
    if (!oldest.loading && !oldest.aside) break;
  }
  std::vector<Want> wants;
  for (const auto& one : queue) {
    wants.push_back({&one.claim, one.due.value_or(Time::max()), one.loading || one.aside});
  }
  auto turn = next_turn(ledger_, wants, now);
  if (!turn) return std::nullopt;
  const auto who = std::ranges::next(queue.begin(), static_cast<std::ptrdiff_t>(turn->who));
  return std::pair(&*who, std::move(turn->room));
}

// To be called after every change: whose turn it is takes it, and calls the next.
void Scheduler::call_next(const DeviceId& device) {
  if (const auto turn = next(device)) turn->first->wait.resume();
}

void Scheduler::set_capacity(const DeviceId& device, Bytes capacity) {
  doubts_.erase(device);
  ledger_.set_capacity(device, capacity);
}

Task<void> Scheduler::settle(DeviceId device, Time until) {
  Kept kept;
  for (auto& one : queues_[device]) {
    kept.models.push_back(one.claim.model);
    one.wait.resume();
  }
  for (const auto& leaving : ledger_.surplus(device, kept)) {
    co_await evict(leaving, until);
    call_next(device);
  }
}

// There is not even what is held and this: somebody else has it, or the claim was too small.
void Scheduler::note_shortage(const Claim& claim) {
  const Bytes known = ledger_.capacity(claim.device);
  const Bytes held = ledger_.held(claim.device);
  const auto [entry, first] = doubts_.try_emplace(claim.device, Doubt{known, held, {}});
  Doubt& doubt = entry->second;
  doubt.proven = std::max(doubt.proven, held);
  doubt.until = clock_.now() + options_.doubt_max;
  ledger_.set_capacity(claim.device,
                       std::min(known, std::max(held + claim.bytes - Bytes(1), doubt.proven)));
}

void Scheduler::end_doubt(const DeviceId& device) {
  const auto doubt = doubts_.find(device);
  if (doubt == doubts_.end() || clock_.now() < doubt->second.until) return;
  ledger_.set_capacity(device, doubt->second.capacity);
  doubts_.erase(doubt);
}

// The lane may die at any wait, which frees it for anybody: what is held may be gone after it.
Task<Result<Residence::Loaded>> Scheduler::bring_in(Room room, Claim claim, const Model& model,
                                                    Time until, AcquireProgress progress) {
  const Time start = clock_.now();
  const bool enlarged = !claim.rest && ledger_.has(claim.device, claim.model);
  // Held from the first moment, so that no one else plans with these bytes.
  const Room::Resident hold = ledger_.hold(room, claim);
  call_next(claim.device);
  // An eviction that is cut would cost the lane that it is on, and who answers there.
  auto shield = co_await NotedShield::raise();
  for (const auto& evicted : room.evict) {
    if (shield.noted()) {
      ledger_.stay(evicted);
    } else {
      co_await evict(evicted, until);
    }
    call_next(claim.device);
  }
  // One that was to be enlarged still lies there as it was, which nobody knows of any more.
  if (shield.noted() && enlarged && ledger_.holds(hold)) {
    co_await unload(room.lane, claim.model, until);
  }
  if (co_await shield.lower()) {
    ledger_.drop(hold);
    if (!claim.rest) forget_rest(room.lane, &model.id);
    co_return fail(ErrorCode::cancelled, "cancelled while models left");
  }
  if (!ledger_.holds(hold)) co_return Residence::Loaded{};  // acquire_in() looks again
  if (claim.rest) {                                         // a rest is loaded with its model
    ledger_.loaded(hold, claim.bytes, Duration::zero());
    co_return Residence::Loaded{};
  }
  Result<Residence::Loaded> loaded = fail(ErrorCode::internal, "a load broke off");
  std::exception_ptr fault;
  try {
    loaded = co_await residence_.load(room.lane, model, claim, until, progress.loading);
  } catch (const std::exception&) {
    fault = std::current_exception();  // what was held for it is given back first
  }
  if (!loaded && enlarged && co_await unload_enlarged(hold)) {
    loaded = fail(ErrorCode::cancelled, "cancelled while it was loaded");
  }
  if (loaded && ledger_.holds(hold)) {
    loaded->load = clock_.now() - start;
    const Bytes measured = loaded->weights + loaded->buffers +
                           loaded->kv_per_token * (claim.context.count * claim.sequences);
    // What was measured is of both devices.
    const Bytes bytes = claim.share < 1 ? claim.bytes : std::max(measured, claim.bytes);
    ledger_.loaded(hold, bytes, loaded->load);
    used_[{room.lane, claim.model}] = clock_.now();
    stays_.erase(claim.model);  // it was said of what was there then
  } else if (loaded) {
    loaded = fail(ErrorCode::lane_lost, fmt::format("the lane died under {}", claim.model.text));
  }
  if (loaded) {
    note_split(room.lane, claim, model.id);
  } else {
    ledger_.drop(hold);
    forget_rest(room.lane, &model.id);
  }
  if (fault) std::rethrow_exception(fault);
  co_return loaded;
}

// With its rest a model goes too. Without the model a rest is a number, that somebody who waits to
// load the model anew may hold.
Task<void> Scheduler::evict(Room::Resident evicted, Time until) {
  if (!ledger_.holds(evicted)) co_return;  // its lane died meanwhile
  const auto rest = std::ranges::find_if(rests_, [&](const Rest& one) {
    return (one.of == evicted.lane && one.model == evicted.model) ||
           (one.here == evicted.lane && one.rest == evicted.model);
  });
  if (rest == rests_.end()) {
    if (!ledger_.is_rest(evicted)) co_await unload(evicted.lane, evicted.model, until);
    ledger_.drop(evicted);
    co_return;
  }
  const Rest both = *rest;
  rests_.erase(rest);
  co_await unload(both.of, both.model, until);
  ledger_.drop(evicted);
  if (evicted.model == both.rest) drop(both.of, both.model);
}

// A load that was cut before its worker began leaves the model there as it was, which nobody knows
// of any more. Whether the task was cancelled.
Task<bool> Scheduler::unload_enlarged(Room::Resident hold) {
  auto shield = co_await NotedShield::raise();
  if (ledger_.holds(hold)) co_await unload(hold.lane, hold.model, clock_.now() + leave_over);
  co_return co_await shield.lower();
}

// Whose lane ends for it is told apart from whose worker died.
Task<void> Scheduler::unload(LaneId lane, ModelId model, Time until) {
  std::vector<Room::Resident> others;
  for (const auto& one : at_work_) {
    if (one.lane == lane) others.push_back({lane, one.model, one.holding});
  }
  if (!co_await residence_.unload(lane, model, until)) co_return;
  for (const auto& one : others) {
    const bool at_work = std::ranges::count(at_work_, one.holding, &AtWorkNow::holding) > 0;
    if (at_work && !ledger_.holds(one)) ended_.insert(one.holding);
  }
}

void Scheduler::drop(const LaneId& lane, const ModelId& model) {
  for (const auto& resident : ledger_.residents(lane.device)) {
    if (resident.lane == lane && resident.model == model) ledger_.drop(resident);
  }
  call_next(lane.device);
}

// After a load: what lies in part on the lane has its rest on another device, held by its asker.
void Scheduler::note_split(const LaneId& lane, const Claim& claim, const ModelId& model) {
  forget_rest(lane, &model);
  if (claim.share == 1) return;
  const ModelId rest = rest_of(model, lane.device);
  for (const auto& room : ledger_.rooms()) {
    for (const auto& resident : ledger_.residents(room.device)) {
      if (resident.model == rest) rests_.push_back({lane, model, resident.lane, rest});
    }
  }
}

// Of what lay split on the lane and lies there no longer so: of one model, or of all.
void Scheduler::forget_rest(const LaneId& lane, const ModelId* model) {
  std::erase_if(rests_, [&](const Rest& one) {
    return one.of == lane && (model == nullptr || one.model == *model);
  });
}

void Scheduler::lane_lost(const LaneId& lane) {
  ledger_.drop_lane(lane);
  forget_rest(lane, nullptr);
  call_next(lane.device);
}

void Scheduler::give_back(const Lease& lease) {
  std::erase_if(at_work_, [&](const AtWorkNow& one) { return one.turn == lease.turn_; });
  ledger_.end(lease.lane_, lease.model_, lease.holding_);
  used_[{lease.lane_, lease.model_}] = clock_.now();
  if (std::ranges::count(at_work_, lease.holding_, &AtWorkNow::holding) == 0) {
    ended_.erase(lease.holding_);
  }
  note_change();
  call_next(lease.lane_.device);
}

}  // namespace kai
