// Samples: numbers over a day and half an hour, minute by minute: bounded whatever their rate, and
// exact up to `kept_max` a minute. Pure: time goes in with each number.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.h"

namespace kai {

class Samples {
 public:
  static constexpr Duration span = std::chrono::hours(24) + std::chrono::minutes(30);
  static constexpr Duration grain = std::chrono::minutes(1);
  static constexpr std::size_t kept_max = 8;
  static constexpr std::int64_t samples_min = 10;

  // Of a stretch of time; a minute belongs to where its last number lies.
  struct Stretch {
    Time from{}, to{};  // from < time <= to
  };

  // `at` never goes back.
  void note(Time at, double value);

  // Nothing: fewer than samples_min numbers.
  std::optional<double> mean(Stretch stretch) const;
  // Where a minute had more than kept_max numbers, some of them, evenly chosen, stand for all.
  std::optional<double> p95(Stretch stretch) const;
  std::size_t held() const;  // numbers and minutes, for the bound

 private:
  struct Minute {
    Time first{}, last{};
    std::int64_t count = 0;
    double sum = 0;
    std::int64_t stride = 1;  // every so many of them are kept
    std::vector<double> kept;
  };
  std::int64_t count(Stretch stretch) const;
  template <class Use>
  void each(Stretch stretch, Use use) const;

  std::deque<Minute> minutes_;
};

}  // namespace kai
