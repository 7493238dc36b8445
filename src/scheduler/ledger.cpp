#include "scheduler/ledger.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ensure.h"

namespace kai {

namespace {

bool contains(const auto& list, const auto& one) {
  return std::ranges::find(list, one) != list.end();
}

}  // namespace

bool Ledger::Held::serves(const Claim& claim) const {
  // The rest of a split model has nothing but its bytes to tell it by.
  const bool enough = !claim.rest || bytes >= claim.bytes;
  return !loading && !leaving && context >= claim.context && share == claim.share && enough;
}

bool Ledger::Lane::busy() const {
  return std::ranges::any_of(models, [](const auto& entry) { return entry.second.in_use(); });
}

bool Ledger::Lane::loads() const {
  return std::ranges::any_of(models, [](const auto& entry) { return entry.second.loading; });
}

Bytes Ledger::Place::held() const {
  Bytes sum;
  for (const auto& lane : lanes) {
    for (const auto& [model, held] : lane.models) sum += held.bytes;
  }
  return sum;
}

bool Ledger::Place::may_begin() const {
  int running_now = 0;
  for (const auto& lane : lanes) {
    running_now += std::ranges::any_of(lane.models, [](const auto& entry) {
      return entry.second.active > 0 && !entry.second.rest;
    });
  }
  return running_now < running;
}

bool Ledger::Place::may_load() const {
  return !loads_ahead() || std::ranges::none_of(lanes, &Lane::loads);
}

bool Ledger::Place::has_other_rest(const Claim& claim) const {
  return std::ranges::any_of(lanes, [&](const Lane& lane) {
    return std::ranges::any_of(lane.models, [&](const auto& entry) {
      return entry.first != claim.model && entry.second.in_use() && entry.second.rest;
    });
  });
}

bool Ledger::waits_for_a_rest(const Claim& claim) const {
  return claim.rest && place(claim.device).has_other_rest(claim);
}

Ledger::Ledger(std::span<const Device> devices) {
  for (const auto& device : devices) {
    ensure(device.lanes >= 1, "a device without lanes");
    ensure(device.running >= 1 && device.running <= device.lanes,
           "a device that runs no model, or more than it has lanes");
    places_.push_back({device.id,
                       device.capacity,
                       device.running,
                       device.kind == DeviceKind::remote,
                       std::vector<Lane>(static_cast<std::size_t>(device.lanes)),
                       {}});
  }
}

Room Ledger::room_for(const Claim& claim, const Kept& kept) const {
  const Place& where = place(claim.device);
  if (where.host) return at_host(where, claim);
  if (claim.bytes > where.capacity) return {Room::Kind::never, {}, {}};
  if (waits_for_a_rest(claim)) return {Room::Kind::wait, {}, {}};
  const Room resident = where_resident(where, claim, kept);
  if (resident.kind != Room::Kind::never) return resident;
  return on_free_lane(where, claim, kept);
}

// 1. Loaded, large enough and free (or batched with its own kind): ready, once the device may run
//    one more model.
// 2. Loaded but too small and idle: load again on its lane, into the bytes it holds and more.
// 3. Loaded on a lane that is busy: wait, rather than hold the same bytes twice.
// never: it is loaded nowhere.
Room Ledger::where_resident(const Place& place, const Claim& claim, const Kept& kept) const {
  for (std::size_t index = 0; index < place.lanes.size(); ++index) {
    const Lane& lane = place.lanes[index];
    const auto found = lane.models.find(claim.model);
    if (found == lane.models.end()) continue;
    const Held& held = found->second;
    const LaneId id{place.id, static_cast<int>(index)};
    const Room wait{Room::Kind::wait, id, {}};
    if (held.serves(claim)) {
      const bool lane_is_its_own =
          held.active > 0 || (!lane.busy() && (claim.rest || place.may_begin()));
      const bool ready = lane_is_its_own && held.active < held.sequences;
      return ready ? Room{Room::Kind::ready, id, {}} : wait;
    }
    const bool may_load = claim.rest || place.may_load();
    if (lane.busy() || !may_load || contains(kept.lanes, id)) return wait;
    auto evict = evict_for(place, claim, held.bytes, kept);
    return evict ? Room{Room::Kind::load, id, *std::move(evict)} : wait;
  }
  return {Room::Kind::never, {}, {}};
}

Room Ledger::on_free_lane(const Place& place, const Claim& claim, const Kept& kept) const {
  // The emptiest lane, so that models which are used together come to lie side by side.
  std::optional<std::size_t> best;
  for (std::size_t index = 0; index < place.lanes.size(); ++index) {
    if (place.lanes[index].busy()) continue;
    if (contains(kept.lanes, LaneId{place.id, static_cast<int>(index)})) continue;
    if (!best || place.lanes[index].models.size() < place.lanes[*best].models.size()) best = index;
  }
  // A rest is loaded with its model.
  if (!best || !(claim.rest || place.may_load())) return {Room::Kind::wait, {}, {}};
  auto evict = evict_for(place, claim, Bytes{}, kept);
  if (!evict) return {Room::Kind::wait, {}, {}};
  return {Room::Kind::load, {place.id, static_cast<int>(*best)}, *std::move(evict)};
}

// But one and the kept; the least worth first.
std::vector<Ledger::Idle> Ledger::idle_models(const Place& place, const ModelId* but,
                                              const Kept& kept) const {
  std::vector<Idle> idle;
  for (std::size_t index = 0; index < place.lanes.size(); ++index) {
    for (const auto& [model, held] : place.lanes[index].models) {
      if (held.in_use() || contains(kept.models, model)) continue;
      if (but != nullptr && model == *but) continue;
      idle.push_back({place.worth.of(model, held.bytes),
                      held.last_used,
                      held.bytes,
                      {{place.id, static_cast<int>(index)}, model, held.holding}});
    }
  }
  std::ranges::sort(idle, {}, [](const Idle& one) { return std::pair(one.worth, one.last_used); });
  return idle;
}

// Who must go for a claim whose model holds `own` bytes already. Nothing: too few may.
Ledger::Evict Ledger::evict_for(const Place& place, const Claim& claim, Bytes own,
                                const Kept& kept) const {
  Bytes missing = claim.bytes - own - (place.capacity - place.held());
  if (missing <= Bytes{}) return std::vector<Room::Resident>{};
  std::vector<Idle> idle = idle_models(place, &claim.model, kept);
  auto end = idle.begin();
  for (; end != idle.end() && missing > Bytes{}; ++end) missing -= end->bytes;
  if (missing > Bytes{}) return std::nullopt;
  // Small ones that went first may be spared now that a large one goes: the most worth first.
  idle.erase(end, idle.end());
  for (auto one = idle.end(); one != idle.begin();) {
    --one;
    if (missing + one->bytes > Bytes{}) continue;
    missing += one->bytes;
    one = idle.erase(one);
  }
  std::vector<Room::Resident> evict;
  for (auto& one : idle) evict.push_back(std::move(one.resident));
  return evict;
}

std::optional<LaneId> Ledger::lies_ready(const Claim& claim) const {
  const Place& where = place(claim.device);
  for (std::size_t index = 0; index < where.lanes.size(); ++index) {
    const auto found = where.lanes[index].models.find(claim.model);
    if (found == where.lanes[index].models.end()) continue;
    if (!where.host && !found->second.serves(claim)) return std::nullopt;
    return LaneId{where.id, static_cast<int>(index)};
  }
  return std::nullopt;
}

bool Ledger::has(const DeviceId& device, const ModelId& model) const {
  return std::ranges::any_of(place(device).lanes,
                             [&](const Lane& lane) { return lane.models.contains(model); });
}

Room::Resident Ledger::hold(const Room& room, const Claim& claim) {
  for (const auto& evicted : room.evict) {
    Held* idle = find(evicted);
    ensure(idle != nullptr && !idle->in_use(), "a model is evicted while it is in use");
    idle->leaving = true;
  }
  Held& held = lane(room.lane).models[claim.model];
  ensure(held.active == 0, "a model is loaded anew while it runs");
  const Bytes own = held.bytes;
  held = Held{};
  held.context = claim.context;
  held.sequences = claim.sequences;
  held.share = claim.share;
  held.rest = claim.rest;
  held.ahead = claim.ahead;
  held.last_used = held.holding = ++uses_;
  held.own = own;
  held.wanted = std::max(claim.bytes, own);
  held.evicts = room.evict;
  inherit();
  return {room.lane, claim.model, held.holding};
}

// What is evicted still lies in memory, and so does a model that is enlarged: a load starts with
// the bytes that are free beside them and inherits theirs as they go.
void Ledger::inherit() {
  for (auto& place : places_) {
    for (auto& lane : place.lanes) {
      for (auto& [model, held] : lane.models) {
        if (!held.loading) continue;
        Bytes left = held.wanted;
        for (const auto& evicted : held.evicts) {
          if (const Held* still_there = find(evicted)) left -= still_there->bytes;
        }
        held.bytes = std::max(held.own, left);
      }
    }
  }
}

bool Ledger::holds(const Room::Resident& resident) const {
  return find(resident) != nullptr;
}

bool Ledger::is_rest(const Room::Resident& resident) const {
  const Held* held = find(resident);
  return held != nullptr && held->rest;
}

void Ledger::stay(const Room::Resident& resident) {
  if (Held* held = find(resident)) held->leaving = false;
}

void Ledger::loaded(const Room::Resident& resident, Bytes bytes, Duration load) {
  Held* held = find(resident);
  ensure(held != nullptr, "a load ends that is not held");
  // Enlarging takes less than loading: it says nothing of what its loss would cost.
  const bool anew = held->own == Bytes{};
  if (anew) place(resident.lane.device).worth.loaded(resident.model, load);
  // Until its model is loaded anew, the rest is as large as it was.
  held->bytes = held->rest ? std::max(bytes, held->own) : bytes;
  held->loading = false;
}

void Ledger::drop(const Room::Resident& resident) {
  if (!holds(resident)) return;
  lane(resident.lane).models.erase(resident.model);
  inherit();
}
void Ledger::drop_lane(const LaneId& id) {
  // The rest of a split model lies in another lane's process.
  std::erase_if(lane(id).models, [](const auto& entry) { return !entry.second.rest; });
  inherit();
}

std::uint64_t Ledger::begin(const LaneId& id, const ModelId& model) {
  Held& held = held_model(id, model);
  ++held.active;
  held.last_used = ++uses_;
  place(id.device).worth.used(model);
  return held.holding;
}

void Ledger::end(const LaneId& id, const ModelId& model, std::uint64_t holding) {
  Held* held = find({id, model, holding});
  if (held == nullptr) return;
  ensure(held->active > 0, "a sequence was given back twice");
  --held->active;
}

void Ledger::set_capacity(const DeviceId& device, Bytes capacity) {
  place(device).capacity = capacity;
}

std::vector<Room::Resident> Ledger::surplus(const DeviceId& device, const Kept& kept) {
  const Place& where = place(device);
  Bytes over = where.held() - where.capacity;
  std::vector<Room::Resident> leaving;
  for (const auto& idle : idle_models(where, nullptr, kept)) {
    if (over <= Bytes{}) break;
    // An unload would wait for the load, and count as a hang.
    if (lane(idle.resident.lane).loads()) continue;
    over -= idle.bytes;
    find(idle.resident)->leaving = true;
    leaving.push_back(idle.resident);
  }
  return leaving;
}

// What loads may not have taken anything yet, and what leaves may be gone already.
OwnBytes Ledger::own(const DeviceId& device) const {
  OwnBytes own;
  own.most = held(device);
  for (const auto& lane : place(device).lanes) {
    for (const auto& [model, held] : lane.models) {
      if (!held.leaving && !held.loading) own.least += held.bytes;
    }
  }
  return own;
}

Bytes Ledger::capacity(const DeviceId& device) const {
  return place(device).capacity;
}
Bytes Ledger::held(const DeviceId& device) const {
  return place(device).held();
}

Bytes Ledger::held(const LaneId& id, const ModelId& model) const {
  const auto& models = lane(id).models;
  const auto found = models.find(model);
  return found == models.end() ? Bytes{} : found->second.bytes;
}

Ledger::Seats Ledger::seats(const LaneId& id, const ModelId& model) const {
  const auto& models = lane(id).models;
  const auto found = models.find(model);
  if (found == models.end()) return {};
  return {found->second.sequences, found->second.active, found->second.context};
}

std::vector<Room::Resident> Ledger::residents(const DeviceId& device) const {
  std::vector<Room::Resident> list;
  const Place& where = place(device);
  for (std::size_t index = 0; index < where.lanes.size(); ++index) {
    for (const auto& [model, held] : where.lanes[index].models) {
      list.push_back({{device, static_cast<int>(index)}, model, held.holding});
    }
  }
  return list;
}

std::vector<DeviceRoom> Ledger::rooms() const {
  std::vector<DeviceRoom> rooms;
  for (const auto& place : places_) {
    DeviceRoom room{place.id, place.capacity, {}, {}};
    for (const auto& lane : place.lanes) {
      for (const auto& [model, held] : lane.models) {
        if (held.loading && held.ahead) continue;
        room.resident.push_back(model);
        if (!held.in_use()) continue;
        room.in_use.push_back(model);
        room.free -= held.bytes;
      }
    }
    room.free = std::max(room.free, Bytes{});
    rooms.push_back(std::move(room));
  }
  return rooms;
}

const Ledger::Place& Ledger::place(const DeviceId& device) const {
  const auto found = std::ranges::find(places_, device, &Place::id);
  ensure(found != places_.end(), "a device that the ledger does not know");
  return *found;
}

Ledger::Place& Ledger::place(const DeviceId& device) {
  return const_cast<Place&>(std::as_const(*this).place(device));
}

const Ledger::Lane& Ledger::lane(const LaneId& id) const {
  const auto& lanes = place(id.device).lanes;
  ensure(id.index >= 0 && static_cast<std::size_t>(id.index) < lanes.size(),
         "a lane that the ledger does not know");
  return lanes[static_cast<std::size_t>(id.index)];
}

Ledger::Lane& Ledger::lane(const LaneId& id) {
  return const_cast<Lane&>(std::as_const(*this).lane(id));
}

Ledger::Held& Ledger::held_model(const LaneId& id, const ModelId& model) {
  auto& models = lane(id).models;
  const auto found = models.find(model);
  ensure(found != models.end(), "a model that its lane does not hold");
  return found->second;
}

const Ledger::Held* Ledger::find(const Room::Resident& resident) const {
  const auto& models = lane(resident.lane).models;
  const auto found = models.find(resident.model);
  const bool same = found != models.end() && found->second.holding == resident.holding;
  return same ? &found->second : nullptr;
}

Ledger::Held* Ledger::find(const Room::Resident& resident) {
  return const_cast<Held*>(std::as_const(*this).find(resident));
}

}  // namespace kai
