#include "fleet/sensors.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "base/other_thread.h"

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr int zones_max = 256;      // thermal zones, power counters
constexpr int left_behind_max = 4;  // threads that hang

std::optional<std::int64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// The folders below `root` whose name begins so.
std::vector<fs::path> folders(const fs::path& root, std::string_view begin) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(begin)) found.push_back(entry->path());
    if (found.size() >= zones_max) break;
  }
  return found;
}

std::optional<double> hottest(const std::string& classes) {
  std::optional<double> most;
  for (const auto& zone : folders(fs::path(classes) / "thermal", "thermal_zone")) {
    const auto millidegrees = number_in(zone / "temp");
    if (!millidegrees) continue;
    const double degrees = static_cast<double>(*millidegrees) / 1000;
    // A sensor that is not there reads as 0 or far below.
    if (degrees > 0 && degrees < 150) most = std::max(most.value_or(degrees), degrees);
  }
  return most;
}

}  // namespace

// Of RAPL's packages; root's alone to read on most systems.
std::optional<double> SensorReader::power(Time now) {
  std::map<std::string, std::int64_t> energy;
  std::int64_t used = 0;
  bool known = energy_at_.has_value();
  for (const auto& package : folders(fs::path(files_.classes) / "powercap", "intel-rapl:")) {
    const std::string name = package.filename();
    if (std::ranges::count(name, ':') != 1) continue;  // a part of a package
    const auto microjoules = number_in(package / "energy_uj");
    if (!microjoules) continue;
    energy[name] = *microjoules;
    const auto before = energy_.find(name);
    if (before == energy_.end()) {
      known = false;
      continue;
    }
    std::int64_t more = *microjoules - before->second;
    if (more < 0) more += number_in(package / "max_energy_range_uj").value_or(0);
    used += std::max<std::int64_t>(more, 0);
  }
  energy_ = std::move(energy);
  const auto since = std::exchange(energy_at_, now);
  if (!known || energy_.empty() || now <= *since) return std::nullopt;
  return static_cast<double>(used) / 1e6 / seconds(now - *since);
}

SensorReading SensorReader::read(Time now) {
  return {power(now), hottest(files_.classes)};
}

Task<bool> SensorWatch::run() {
  SensorReader reader(files_);
  Duration pause = options_.pause_first;
  for (int left_behind = 0; left_behind < left_behind_max && !co_await cancelled();) {
    const Time begun = clock_.now();
    auto read = co_await on_thread_of_its_own(
        clock_, begun + options_.patience, [reader = std::move(reader), begun]() mutable {
          SensorReading reading = reader.read(begun);
          return std::pair(std::move(reader), std::move(reading));
        });
    Time next = begun + options_.every;
    if (read) {
      reader = std::move(read->first);
      reading_ = std::move(read->second);
      read_at_ = clock_.now();
    } else {
      ++left_behind;
      reader = SensorReader(files_);
      next = clock_.now() + pause;
      pause = std::min(pause * 2, options_.pause_max);
    }
    co_await clock_.sleep_until(next);
  }
  co_return true;
}

SensorReading SensorWatch::reading() const {
  if (!read_at_ || clock_.now() - *read_at_ > options_.patience) return {};
  return reading_;
}

}  // namespace kai
