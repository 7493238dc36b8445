#include "scheduler/turns.h"

#include <algorithm>

namespace kai {

namespace {

class Turns {
 public:
  Turns(const Ledger& ledger, std::span<const Want> wants, Time now)
      : ledger_(ledger), wants_(wants) {
    strict_ = std::ranges::any_of(
        wants, [&](const Want& want) { return !want.loading && want.due <= now && !passes(want); });
  }

  Room room_for(std::size_t who) const {
    const Claim& claim = *wants_[who].claim;
    Room room = ledger_.room_for(claim);
    if (room.kind == Room::Kind::load) room = room_to_load(who);
    const bool goes = room.kind == Room::Kind::ready || room.kind == Room::Kind::load;
    if (goes && strict_ && overtakes(who, room.lane)) return {Room::Kind::wait, {}, {}};
    return room;
  }

 private:
  // It waits for something that nobody else would take.
  bool passes(const Want& want) const { return ledger_.waits_for_a_rest(*want.claim); }

  Room room_to_load(std::size_t who) const {
    if (held_up(who)) return {Room::Kind::wait, {}, {}};
    Kept kept;
    std::vector<LaneId> of_later;
    for (std::size_t other = 0; other < wants_.size(); ++other) {
      if (other == who || wants_[other].loading) continue;
      const bool earlier = other < who;
      const auto lane = ledger_.lies_ready(*wants_[other].claim);
      if (earlier || (lane && !strict_)) kept.models.push_back(wants_[other].claim->model);
      if (lane) (earlier ? kept.lanes : of_later).push_back(*lane);
    }
    Kept better = kept;
    better.lanes.insert(better.lanes.end(), of_later.begin(), of_later.end());
    Room room = ledger_.room_for(*wants_[who].claim, better);
    if (room.kind == Room::Kind::wait) room = ledger_.room_for(*wants_[who].claim, kept);
    return room;
  }

  // By a load in front of it that waits for room.
  bool held_up(std::size_t who) const {
    return std::ranges::any_of(wants_.first(who), [&](const Want& earlier) {
      return !earlier.loading && !passes(earlier) &&
             !ledger_.has(earlier.claim->device, earlier.claim->model);
    });
  }

  // Whether an earlier one waits for something that this one would take: anything, unless the
  // earlier waits for its lane alone.
  bool overtakes(std::size_t who, const LaneId& lane) const {
    const bool turns_are_free = !ledger_.loads_ahead(wants_[who].claim->device);
    return std::ranges::any_of(wants_.first(who), [&](const Want& earlier) {
      if (earlier.loading || passes(earlier)) return false;
      const auto its_lane = ledger_.lies_ready(*earlier.claim);
      return !(turns_are_free && its_lane && *its_lane != lane);
    });
  }

  const Ledger& ledger_;
  std::span<const Want> wants_;
  bool strict_;
};

}  // namespace

std::optional<Next> next_turn(const Ledger& ledger, std::span<const Want> wants, Time now) {
  const Turns turns(ledger, wants, now);
  for (std::size_t who = 0; who < wants.size(); ++who) {
    if (wants[who].loading) continue;
    Room room = turns.room_for(who);
    if (room.kind != Room::Kind::wait) return Next{who, std::move(room)};
  }
  return std::nullopt;
}

}  // namespace kai
