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

HostReading HostReader::read() {
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
  return reading;
}

}  // namespace kai
