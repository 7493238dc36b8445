#include "scheduler/scheduler.h"

#include <fmt/format.h>

#include <algorithm>

namespace kai {

namespace {

constexpr double mebi = 1024.0 * 1024.0;

std::unexpected<Error> too_large(const Ask& ask, Bytes need, Bytes capacity) {
  return fail(ErrorCode::nothing_fits,
              fmt::format("{} needs {:.0f} MiB, {} has {:.0f} MiB for kai", ask.model.text,
                          static_cast<double>(need.count) / mebi, ask.device.text,
                          static_cast<double>(capacity.count) / mebi));
}

}  // namespace

Lease::Lease(Lease&& other) noexcept
    : scheduler_(std::exchange(other.scheduler_, nullptr)),
      lane_(std::move(other.lane_)),
      model_(std::move(other.model_)),
      holding_(other.holding_),
      queued_(other.queued_),
      loaded_(other.loaded_) {}

Lease::~Lease() {
  if (scheduler_ != nullptr) scheduler_->give_back(*this);
}

// A place in a device's queue, from asking to the end.
class Scheduler::InQueue {
 public:
  InQueue(Scheduler& scheduler, const Claim& claim, Time deadline)
      : scheduler_(scheduler), queue_(scheduler.queues_[claim.device]) {
    self_ = queue_.emplace(queue_.end(), claim, deadline);
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
    : ledger_(devices), residence_(residence), clock_(clock), options_(options) {}

Scheduler::~Scheduler() = default;

// Each turn looks at the ledger afresh: anything may have changed while it slept or loaded.
Task<Result<Lease>> Scheduler::acquire(Ask ask, const Model& model, CostCard card,
                                       AcquireProgress progress) {
  const Time start = clock_.now();
  const Claim claim{ask.device, ask.model, memory_need(card, ask.context, ask.sequences),
                    ask.context, ask.sequences};
  const InQueue place(*this, claim, ask.deadline);
  Waiting& self = *place;
  Residence::Loaded loaded;
  bool told = false;
  for (;;) {
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled while waiting");
    const auto room = turn_of(self);
    if (room && room->kind == Room::Kind::never) {
      co_return too_large(ask, claim.bytes, ledger_.capacity(ask.device));
    }
    if (room && room->kind == Room::Kind::ready) {
      Lease lease(*this, room->lane, ask.model, ledger_.begin(room->lane, ask.model));
      lease.queued_ = clock_.now() - start - loaded.load;
      lease.loaded_ = loaded;
      co_return lease;
    }
    if (room) {
      self.loading = true;
      auto brought = co_await bring_in(*room, claim, model, ask.deadline, progress);
      self.loading = false;
      if (!brought) co_return std::unexpected(brought.error());
      loaded = *brought;
      continue;
    }
    if (clock_.now() >= ask.deadline) {
      co_return fail(ErrorCode::deadline, fmt::format("{} found no free lane on {} in time",
                                                      ask.member.text, ask.device.text));
    }
    if (!std::exchange(told, true) && progress.queued) progress.queued();
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
  Queue& queue = queues_[device];
  const Time now = clock_.now();
  for (auto& oldest : queue) {
    const Duration left = std::max(oldest.deadline - now, Duration::zero());
    const Duration share = from_seconds(options_.overtaken_share * seconds(left));
    if (!oldest.due) oldest.due = now + std::min(options_.overtaken_max, share);
    if (!oldest.loading) break;
  }
  std::vector<Want> wants;
  for (const auto& one : queue)
    wants.push_back({&one.claim, one.due.value_or(Time::max()), one.loading});
  auto turn = next_turn(ledger_, wants, now);
  if (!turn) return std::nullopt;
  const auto who = std::ranges::next(queue.begin(), static_cast<std::ptrdiff_t>(turn->who));
  return std::pair(&*who, std::move(turn->room));
}

// To be called after every change: whose turn it is takes it, and calls the next.
void Scheduler::call_next(const DeviceId& device) {
  if (const auto turn = next(device)) turn->first->wait.resume();
}

// The lane may die at any wait, which frees it for anybody: what is held may be gone after it.
Task<Result<Residence::Loaded>> Scheduler::bring_in(Room room, Claim claim, const Model& model,
                                                    Time until, AcquireProgress progress) {
  // Held from the first moment, so that no one else plans with these bytes.
  const Room::Resident hold = ledger_.hold(room, claim);
  call_next(claim.device);
  for (const auto& evicted : room.evict) {
    co_await residence_.unload(evicted.lane, evicted.model, until);
    ledger_.drop(evicted);
    call_next(claim.device);
  }
  if (!ledger_.holds(hold)) co_return Residence::Loaded{};  // acquire() looks again
  auto loaded = co_await residence_.load(room.lane, model, claim.context, claim.sequences, until,
                                         progress.loading);
  if (loaded && ledger_.holds(hold)) {
    const Bytes measured = loaded->weights + loaded->buffers +
                           loaded->kv_per_token * (claim.context.count * claim.sequences);
    ledger_.loaded(hold, std::max(measured, claim.bytes), loaded->load);
  } else if (loaded) {
    loaded = fail(ErrorCode::lane_lost, fmt::format("the lane died under {}", claim.model.text));
  }
  if (!loaded) ledger_.drop(hold);
  co_return loaded;
}

void Scheduler::lane_lost(const LaneId& lane) {
  ledger_.drop_lane(lane);
  call_next(lane.device);
}

void Scheduler::give_back(const Lease& lease) {
  ledger_.end(lease.lane_, lease.model_, lease.holding_);
  call_next(lease.lane_.device);
}

}  // namespace kai
