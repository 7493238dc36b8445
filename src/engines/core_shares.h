// CoreShares: how many of the CPU's threads each lane that computes on it has. ggml's threads spin:
// together they must not be more than the cores (docs/decisions/007-threads-are-a-resource.md).
#pragma once

#include <map>

#include "scheduler/ledger.h"

namespace kai {

class CoreShares {
 public:
  // threads: of the whole CPU, >= 1. most: of one lane, 1..threads.
  CoreShares(int threads, int most) : threads_(threads), most_(most) {}

  // One answer of a lane, until it dies. Must not outlive the shares.
  class Seat {
   public:
    Seat(CoreShares& shares, LaneId lane);
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ~Seat();

   private:
    CoreShares& shares_;
    LaneId lane_;
  };

  // Of each lane that has a seat; >= 1.
  int share() const;

 private:
  int threads_;
  int most_;
  std::map<LaneId, int> seats_;
};

}  // namespace kai
