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

Scheduler::Scheduler(std::span<const Device> devices, Residence& residence, Clock& clock)
    : ledger_(devices), residence_(residence), clock_(clock) {}

Scheduler::~Scheduler() = default;

// Each turn looks at the ledger afresh: anything may have changed while it slept or loaded.
Task<Result<Lease>> Scheduler::acquire(Ask ask, const Model& model, CostCard card,
                                       AcquireProgress progress) {
  const Time start = clock_.now();
  const Claim claim{ask.device, ask.model, memory_need(card, ask.context, ask.sequences),
                    ask.context, ask.sequences};
  Residence::Loaded loaded;
  bool told = false;
  for (;;) {
    if (co_await cancelled()) co_return fail(ErrorCode::cancelled, "cancelled while waiting");
    const Room room = ledger_.room_for(claim);
    if (room.kind == Room::Kind::never) {
      co_return too_large(ask, claim.bytes, ledger_.capacity(ask.device));
    }
    if (room.kind == Room::Kind::ready) {
      Lease lease(*this, room.lane, ask.model, ledger_.begin(room.lane, ask.model));
      lease.queued_ = clock_.now() - start - loaded.load;
      lease.loaded_ = loaded;
      co_return lease;
    }
    if (room.kind == Room::Kind::load) {
      auto brought = co_await bring_in(room, claim, model, ask.deadline, progress);
      if (!brought) co_return std::unexpected(brought.error());
      loaded = *brought;
      continue;
    }
    if (clock_.now() >= ask.deadline) {
      co_return fail(ErrorCode::deadline, fmt::format("{} found no free lane on {} in time",
                                                      ask.member.text, ask.device.text));
    }
    if (!std::exchange(told, true) && progress.queued) progress.queued();
    Wait wait;
    const auto place = waiting_.insert(waiting_.end(), &wait);
    co_await clock_.sleep_on(wait, ask.deadline);
    waiting_.erase(place);
  }
}

// The lane may die at any wait, which frees it for anybody: what is held may be gone after it.
Task<Result<Residence::Loaded>> Scheduler::bring_in(Room room, Claim claim, const Model& model,
                                                    Time until, AcquireProgress progress) {
  // Held from the first moment, so that no one else plans with these bytes.
  const Room::Resident hold = ledger_.hold(room, claim);
  for (const auto& evicted : room.evict) {
    co_await residence_.unload(evicted.lane, evicted.model, until);
    ledger_.drop(evicted);
    wake_all();
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
  wake_all();
  co_return loaded;
}

void Scheduler::lane_lost(const LaneId& lane) {
  ledger_.drop_lane(lane);
  wake_all();
}

void Scheduler::give_back(const Lease& lease) {
  ledger_.end(lease.lane_, lease.model_, lease.holding_);
  wake_all();
}

void Scheduler::wake_all() {
  for (Wait* wait : waiting_) wait->resume();
}

}  // namespace kai
