// Ledger: which model holds how many bytes on which lane, and who may run next. Pure bookkeeping:
// it decides nothing about time and moves nothing itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/quantities.h"
#include "domain/model.h"
#include "scheduler/pressure.h"
#include "scheduler/worth.h"

namespace kai {

// A lane of a device.
struct LaneId {
  DeviceId device;
  int index = 0;  // 0..Device::lanes-1
  auto operator<=>(const LaneId&) const = default;
};

// What one conversation asks of a device.
struct Claim {
  DeviceId device;
  ModelId model;
  Bytes bytes{};      // memory_need() for `context` and `sequences`
  Tokens context{};   // of one sequence
  int sequences = 1;  // conversations of this model at once
  double share = 1;   // (0..1] of the model's layers: what lies there with another is loaded anew
  // The rest of a model that is split with another device: it takes a lane and its threads while it
  // is in use, but no turn. One at a time on a device.
  bool rest = false;
  Duration load{};  // how long its load is expected to take; 0: not known
  // Loaded before anybody asks for it: given up for whoever needs the room, so that a plan may
  // count on it until the load is over.
  bool ahead = false;
};

// The answer to a claim.
struct Room {
  enum class Kind : std::uint8_t {
    ready,  // the model is loaded on `lane`, large enough, with a sequence free
    load,   // `lane` is free: load there, after unloading `evict`
    wait,   // something that runs, loads or is kept for others must end first
    never,  // larger than the device, however long one waits
  };
  Kind kind = Kind::never;
  LaneId lane;
  struct Resident {
    LaneId lane;
    ModelId model;
    std::uint64_t holding = 0;  // the lane may die and hold the same model anew: tells them apart
  };
  // Idle models, those of least worth (Worth), each of them needed; of one worth, the least
  // recently used.
  std::vector<Resident> evict;
};

// What a load must leave alone, since others wait for it.
struct Kept {
  std::vector<ModelId> models;
  std::vector<LaneId> lanes;
};

// Invariant: 0 <= held(device) <= capacity(device) unless the capacity was lowered below what is
// held; a lane runs one model at a time, a device Device::running. Where these are fewer than its
// lanes, it loads one model at a time: two would only share the link. A host (DeviceKind::remote)
// has all its models on one lane, holds what they need by itself, and answers Device::running
// questions at once, whichever models they ask. Unknown devices and lanes are a caller's bug.
class Ledger {
 public:
  explicit Ledger(std::span<const Device> devices);

  // Looks only; what follows changes.
  Room room_for(const Claim& claim, const Kept& kept = {}) const;
  // The lane on which the claim's model lies loaded and large enough, whoever runs there; nothing:
  // it must be loaded, enlarged, or is about to leave.
  std::optional<LaneId> lies_ready(const Claim& claim) const;
  // Whether some lane holds it, in whatever state.
  bool has(const DeviceId& device, const ModelId& model) const;
  // The claim is a rest and waits for another one: it takes nothing from anybody until then.
  bool waits_for_a_rest(const Claim& claim) const;
  // Whether lanes of the device are there to load while another answers.
  bool loads_ahead(const DeviceId& device) const { return place(device).loads_ahead(); }
  bool may_load(const DeviceId& device) const { return place(device).may_load(); }
  bool is_host(const DeviceId& device) const { return place(device).host; }

  // Begins the load that `room` allows: its bytes are held and its lane busy from here on. What it
  // evicts leaves: it stays held, and its lane busy, until it is dropped, so that no byte is given
  // to two.
  Room::Resident hold(const Room& room, const Claim& claim);
  bool holds(const Room::Resident& resident) const;
  bool is_rest(const Room::Resident& resident) const;  // held for a claim that was
  // Takes back that it leaves, as long as its unload has not begun. No effect on what is gone.
  void stay(const Room::Resident& resident);
  // Ends a load, with what was measured in place of what was predicted. load: 0 where unknown.
  void loaded(const Room::Resident& resident, Bytes bytes, Duration load);
  // The bytes come back: the model was unloaded, its load failed, or its lane died. No effect on
  // what is gone already.
  void drop(const Room::Resident& resident);
  void drop_lane(const LaneId& lane);

  // Takes a sequence of a held model. end() gives it back; it needs the number that begin() gave,
  // so that a sequence of a model long dropped gives nothing back.
  std::uint64_t begin(const LaneId& lane, const ModelId& model);
  void end(const LaneId& lane, const ModelId& model, std::uint64_t holding);

