// Scheduler: gives each ask its turn on a lane, with its model loaded. Waits for room; never
// longer than the ask's deadline.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "domain/model.h"
#include "domain/plan.h"
#include "scheduler/ledger.h"
#include "scheduler/preload.h"
#include "scheduler/turns.h"

namespace kai {

// Moves models in and out of lanes; engines/ implements it with workers, sim/ in virtual time.
class Residence {
 public:
  virtual ~Residence() = default;

  struct Loaded {
    Bytes weights{}, kv_per_token{}, buffers{};  // measured; all 0: unknown
    Duration load{};
  };
  using OnProgress = std::function<void(double)>;  // 0..1

  // Loads `model` with room for the claim's `sequences` conversations of `context` tokens each, its
  // `share` of the layers on the lane's device and the others in the CPU's memory; a model that is
  // there with less is enlarged. Errors: model_refused, no_memory, lane_lost, device_lost,
  // deadline, cancelled.
  virtual Task<Result<Loaded>> load(LaneId lane, const Model& model, Claim claim, Time until,
                                    OnProgress on_progress) = 0;
  // Frees its memory; no effect on what is not there. A lane that does not answer is killed, which
  // frees it too: never fails. Whether the lane was ended so; false: its worker lives, or had died
  // by itself.
  virtual Task<bool> unload(LaneId lane, ModelId model, Time until) = 0;
  // Nothing is loaded on the lane, and nobody is about to: what it costs by itself may go, too.
  virtual void retire(const LaneId&) {}
};

class Scheduler;

// The right to run one ask on a lane. Its death gives the sequence back. Move-only; must not
// outlive the scheduler.
class Lease {
 public:
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  const LaneId& lane() const { return lane_; }
  const ModelId& model() const { return model_; }
  Duration queued() const { return queued_; }  // waited for the lane, and loaded for its turn
  // load: with the unloading of what had to go first, since that is how long a plan has to wait
  // for it; 0: was resident.
  const Residence::Loaded& loaded() const { return loaded_; }
  // kai itself ended the lane's worker, which kept another model's memory: no fault of this one.
  bool lane_ended() const;

 private:
  friend class Scheduler;
  Lease(Scheduler& scheduler, LaneId lane, ModelId model, std::uint64_t holding, std::uint64_t turn)
      : scheduler_(&scheduler),
        lane_(std::move(lane)),
        model_(std::move(model)),
        holding_(holding),
        turn_(turn) {}

  Scheduler* scheduler_;
  LaneId lane_;
  ModelId model_;
  std::uint64_t holding_;
  std::uint64_t turn_;
  Duration queued_{};
  Residence::Loaded loaded_;
  std::unique_ptr<Lease> beside_;  // of the device that has the rest of a split model
};

// What acquire() tells while it works.
struct AcquireProgress {
  std::function<void()> queued;         // it has to wait for a lane
  std::function<void(double)> loading;  // 0..1
  // Asked whenever it is woken and its turn has not come, on its device or on that of its rest.
  // True: it gives up its place, since it is asked on another device.
  std::function<bool()> elsewhere = {};
};

struct SchedulerOptions {
  // How long the one that waits longest for a device is overtaken by those whose model is loaded
  // already; then the order of asking is kept. 0 s: always; 0..60 s.
  Duration overtaken_max = std::chrono::seconds(10);
  double overtaken_share = 1.0 / 3;  // 0..1 of the time it has left, where that is less
  // How long a device is thought to be smaller after a load found too little memory on it, where
  // nobody watches it; 1 s..1 h.
  Duration doubt_max = std::chrono::minutes(1);
};

// Whose question is wanted earlier goes before, though it asked later: a short question does not
// wait for all of a long one, which it delays only if it came before that one was wanted. Of
// those that remain, one that waits while n wait before it is overtaken for no longer than (n + 1)
// * overtaken_max in all, beside what the n and whoever runs when one is due take (turns.h).
class Scheduler {
 public:
  // `residence` and `clock` must outlive the scheduler.
  Scheduler(std::span<const Device> devices, Residence& residence, Clock& clock,
            SchedulerOptions options = {});
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Waits for a lane of ask.device and loads the model there if need be. Of a model that is split
  // (Ask::share) a lane of the rest's device is waited for first; its threads are the model's until
  // the lease ends.
  // A load that finds less memory than the ledger thought is tried once more, after more was
  // evicted. Errors: deadline (no room before ask.deadline), nothing_fits (larger than the device),
  // no_memory (also: it is asked elsewhere), cancelled, and load()'s own.
  Task<Result<Lease>> acquire(Ask ask, const Model& model, CostCard card, AcquireProgress progress);

  // A lane died: what it held is gone, whoever waits may try again.
  void lane_lost(const LaneId& lane);

  // Loads a model that nobody asked for yet where a lane and memory for it are free: nothing is
  // evicted, and one at a time. Cancel it once ahead_is_in_the_way(). Errors: no_memory (there is
  // no such place), and load()'s own.
  Task<Result<Residence::Loaded>> load_ahead(Claim claim, const Model& model, Time until);
  // Whether somebody waits for what load_ahead() has, or answers where it takes a core from him.
  bool ahead_is_in_the_way() const;
  // What the devices have for loads ahead; Shelf::ahead is the caller's.
  std::vector<Shelf> shelves() const;
  // Called where ahead_is_in_the_way() may have changed.
  void on_change(std::function<void()> call) { changed_ = std::move(call); }
  // Of another run of kai, the oldest first: what is likely to be used again. Devices that are not
  // there any more are ignored.
  void remember_use(const DeviceId& device, const ModelId& model, Duration load);

