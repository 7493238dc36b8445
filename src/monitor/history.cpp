#include "monitor/history.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace kai {

namespace {

using namespace std::chrono_literals;

constexpr float missing = std::numeric_limits<float>::quiet_NaN();

const SeriesFamily& family(Series series) {
  return series_families()[static_cast<std::size_t>(series)];
}

WallTime begin_of(WallTime time, Duration step) {
  return WallTime(time.time_since_epoch() - time.time_since_epoch() % step);
}

// "gpu_power_watts:0", or the name alone.
std::string key_text(Series series, const std::string& label) {
  std::string text(family(series).name);
  return label.empty() ? text : text + ":" + label;
}

// The inverse; nothing: a series that this version does not know.
std::optional<std::pair<Series, std::string>> key_of(const std::string& text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto known = std::ranges::find(series_families(), std::string_view(text).substr(0, colon),
                                       &SeriesFamily::name);
  if (known == series_families().end()) return std::nullopt;
  return std::pair(known->series, text.substr(std::min(colon + 1, text.size())));
}

// The value that `share` of the samples do not exceed.
double quantile(std::vector<float>& samples, double share) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
  const auto at = samples.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::ranges::nth_element(samples, at);
  return *at;
}

// What a value of several stretches is, from those of each; nothing measured in any: missing.
float joined(Rolled rolled, std::span<const float> values) {
  double sum = 0;
  double most = -std::numeric_limits<double>::infinity();
  int count = 0;
  for (const float value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    most = std::max<double>(most, value);
    ++count;
  }
  if (count == 0) return missing;
  if (rolled == Rolled::sum) return static_cast<float>(sum);
  return static_cast<float>(rolled == Rolled::mean ? sum / count : most);
}

// Rows that become one: [begin, end) of a level's.
struct Rows {
  WallTime at{};
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The rows of `times` in [from, to], those of the same `step` together.
std::vector<Rows> rows_of(const std::deque<WallTime>& times, const History::Wanted& wanted,
                          Duration step) {
  std::vector<Rows> rows;
  auto row = static_cast<std::size_t>(std::ranges::lower_bound(times, wanted.from) - times.begin());
  for (; row < times.size() && times[row] <= wanted.to; ++row) {
    const WallTime at = begin_of(times[row], step);
    if (rows.empty() || rows.back().at != at) rows.push_back({at, row, row});
    rows.back().end = row + 1;
  }
  return rows;
}

}  // namespace

double History::Open::value(Rolled rolled) {
  switch (rolled) {
    case Rolled::sum: return sum;
    case Rolled::mean: return sum / static_cast<double>(count);
    case Rolled::most: return most;
    case Rolled::median: return quantile(samples, 0.5);
    case Rolled::p95: return quantile(samples, 0.95);
  }
  return sum;
}

History::History() {
  levels_.push_back({.step = 1s, .rows_max = 900, .kept = false});
  levels_.push_back({.step = 10s, .rows_max = 8640, .kept = true});
  levels_.push_back({.step = 5min, .rows_max = 8640, .kept = true});
}

void History::put(Series series, const std::string& label, double value) {
  if (!std::isfinite(value) || now_ == WallTime{}) return;
  const Rolled rolled = family(series).rolled;
  const Key key(series, label);
  for (auto& level : levels_) {
    const bool known = level.columns.contains(key) || level.open.contains(key);
    if (!known && series_of(level) >= series_max) continue;
    Open& open = level.open[key];
    open.sum += value;
    open.most = std::max(open.most, value);
    if (rolled == Rolled::median || rolled == Rolled::p95) {
      if (open.samples.size() < samples_max) {
        open.samples.push_back(static_cast<float>(value));
      } else {
        open.samples[open.count % samples_max] = static_cast<float>(value);
      }
    }
    ++open.count;
  }
}

std::size_t History::series_of(const Level& level) {
  const auto fresh = std::ranges::count_if(
      level.open, [&](const auto& open) { return !level.columns.contains(open.first); });
  return level.columns.size() + static_cast<std::size_t>(fresh);
}

std::vector<Rollup> History::tick(WallTime now) {
  std::vector<Rollup> ended;
  for (auto& level : levels_) {
    const WallTime at = begin_of(now, level.step);
    if (at == level.open_at) continue;
    if (at > level.open_at) close(level, ended);
    level.open.clear();
    forget_from(level, at);
    level.open_at = at;
  }
  std::erase_if(annotations_, [&](const Annotation& note) { return note.at > now + 1s; });
  now_ = now;
  return ended;
}