  // Nothing is dropped by it: surplus() says what has to leave.
  void set_capacity(const DeviceId& device, Bytes capacity);
  // Idle models that hold more than the capacity allows, those of least worth; they leave: held
  // until they are dropped, and used by nobody. `kept`: whose models stay. Fewer than it takes
  // where the rest is in use.
  std::vector<Room::Resident> surplus(const DeviceId& device, const Kept& kept);

  Bytes capacity(const DeviceId& device) const;
  int turns(const DeviceId& device) const { return place(device).running; }  // models at once
  Bytes held(const DeviceId& device) const;
  Bytes held(const LaneId& lane, const ModelId& model) const;  // 0: it is not there
  // Of a model on a lane; all 0 where it is not there.
  struct Seats {
    int all = 0;  // sequences that it has room for
    int taken = 0;
    Tokens context{};  // of each
  };
  Seats seats(const LaneId& lane, const ModelId& model) const;
  // Models that lie there unused, but the kept; the least worth first.
  std::vector<Room::Resident> idle(const DeviceId& device, const Kept& kept) const;
  // One of these leaves: held until it is dropped, and used by nobody.
  void leave(const Room::Resident& resident);
  // A use of another run of kai, and how long the model's load takes (0: not known).
  void remember_use(const DeviceId& device, const ModelId& model, Duration load);
  double worth(const DeviceId& device, const ModelId& model, Bytes bytes) const {
    return place(device).worth.of(model, bytes);
  }
  bool empty(const LaneId& id) const { return lane(id).models.empty(); }
  bool loads(const LaneId& id) const { return lane(id).loads(); }
  OwnBytes own(const DeviceId& device) const;
  std::vector<Room::Resident> residents(const DeviceId& device) const;
  // For planning, in the order the devices were given: idle models count as free, since they go
  // when room is needed.
  std::vector<DeviceRoom> rooms() const;

 private:
  struct Held {
    Bytes bytes{};
    Tokens context{};
    int sequences = 1;
    int active = 0;  // sequences in use
    double share = 1;
    bool rest = false;
    bool ahead = false;
    bool loading = true;
    bool leaving = false;         // being unloaded
    std::uint64_t last_used = 0;  // larger is later
    std::uint64_t holding = 0;    // of which hold() this is
    // While loading: what lay here before, what is wanted, and who still has some of it.
    Bytes own{}, wanted{};
    std::vector<Room::Resident> evicts;
    bool in_use() const { return loading || leaving || active > 0; }
    bool serves(const Claim& claim) const;  // loaded, staying and large enough
  };
  struct Lane {
    std::map<ModelId, Held> models;
    bool busy() const;
    bool loads() const;
  };
  struct Place {
    DeviceId id;
    Bytes capacity{};
    int running = 1;  // models at once; of a host, questions
    bool host = false;
    std::vector<Lane> lanes;
    Worth worth;
    Bytes held() const;
    bool loads_ahead() const { return running < static_cast<int>(lanes.size()); }
    bool may_begin() const;  // one more model
    bool may_load() const;
    int active() const;                             // sequences in use
    bool has_other_rest(const Claim& claim) const;  // in use
  };
  using Evict = std::optional<std::vector<Room::Resident>>;

  const Place& place(const DeviceId& device) const;
  Place& place(const DeviceId& device);
  const Lane& lane(const LaneId& id) const;
  Lane& lane(const LaneId& id);
  Held& held_model(const LaneId& id, const ModelId& model);
  const Held* find(const Room::Resident& resident) const;
  Held* find(const Room::Resident& resident);
  void inherit();
  static Room at_host(const Place& place, const Claim& claim);
  Room where_resident(const Place& place, const Claim& claim, const Kept& kept) const;
  Room on_free_lane(const Place& place, const Claim& claim, const Kept& kept) const;
  Evict evict_for(const Place& place, const Claim& claim, Bytes own, const Kept& kept) const;
  struct Idle {
    double worth;
    std::uint64_t last_used;
    Bytes bytes;
    Room::Resident resident;
  };
  std::vector<Idle> idle_models(const Place& place, const ModelId* but, const Kept& kept) const;

  std::vector<Place> places_;
  std::uint64_t uses_ = 0;
};

}  // namespace kai
