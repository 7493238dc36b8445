// Rates: how often somebody may come. Bounded: of those who came longest ago nothing is known any
// more, as if they had never come.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace kai {

class Rates {
 public:
  static constexpr std::size_t remembered_max = 4096;

  // `clock` must outlive this.
  explicit Rates(Clock& clock) : clock_(clock) {}

  struct Verdict {
    bool allowed = true;
    int limit = 0;      // requests a minute
    int remaining = 0;  // that would be allowed now
    Duration full{};    // until `limit` would be allowed again
    Duration wait{};    // until one is; 0 where this one was
  };
  // One more of `subject`, who may come `per_minute` (>= 1) times a minute: as many at once after a
  // minute of rest, then one every 60 s / per_minute (the generic cell rate algorithm of ATM's
  // traffic management, ITU-T I.371). One that is not allowed does not count.
  Verdict take(const std::string& subject, int per_minute);

  std::size_t remembered() const { return full_at_.size(); }

 private:
  void make_room(Time now);

  Clock& clock_;
  std::unordered_map<std::string, Time> full_at_;  // when all would be allowed again
};

// Whom an address stands for: an IPv4 address for itself, an IPv6 one for its network of 64 bits,
// of which one machine may have every address.
std::string subject_of(const std::string& address);

}  // namespace kai
