// History: what was measured, over time: 15 minutes by the second, 24 hours by 10 s, 30 days by
// 5 minutes. Pure: time goes in with each tick.
//
// Bounded: at most `series_max` series, some 75 KB each once they are full.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/metrics_history.h"

namespace kai {

// How the values of a stretch of time become one.
enum class Rolled : std::uint8_t { sum, mean, most, median, p95 };

enum class Series : std::uint8_t {
  questions,
  questions_failed,
  questions_late,
  question_seconds_p50,
  question_seconds_p95,
  agreement,
  confidence,
  feedback,
  queue_depth,
  questions_running,
  asks,
  asks_failed,
  tokens_written,
  ttft_seconds,
  seconds_per_token,
  quality,
  cpu_utilization,
  memory_used_bytes,
  pressure,
  host_power_watts,
  host_temperature_celsius,
  gpu_utilization,
  gpu_memory_used_bytes,
  gpu_power_watts,
  gpu_temperature_celsius,
  alert_value,
};

struct SeriesFamily {
  Series series;
  Rolled rolled;
  std::string_view name;
  std::string_view label;  // what tells its series apart: "tier", "model", …; empty: nothing does
  std::string_view unit;
  std::string_view what;
};
// All of them, series_families()[i].series == Series(i).
std::span<const SeriesFamily> series_families();

class History {
 public:
  static constexpr std::size_t series_max = 160;
  static constexpr std::size_t annotations_max = 500;
  // Of one stretch of time, for its quantiles; of more, some stand for the rest.
  static constexpr std::size_t samples_max = 256;

  History();

  // A value of this second. What is not finite, a series too many, or what comes before the first
  // tick is ignored.
  void put(Series series, const std::string& label, double value);
  // To be called about once a second: ends the stretches of time that are over. Those to be kept.
  // Of a clock that was set back, what was measured after that time is forgotten.
  std::vector<Rollup> tick(WallTime now);
  // What was kept before, in any order, before the first tick.
  void restore(std::vector<Rollup> rollups, std::vector<Annotation> annotations);
  void annotate(Annotation annotation);

  struct Wanted {
    std::vector<std::string> names;  // of series; empty: all
    WallTime from{}, to{};
    int rows_max = 0;  // >= 1; 0: as many as there are
  };
  // From the finest steps that reach back to `from`, as of the last tick. Where these are more than
  // `rows_max`, so many neighbours become one that there are at most one more than that: sums are
  // added, means averaged (stretches alike, whatever was behind each), of all else the largest is
  // taken, which for a quantile is at least what it would be.
  HistoryColumns columns(const Wanted& wanted) const;

 private:
  using Key = std::pair<Series, std::string>;
  // The values of a stretch that is not over.
  struct Open {
    double sum = 0;
    double most = -std::numeric_limits<double>::infinity();
    std::uint64_t count = 0;
    std::vector<float> samples;  // where quantiles are asked for
    double value(Rolled rolled);
  };
  // Invariant: every column has as many values as there are times; NaN: not measured.
  struct Level {
    Duration step;
    std::size_t rows_max;
    bool kept;
    std::map<Key, Open> open;
    WallTime open_at{};
    std::deque<WallTime> times;
    std::map<Key, std::deque<float>> columns;
  };
  static std::size_t series_of(const Level& level);
  // How many of a level's steps become one, >= 1.
  static std::int64_t steps_together(const Level& level, const Wanted& wanted);
  void close(Level& level, std::vector<Rollup>& ended);
  static void push(Level& level, WallTime at, const std::map<Key, float>& row);
  static void forget_from(Level& level, WallTime at);

  std::vector<Level> levels_;
  WallTime now_{};
  std::deque<Annotation> annotations_;
};

}  // namespace kai
