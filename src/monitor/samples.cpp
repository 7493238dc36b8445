#include "monitor/samples.h"

#include <algorithm>
#include <utility>

namespace kai {

void Samples::note(Time at, double value) {
  while (!minutes_.empty() && minutes_.front().last < at - span) minutes_.pop_front();
  if (minutes_.empty() || at >= minutes_.back().first + grain) {
    minutes_.emplace_back().first = at;
  }
  Minute& minute = minutes_.back();
  minute.last = at;
  minute.sum += value;
  if (minute.count++ % minute.stride != 0) return;
  minute.kept.push_back(value);
  if (minute.kept.size() <= kept_max) return;
  std::size_t left = 0;
  for (std::size_t i = 0; i < minute.kept.size(); i += 2) minute.kept[left++] = minute.kept[i];
  minute.kept.resize(left);
  minute.stride *= 2;
}

template <class Use>
void Samples::each(Stretch stretch, Use use) const {
  for (const Minute& minute : minutes_) {
    if (minute.last > stretch.from && minute.last <= stretch.to) use(minute);
  }
}

std::int64_t Samples::count(Stretch stretch) const {
  std::int64_t count = 0;
  each(stretch, [&](const Minute& minute) { count += minute.count; });
  return count;
}

std::optional<double> Samples::mean(Stretch stretch) const {
  const std::int64_t all = count(stretch);
  if (all < samples_min) return std::nullopt;
  double sum = 0;
  each(stretch, [&](const Minute& minute) { sum += minute.sum; });
  return sum / static_cast<double>(all);
}

std::optional<double> Samples::p95(Stretch stretch) const {
  const std::int64_t all = count(stretch);
  if (all < samples_min) return std::nullopt;
  std::vector<std::pair<double, double>> values;  // each with how many it stands for
  each(stretch, [&](const Minute& minute) {
    const double weight =
        static_cast<double>(minute.count) / static_cast<double>(minute.kept.size());
    for (const double value : minute.kept) values.emplace_back(value, weight);
  });
  std::ranges::sort(values);
  constexpr double rounding = 1e-6;
  double below = 0;
  for (const auto& [value, weight] : values) {
    below += weight;
    if (below >= 0.95 * static_cast<double>(all) - rounding) return value;
  }
  return values.back().first;
}

std::size_t Samples::held() const {
  std::size_t held = minutes_.size();
  for (const Minute& minute : minutes_) held += minute.kept.size();
  return held;
}

}  // namespace kai
