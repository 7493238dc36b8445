#include "fleet/host_reading.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace kai {

namespace {

namespace fs = std::filesystem;

constexpr int zones_max = 256;  // thermal zones, power counters

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

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=123", in microseconds.
std::optional<double> stalled(const fs::path& path) {
  constexpr std::string_view key = "total=";
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || !line.starts_with("some ")) return std::nullopt;
  const auto at = line.find(key);
  std::int64_t us = 0;
  if (at == std::string::npos || !(std::istringstream(line.substr(at + key.size())) >> us)) {
    return std::nullopt;
  }
  return static_cast<double>(us) / 1e6;
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

std::optional<Bytes> if_known(Bytes bytes) {
  return bytes > Bytes{} ? std::optional(bytes) : std::nullopt;
}

}  // namespace

std::optional<HostReader::Processors> HostReader::processors() const {
  std::ifstream file(files_.proc + "/stat");
  std::string name;
  // user nice system idle iowait irq softirq steal; guests' time is in user's already.
  std::array<std::uint64_t, 8> ticks{};
  if (!(file >> name) || name != "cpu") return std::nullopt;
  for (auto& tick : ticks) {
    if (!(file >> tick)) return std::nullopt;
  }
  Processors now;
  for (const auto tick : ticks) now.all += tick;
  now.busy = now.all - ticks[3] - ticks[4];
  return now;
}

std::optional<double> HostReader::utilization() {
  const auto now = processors();
  const auto before = std::exchange(before_, now);
  if (!now || !before || now->all <= before->all || now->busy < before->busy) return std::nullopt;
  const double share =
      static_cast<double>(now->busy - before->busy) / static_cast<double>(now->all - before->all);
  return std::clamp(share, 0.0, 1.0);
}

// Of RAPL's packages; root's alone to read on most systems.
std::optional<double> HostReader::power(Time now) {
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

HostReading HostReader::read(Time now) {
  HostReading reading;
  reading.cpu_utilization = utilization();
  reading.cores = core_limit(files_);
  reading.memory_limit = if_known(memory_limit(files_));
  // Nothing is left is a true word only where the limit is known.
  if (reading.memory_limit) reading.memory_available = usable_memory(files_);
  for (const char* resource : {"cpu", "memory", "io"}) {
    if (const auto time = stalled(fs::path(files_.proc) / "pressure" / resource)) {
      reading.stalled.push_back({resource, *time});
    }
  }
  reading.power = power(now);
  reading.temperature = hottest(files_.classes);
  return reading;
}

}  // namespace kai