void History::close(Level& level, std::vector<Rollup>& ended) {
  if (level.open.empty()) return;
  std::map<Key, float> row;
  Rollup rollup{level.step, level.open_at, {}};
  for (auto& [key, open] : level.open) {
    const double value = open.value(family(key.first).rolled);
    row[key] = static_cast<float>(value);
    rollup.values.emplace_back(key_text(key.first, key.second), value);
  }
  push(level, level.open_at, row);
  level.open.clear();
  if (level.kept) ended.push_back(std::move(rollup));
}

void History::push(Level& level, WallTime at, const std::map<Key, float>& row) {
  for (const auto& [key, value] : row) {
    if (level.columns.contains(key) || level.columns.size() >= series_max) continue;
    level.columns[key].assign(level.times.size(), missing);
  }
  level.times.push_back(at);
  for (auto& [key, column] : level.columns) {
    const auto value = row.find(key);
    column.push_back(value == row.end() ? missing : value->second);
  }
  if (level.times.size() <= level.rows_max) return;
  level.times.pop_front();
  for (auto& [key, column] : level.columns) column.pop_front();
  std::erase_if(level.columns, [](const auto& column) {
    return std::ranges::all_of(column.second, [](float value) { return std::isnan(value); });
  });
}

void History::forget_from(Level& level, WallTime at) {
  while (!level.times.empty() && level.times.back() >= at) {
    level.times.pop_back();
    for (auto& [key, column] : level.columns) column.pop_back();
  }
}

void History::restore(std::vector<Rollup> rollups, std::vector<Annotation> annotations) {
  std::ranges::sort(rollups, {}, &Rollup::at);
  for (const auto& rollup : rollups) {
    const auto level = std::ranges::find(levels_, rollup.step, &Level::step);
    const bool fits = level != levels_.end() && level->kept &&
                      (level->times.empty() || level->times.back() < rollup.at);
    if (!fits) continue;
    std::map<Key, float> row;
    for (const auto& [text, value] : rollup.values) {
      if (const auto key = key_of(text)) row[*key] = static_cast<float>(value);
    }
    push(*level, rollup.at, row);
  }
  for (auto& annotation : annotations) annotate(std::move(annotation));
}

void History::annotate(Annotation annotation) {
  annotations_.push_back(std::move(annotation));
  if (annotations_.size() > annotations_max) annotations_.pop_front();
}

std::int64_t History::steps_together(const Level& level, const Wanted& wanted) {
  if (wanted.rows_max <= 0 || level.times.empty()) return 1;
  const WallTime from = std::max(wanted.from, level.times.front());
  const WallTime to = std::min(wanted.to, level.times.back());
  if (to <= from) return 1;
  const std::int64_t steps = (to - from) / level.step + 1;
  return (steps + wanted.rows_max - 1) / wanted.rows_max;
}

HistoryColumns History::columns(const Wanted& wanted) const {
  const auto reaches = [&](const Level& level) {
    return wanted.from >= now_ - level.step * static_cast<std::int64_t>(level.rows_max);
  };
  const auto found = std::ranges::find_if(levels_, reaches);
  const Level& level = found == levels_.end() ? levels_.back() : *found;
  HistoryColumns columns;
  columns.step = level.step * steps_together(level, wanted);
  const std::vector<Rows> rows = rows_of(level.times, wanted, columns.step);
  for (const auto& row : rows) columns.times.push_back(row.at);
  for (const auto& [key, values] : level.columns) {
    const SeriesFamily& known = family(key.first);
    const bool asked = wanted.names.empty() || std::ranges::count(wanted.names, known.name) > 0;
    if (!asked) continue;
    HistoryColumns::Column column{std::string(known.name), key.second, std::string(known.unit), {}};
    column.values.reserve(rows.size());
    std::vector<float> of_one;
    for (const auto& row : rows) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(row.begin);
      of_one.assign(first, first + static_cast<std::ptrdiff_t>(row.end - row.begin));
      const float value = joined(known.rolled, of_one);
      column.values.push_back(std::isnan(value) ? std::nullopt : std::optional<double>(value));
    }
    columns.columns.push_back(std::move(column));
  }
  std::ranges::copy_if(
      annotations_, std::back_inserter(columns.annotations),
      [&](const Annotation& note) { return note.at >= wanted.from && note.at <= wanted.to; });
  return columns;
}

}  // namespace kai