  // What the device has for kai from now on. Nobody learns of it before settle().
  void set_capacity(const DeviceId& device, Bytes capacity);
  // Whoever waits for the device looks again; idle models that hold more than its capacity are
  // unloaded, those of least worth first, but none that somebody waits for.
  Task<void> settle(DeviceId device, Time until);

  // From now on a model stays for so long when nobody uses it, >= 0; nothing: as unload_unused()
  // says. Duration::max(): for ever, unless its room is needed.
  void stay(const ModelId& model, std::optional<Duration> length);
  std::optional<Duration> stays(const ModelId& model) const;

  // Unloads the models that nobody has used for `after`, > 0, max() for never, or for as long as
  // they stay, and nobody waits for, each within `patience`; a lane that is left with none retires.
  // Returns who has left, and when the next may have to: never later than `after` from now.
  // Cancelling it in the middle costs the lane that an
  // unload is on.
  struct Gone {
    std::vector<Room::Resident> models;
    std::vector<Duration> unused;  // for how long, each of them
    Time look_again{};
  };
  Task<Gone> unload_unused(Duration after, Duration patience);
  // Unloads one model, within `patience` for each place that it lies in, where nobody uses it or
  // its lane and nobody waits for it. False: it lies nowhere that could be freed. Cancelling as
  // above.
  Task<bool> unload_now(ModelId model, Duration patience);

  // When a model that lies on the device was used last; nothing: it is in use, or does not lie
  // there.
  std::optional<Time> last_used(const DeviceId& device, const ModelId& model) const;
  // What is held for a model that lies on `device` and for its rest on another one; nothing: it
  // lies there whole, or not at all.
  struct Split {
    Bytes here{};
    DeviceId beside;
    Bytes there{};
  };
  std::optional<Split> split(const DeviceId& device, const ModelId& model) const;

  // For a plan: what is free, and when those are done who go before a question that is wanted by
  // then (Ask::wanted_by), as their asks predict.
  std::vector<DeviceRoom> rooms(Time wanted_by);
  const Ledger& ledger() const { return ledger_; }
  // What the device has, whatever is doubted since a load found too little memory there.
  Bytes undoubted(const DeviceId& device) const;

 private:
  friend class Lease;
  // One acquire() from its beginning to its lease.
  struct Waiting {
    Claim claim;
    Time deadline;
    Time wanted_by;
    CostCard card;
    Duration run;                   // predicted
    std::optional<Time> due{};      // set once nobody before it waits
    std::optional<Time> loading{};  // since then
    bool aside = false;             // it waits for its rest's device first
    Wait wait{};
  };
  using Queue = std::list<Waiting>;  // by when they are wanted; of those alike as they asked
  // Since a load found too little memory.
  struct Doubt {
    Bytes capacity{};  // before
    Bytes proven{};    // was held beside the load that failed: so much there is
    Time until{};
  };
  class InQueue;

  // One lease, until it dies.
  struct AtWorkNow {
    LaneId lane;
    ModelId model;
    std::uint64_t holding;
    std::uint64_t turn;
    Time end;  // predicted
  };

  // The rest of a split model, which a ledger keeps under a name of its own on another device.
  struct Rest {
    LaneId of;  // where the model lies
    ModelId model;
    LaneId here;  // where its rest is kept
    ModelId rest;
  };

  Task<Result<Lease>> acquire_on(Claim claim, Ask ask, const Model& model, CostCard card,
                                 AcquireProgress progress);
  // What a load, or a model that lies ready, becomes where others wait for it too and memory is
  // free: a load of it for all of them. Nothing: it stays as it is.
  std::optional<Claim> for_all_waiting(const Waiting& self, const Room& room) const;
  // `place` outlives the task.
  Task<Result<Lease>> acquire_in(InQueue& place, Ask ask, const Model& model,
                                 AcquireProgress progress);
  Task<void> evict(Room::Resident evicted, Time until);
  void note_split(const LaneId& lane, const Claim& claim, const ModelId& model);
  void forget_rest(const LaneId& lane, const ModelId* model);
  void drop(const LaneId& lane, const ModelId& model);
  Task<void> unload(LaneId lane, ModelId model, Time until);
  Task<bool> unload_enlarged(Room::Resident hold);
  void note_change() const {
    if (changed_) changed_();
  }
  void give_back(const Lease& lease);
  std::optional<Room> turn_of(const Waiting& self);
  std::optional<std::pair<Waiting*, Room>> next(const DeviceId& device);
  void call_next(const DeviceId& device);
  std::optional<Room::Resident> unused_for(Duration after, const ModelId* only) const;
  Task<void> send_away(Room::Resident unused, Time until);
  Time due(const Room::Resident& resident, Duration after) const;
  void note_shortage(const Claim& claim);
  void end_doubt(const DeviceId& device);
  Task<Result<Residence::Loaded>> bring_in(Room room, Claim claim, const Model& model, Time until,
                                           AcquireProgress progress);

  Ledger ledger_;
  std::vector<DeviceId> batching_;  // the GPUs: on a busy CPU a batch gains nothing
  Residence& residence_;
  Clock& clock_;
  SchedulerOptions options_;
  std::map<DeviceId, Queue> queues_;
  std::vector<AtWorkNow> at_work_;
  std::uint64_t turns_ = 0;  // given so far
  std::vector<Rest> rests_;
  std::map<DeviceId, Doubt> doubts_;
  std::optional<Claim> ahead_;  // being loaded before anybody asks for it
  std::optional<LaneId> ahead_lane_;
  std::function<void()> changed_;
  std::set<std::uint64_t> ended_;      // holdings at work that went with a lane that kai ended
  std::map<ModelId, Duration> stays_;  // for whom it was said
  // When each was loaded, or last given back; bounded by the models there are.
  std::map<std::pair<LaneId, ModelId>, Time> used_;
};

}  // namespace kai
