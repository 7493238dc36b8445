// Any sequence of loads, sequences, drops and changes of capacity, on the ledger and on a twin that
// is too simple to be wrong: a flat list, gone through from the beginning for every question.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "scheduler/ledger.h"

namespace kai {
namespace {

const DeviceId device("cpu");

struct Entry {
  Room::Resident resident;
  Claim claim;
  Bytes bytes{};  // once loaded
  Bytes own{};    // what an earlier load of it took
  std::vector<Room::Resident> evicts;
  bool loading = true;
  bool leaving = false;
  int used = 0;  // when, by the twin's own count
  std::vector<std::uint64_t> running;
  bool in_use() const { return loading || leaving || !running.empty(); }
  const LaneId& lane() const { return resident.lane; }
};

struct Twin {
  Bytes capacity{};
  int lanes = 1;
  std::vector<Entry> entries;

  const Entry* find(const Room::Resident& resident) const {
    const auto found = std::ranges::find(entries, resident.holding,
                                         [](const Entry& entry) { return entry.resident.holding; });
    return found == entries.end() ? nullptr : &*found;
  }
  // A load takes what is left beside those that it evicts.
  Bytes bytes_of(const Entry& entry) const {
    if (!entry.loading) return entry.bytes;
    Bytes left = std::max(entry.claim.bytes, entry.own);
    for (const auto& evicted : entry.evicts) {
      if (const Entry* still_there = find(evicted)) left -= still_there->bytes;
    }
    return std::max(left, entry.own);
  }
  Bytes held() const {
    Bytes sum;
    for (const auto& entry : entries) sum += bytes_of(entry);
    return sum;
  }
  Bytes in_use() const {
    Bytes sum;
    for (const auto& entry : entries) sum += entry.in_use() ? bytes_of(entry) : Bytes{};
    return sum;
  }
  bool busy(const LaneId& lane) const {
    return std::ranges::any_of(
        entries, [&](const Entry& entry) { return entry.lane() == lane && entry.in_use(); });
  }
  Entry* find(const ModelId& model) {
    const auto found = std::ranges::find_if(
        entries, [&](const Entry& entry) { return entry.claim.model == model; });
    return found == entries.end() ? nullptr : &*found;
  }
  void drop(const ModelId& model) {
    std::erase_if(entries, [&](const Entry& entry) { return entry.claim.model == model; });
  }
};

// What makes an answer of room_for() right, by the rules of its header.
void check_ready(Twin& twin, const Claim& claim, const Room& room) {
  const Entry* entry = twin.find(claim.model);
  RC_ASSERT(entry != nullptr);
  RC_ASSERT(entry->lane() == room.lane);
  RC_ASSERT(!entry->loading && !entry->leaving);
  RC_ASSERT(entry->claim.context >= claim.context);
  RC_ASSERT(static_cast<int>(entry->running.size()) < entry->claim.sequences);
  for (const auto& other : twin.entries) {
    // One that leaves is unloaded between two steps of what runs already.
    const bool leaves = other.leaving && !entry->running.empty();
    RC_ASSERT(other.lane() != room.lane || &other == entry || leaves || !other.in_use());
  }
}

void check_load(Twin& twin, const Claim& claim, const Room& room) {
  RC_ASSERT(!twin.busy(room.lane));
  Twin after = twin;
  after.drop(claim.model);  // loaded anew, into its own bytes
  int youngest = 0;
  for (const auto& evicted : room.evict) {
    const Entry* entry = twin.find(evicted.model);
    RC_ASSERT(entry != nullptr && entry->lane() == evicted.lane);
    RC_ASSERT(!entry->in_use());
    RC_ASSERT(evicted.model != claim.model);
    RC_ASSERT(after.held() + claim.bytes > twin.capacity);  // it was still needed
    RC_ASSERT(entry->used > youngest);
    youngest = entry->used;
    after.drop(evicted.model);
  }
  RC_ASSERT(after.held() + claim.bytes <= twin.capacity);
  for (const auto& left : after.entries) {
    RC_ASSERT(left.in_use() || left.used > youngest);
  }
}

void check_wait(Twin& twin, const Claim& claim) {
  const Entry* entry = twin.find(claim.model);
  const bool fits = twin.in_use() + claim.bytes <= twin.capacity;
  bool lane_free = false;
  for (int index = 0; index < twin.lanes; ++index) lane_free |= !twin.busy({device, index});
  if (entry == nullptr) RC_ASSERT(!(fits && lane_free));
  if (entry != nullptr) RC_ASSERT(twin.busy(entry->lane()) || !fits);
}

// Takes what the ledger gave, in both.
void take(Ledger& ledger, Twin& twin, const Claim& claim, int& now) {
  RC_ASSERT((ledger.room_for(claim).kind == Room::Kind::never) == (claim.bytes > twin.capacity));
  const Room room = ledger.room_for(claim);
  if (room.kind == Room::Kind::wait) check_wait(twin, claim);
  if (room.kind == Room::Kind::ready) {
    check_ready(twin, claim, room);
    Entry* entry = twin.find(claim.model);
    entry->running.push_back(ledger.begin(room.lane, claim.model));
    entry->used = ++now;
  }
  if (room.kind == Room::Kind::load) {
    check_load(twin, claim, room);
    const Entry* before = twin.find(claim.model);
    const Bytes own = before == nullptr ? Bytes{} : before->bytes;
    for (const auto& evicted : room.evict) twin.find(evicted.model)->leaving = true;
    twin.drop(claim.model);
    const Room::Resident resident = ledger.hold(room, claim);
    RC_ASSERT(ledger.holds(resident));
    twin.entries.push_back({resident, claim, {}, own, room.evict, true, false, ++now, {}});
  }
}

// What takes its time ends: a load whose evicted have left, an unload, a sequence.
void end(Ledger& ledger, Twin& twin, Entry& entry) {
  const auto waits_for = std::ranges::find_if(
      entry.evicts, [&](const auto& evicted) { return twin.find(evicted) != nullptr; });
  if (entry.leaving || (entry.loading && waits_for != entry.evicts.end())) {
    const Room::Resident gone = entry.leaving ? entry.resident : *waits_for;
    ledger.drop(gone);
    RC_ASSERT(!ledger.holds(gone));
    twin.drop(gone.model);
  } else if (entry.loading) {
    entry.loading = false;
    entry.bytes = Bytes(*rc::gen::inRange<std::int64_t>(1, entry.claim.bytes.count + 1));
    ledger.loaded(entry.resident, entry.bytes);
  } else if (!entry.running.empty()) {
    ledger.end(entry.lane(), entry.claim.model, entry.running.back());
    entry.running.pop_back();
  }
}

// One step of a life: a claim, an end, a death, a change of capacity.
void step(Ledger& ledger, Twin& twin, int& now) {
  const int what = *rc::gen::inRange(0, 12);
  if (what < 6) {
    const ModelId model(std::string(1, *rc::gen::inRange('a', 'f')));
    take(ledger, twin,
         {device, model, Bytes(*rc::gen::inRange(1, 60)), Tokens(*rc::gen::inRange(1, 4)),
          *rc::gen::inRange(1, 4)},
         now);
  } else if (what == 11) {
    twin.capacity = Bytes(*rc::gen::inRange(20, 140));
    ledger.set_capacity(device, twin.capacity);
  } else if (!twin.entries.empty()) {
    auto& entry = twin.entries[*rc::gen::inRange<std::size_t>(0, twin.entries.size())];
    if (what == 10) {
      const LaneId lane = entry.lane();
      ledger.drop_lane(lane);
      std::erase_if(twin.entries, [&](const Entry& one) { return one.lane() == lane; });
    } else {
      end(ledger, twin, entry);
    }
  }
}

RC_GTEST_PROP(LedgerProperty, NeverHoldsMoreThanCapacityAndAgreesWithItsTwin, ()) {
  Twin twin;
  twin.capacity = Bytes(100);
  twin.lanes = *rc::gen::inRange(1, 4);
  const std::vector<Device> devices{{device, DeviceKind::cpu, "", twin.capacity, twin.lanes, 1}};
  Ledger ledger(devices);
  int now = 0;
  const int steps = *rc::gen::inRange(1, 60);
  for (int count = 0; count < steps; ++count) {
    const Bytes before = ledger.held(device);
    step(ledger, twin, now);
    const Bytes held = ledger.held(device);
    RC_ASSERT(held == twin.held());
    RC_ASSERT(held >= Bytes{});
    // Above it only where the capacity sank below what was held already.
    RC_ASSERT(held <= std::max(twin.capacity, before));
    RC_ASSERT(ledger.residents(device).size() == twin.entries.size());
    RC_ASSERT(ledger.rooms()[0].free == std::max(twin.capacity - twin.in_use(), Bytes{}));
  }
}

}  // namespace
}  // namespace kai
