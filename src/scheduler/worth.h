// Worth: what keeping a model loaded is worth, so that the least is evicted first. Pure.
#pragma once

#include <cstdint>
#include <map>

#include "base/clock.h"
#include "base/ids.h"
#include "base/quantities.h"

namespace kai {

// For the models of one device: worth = uses * load / bytes, the seconds of loading that a byte
// of it is expected to save.
//   uses   asks of this model so far, each counting half after every 32 asks of the device: how
//          likely it is among the next
//   load   measured; 1 ms where it is not
// This is GreedyDual-Size-Frequency (Cherkasova, HPL-98-69R1) with fading counts in place of its
// inflation term. Counts outlive the model's stay.
class Worth {
 public:
  void used(const ModelId& model);
  void loaded(const ModelId& model, Duration load);
  // >= 0; 0: never used. bytes: > 0, what it holds.
  double of(const ModelId& model, Bytes bytes) const;

 private:
  struct Uses {
    double count = 0;  // as of `at`
    std::uint64_t at = 0;
    Duration load{};
  };
  double faded(const Uses& uses) const;

  std::map<ModelId, Uses> uses_;  // bounded: who was not used for long is forgotten
  std::uint64_t now_ = 0;         // asks of the device so far
};

}  // namespace kai
