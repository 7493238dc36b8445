// What the ledger knows of hosts: how many questions each answers at once.
#include "scheduler/ledger.h"

namespace kai {

int Ledger::Place::active() const {
  int sum = 0;
  for (const auto& lane : lanes) {
    for (const auto& [model, held] : lane.models) sum += held.active;
  }
  return sum;
}

// A model's load there is what its host does before the first answer; from then on only the number
// of answers counts.
Room Ledger::at_host(const Place& place, const Claim& claim) {
  const LaneId id{place.id, 0};
  const auto& models = place.lanes.front().models;
  const auto found = models.find(claim.model);
  if (found == models.end()) return {Room::Kind::load, id, {}};
  const bool ready = !found->second.loading && !found->second.leaving;
  const bool free = place.active() < place.running;
  return {ready && free ? Room::Kind::ready : Room::Kind::wait, id, {}};
}

}  // namespace kai
