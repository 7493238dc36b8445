// Any sequence of loads, sequences, drops and changes of capacity, on the ledger and on a twin that
// is too simple to be wrong: a flat list, gone through from the beginning for every question.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "scheduler/ledger.h"

namespace kai {
namespace {

const DeviceId device("cpu");

// from..to-1, each as likely from the first run on.
template <class T>
T pick(T from, T to) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, to));
}

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
  int running = 1;
  std::vector<Entry> entries;
  std::vector<ModelId> asks;  // all there ever were
  std::map<ModelId, Duration> loads;

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

bool has(const auto& list, const auto& one) {
  return std::ranges::find(list, one) != list.end();
}

// The formula of Worth, from the beginning.
double worth(const Twin& twin, const Entry& entry) {
  double uses = 0;
  for (std::size_t ask = 0; ask < twin.asks.size(); ++ask) {
    const auto since = static_cast<double>(twin.asks.size() - 1 - ask);
    if (twin.asks[ask] == entry.claim.model) uses += std::exp2(-since / 32);
  }
  const auto load = twin.loads.find(entry.claim.model);
  const Duration measured = load == twin.loads.end() ? Duration(0) : load->second;
  return uses * std::max(seconds(measured), 0.001) / static_cast<double>(entry.bytes.count);
}

// Whether the claim fits once its model's own bytes and all that may go are free.
bool fits(const Twin& twin, const Claim& claim, const Kept& kept) {
  Bytes stays;
  for (const auto& entry : twin.entries) {
    const bool own = entry.claim.model == claim.model;
    const bool may_go = !entry.in_use() && !has(kept.models, entry.claim.model);
    if (!own && !may_go) stays += twin.bytes_of(entry);
  }
  return stays + claim.bytes <= twin.capacity;
}

Room::Kind expected(Twin& twin, const Claim& claim, const Kept& kept) {
  if (claim.bytes > twin.capacity) return Room::Kind::never;
  int running = 0;
  bool loads = false;
  for (const auto& entry : twin.entries) {
    running += entry.running.empty() ? 0 : 1;
    loads |= entry.loading;
  }
  const Entry* entry = twin.find(claim.model);
  if (entry != nullptr && !entry->loading && !entry->leaving &&
      entry->claim.context >= claim.context) {
    const bool may_begin =
        !entry->running.empty() || (!twin.busy(entry->lane()) && running < twin.running);
    const bool sequence = static_cast<int>(entry->running.size()) < entry->claim.sequences;
    return may_begin && sequence ? Room::Kind::ready : Room::Kind::wait;
  }
  bool lane_free = false;
  for (int index = 0; index < twin.lanes; ++index) {
    const LaneId lane{device, index};
    const bool usable = entry == nullptr || entry->lane() == lane;
    lane_free |= usable && !twin.busy(lane) && !has(kept.lanes, lane);
  }
  const bool link_free = twin.running == twin.lanes || !loads;
  return lane_free && link_free && fits(twin, claim, kept) ? Room::Kind::load : Room::Kind::wait;
}

void check_load(Twin& twin, const Claim& claim, const Room& room, const Kept& kept) {
  RC_ASSERT(!twin.busy(room.lane) && !has(kept.lanes, room.lane));
  Twin after = twin;
  after.drop(claim.model);  // loaded anew, into its own bytes
  double worth_before = -1;
  double worth_max = 0;
  for (const auto& evicted : room.evict) {
    const Entry* entry = twin.find(evicted.model);
    RC_ASSERT(entry != nullptr && entry->lane() == evicted.lane);
    RC_ASSERT(!entry->in_use() && !has(kept.models, evicted.model));
    worth_max = worth(twin, *entry);
    RC_ASSERT(worth_max >= worth_before * (1 - 1e-9));
    worth_before = worth_max;
    after.drop(evicted.model);
  }
  RC_ASSERT(after.held() + claim.bytes <= twin.capacity);
  // Each of them was needed, and who stays although worth less would not have been enough.
  Bytes spared;
  for (const auto& evicted : room.evict) {
    RC_ASSERT(after.held() + claim.bytes + twin.find(evicted.model)->bytes > twin.capacity);
  }
  if (room.evict.empty()) return;
  for (const auto& entry : after.entries) {
    const bool might_go = !entry.in_use() && !has(kept.models, entry.claim.model);
    if (might_go && worth(twin, entry) < worth_max * (1 - 1e-9)) spared += entry.bytes;
  }
  const Bytes last = twin.find(room.evict.back().model)->bytes;
  RC_ASSERT(after.held() - spared + last + claim.bytes > twin.capacity);
}

// Takes what the ledger gave, in both.
void take(Ledger& ledger, Twin& twin, const Claim& claim, const Kept& kept, int& now) {
  const Room room = ledger.room_for(claim, kept);
  RC_ASSERT(room.kind == expected(twin, claim, kept));
  if (room.kind == Room::Kind::ready) {
    Entry* entry = twin.find(claim.model);
    RC_ASSERT(entry->lane() == room.lane);
    RC_ASSERT(ledger.lies_ready(claim) == room.lane);
    entry->running.push_back(ledger.begin(room.lane, claim.model));
    entry->used = ++now;
    twin.asks.push_back(claim.model);
  }
  if (room.kind == Room::Kind::load) {
    RC_ASSERT(!ledger.lies_ready(claim));
    check_load(twin, claim, room, kept);
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
    entry.bytes = Bytes(pick<std::int64_t>(1, entry.claim.bytes.count + 1));
    const auto took = std::chrono::milliseconds(pick(0, 5000));
    ledger.loaded(entry.resident, entry.bytes, took);
    if (entry.own == Bytes{}) twin.loads[entry.claim.model] = took;
  } else if (!entry.running.empty()) {
    ledger.end(entry.lane(), entry.claim.model, entry.running.back());
    entry.running.pop_back();
  }
}

// One step of a life: a claim, an end, a death, a change of capacity.
void step(Ledger& ledger, Twin& twin, int& now) {
  const auto model = [] { return ModelId(std::string(1, pick('a', 'g'))); };
  const int what = pick(0, 12);
  if (what < 6) {
    Kept kept;
    if (pick(0, 4) == 0) kept.models = {model(), model()};
    if (pick(0, 8) == 0) kept.lanes = {{device, pick(0, twin.lanes)}};
    take(ledger, twin, {device, model(), Bytes(pick(1, 60)), Tokens(pick(1, 4)), pick(1, 4)}, kept,
         now);
  } else if (what == 11) {
    twin.capacity = Bytes(pick(20, 140));
    ledger.set_capacity(device, twin.capacity);
  } else if (!twin.entries.empty()) {
    auto& entry = twin.entries[pick<std::size_t>(0, twin.entries.size())];
    if (what == 10 && pick(0, 4) == 0) {
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
  twin.lanes = pick(1, 4);
  twin.running = pick(1, twin.lanes + 1);
  const std::vector<Device> devices{
      {device, DeviceKind::cpu, "", twin.capacity, twin.lanes, 1, twin.running}};
  Ledger ledger(devices);
  int now = 0;
  const int steps = pick(1, 120);
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
