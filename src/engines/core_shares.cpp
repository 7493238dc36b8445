#include "engines/core_shares.h"

#include <algorithm>
#include <utility>

namespace kai {

CoreShares::Seat::Seat(CoreShares& shares, LaneId lane) : shares_(shares), lane_(std::move(lane)) {
  ++shares_.seats_[lane_];
}

CoreShares::Seat::~Seat() {
  const auto found = shares_.seats_.find(lane_);
  if (--found->second == 0) shares_.seats_.erase(found);
}

int CoreShares::share() const {
  const int lanes = std::max(1, static_cast<int>(seats_.size()));
  return std::clamp(threads_ / lanes, 1, most_);
}

}  // namespace kai
