// Breaker: which models are not asked for a while, since they killed their workers again and again.
// Pure state.
//
// After `deaths_max` deaths in a row a model is out on that device, for `pause_first`; then it is
// asked again, and each further death doubles the pause, up to `pause_max`. An answer forgives it
// all. People's clocks may jump: one that was set back ends a pause, one that was set forward too.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "domain/deaths.h"
#include "domain/model.h"

namespace kai {

struct BreakerOptions {
  int deaths_max = 2;                              // 1..100
  Duration pause_first = std::chrono::minutes(1);  // 1 s..1 h
  Duration pause_max = std::chrono::hours(6);      // pause_first..30 days
};

class Breaker {
 public:
  explicit Breaker(BreakerOptions options = {}) : options_(options) {}

  // What was remembered from other runs, in place of all there is.
  void remember(std::vector<Deaths> deaths) { deaths_ = std::move(deaths); }

  // A host's models fail, they kill no worker.
  void note_host(const DeviceId& device) { hosts_.insert(device); }

  // A worker died under the model, or its host failed. What is to be remembered.
  const Deaths& died(const ModelId& model, const DeviceId& device, WallTime now, std::string why);
  // It answered there. Nothing: there was nothing to forgive.
  std::optional<Deaths> answered(const ModelId& model, const DeviceId& device);

  // Why it is not asked there now, for people; empty: it is.
  std::string out(const ModelId& model, const DeviceId& device, WallTime now) const;
  // The same on any device.
  std::string out(const ModelId& model, WallTime now) const;

 private:
  BreakerOptions options_;
  std::vector<Deaths> deaths_;  // one for each pair that has some
  std::set<DeviceId> hosts_;
};

// The fleet and the cards without those that are out: whose devices are all out is refused with the
// reason. Where nobody would be left, all are kept.
struct Usable {
  Fleet fleet;
  std::vector<CostCard> cards;
};
Usable without_broken(const Fleet& fleet, std::span<const CostCard> cards, const Breaker& breaker,
                      WallTime now);
// The same without the devices that are out, each with its reason.
Usable without_lost(Usable usable, const std::map<DeviceId, std::string>& out);

}  // namespace kai
