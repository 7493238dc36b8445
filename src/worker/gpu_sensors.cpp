#include "worker/gpu_sensors.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

namespace kai {

namespace {

namespace fs = std::filesystem;
using nvml::success;

constexpr std::size_t cards_max = 64;
constexpr std::int64_t sane_max = std::int64_t{1} << 60;

// Reasons that slow a card down, of those that the library may give. What is idle, or set so by
// its user, is none.
constexpr std::array<std::pair<unsigned long long, const char*>, 5> reasons{
    {{0x04, "power_cap"},
     {0x08, "hw_slowdown"},
     {0x20, "sw_thermal"},
     {0x40, "hw_thermal"},
     {0x80, "power_brake"}}};

Bytes bytes_of(unsigned long long count) {
  return Bytes(static_cast<std::int64_t>(std::min<unsigned long long>(count, sane_max)));
}

GpuReading nvidia_card(const nvml::Library& library, unsigned index) {
  GpuReading reading;
  reading.gpu = std::to_string(index);
  nvml::Handle card = nullptr;
  if (library.call("nvmlDeviceGetHandleByIndex_v2", index, &card) != success) return reading;
  reading.name = nvml::name_of(library, card);
  nvml::Utilization busy{};
  if (library.call("nvmlDeviceGetUtilizationRates", card, &busy) == success) {
    reading.utilization = busy.gpu / 100.0;
  }
  nvml::Memory memory{};
  if (library.call("nvmlDeviceGetMemoryInfo", card, &memory) == success) {
    reading.memory_used = bytes_of(memory.used);
    reading.memory_total = bytes_of(memory.total);
  }
  unsigned milliwatts = 0;
  if (library.call("nvmlDeviceGetPowerUsage", card, &milliwatts) == success) {
    reading.power = milliwatts / 1000.0;
  }
  unsigned degrees = 0;
  constexpr int core_sensor = 0;
  if (library.call("nvmlDeviceGetTemperature", card, core_sensor, &degrees) == success) {
    reading.temperature = degrees;
  }
  unsigned long long bits = 0;
  if (library.call("nvmlDeviceGetCurrentClocksThrottleReasons", card, &bits) == success) {
    reading.throttled.emplace();
    for (const auto& [bit, reason] : reasons) {
      if ((bits & bit) != 0) reading.throttled->push_back(reason);
    }
  }
  return reading;
}

std::optional<std::int64_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

// A card of amdgpu, whose folder is /sys/class/drm/cardN.
GpuReading amd_card(const fs::path& folder) {
  GpuReading reading;
  reading.gpu = folder.filename();
  reading.name = "AMD";
  const fs::path device = folder / "device";
  const auto scaled = [](std::optional<std::int64_t> number, double by) {
    return number.transform([by](std::int64_t value) { return static_cast<double>(value) / by; });
  };
  const auto bytes = [](std::int64_t count) { return Bytes(count); };
  reading.utilization = scaled(number_in(device / "gpu_busy_percent"), 100);
  reading.memory_used = number_in(device / "mem_info_vram_used").transform(bytes);
  reading.memory_total = number_in(device / "mem_info_vram_total").transform(bytes);
  std::error_code error;
  for (fs::directory_iterator sensor(device / "hwmon", error), end; !error && sensor != end;
       sensor.increment(error)) {
    reading.power = scaled(number_in(sensor->path() / "power1_average"), 1e6);
    reading.temperature = scaled(number_in(sensor->path() / "temp1_input"), 1000);
    break;
  }
  return reading;
}

bool is_amd_card(const fs::path& folder) {
  const std::string name = folder.filename();
  if (!name.starts_with("card") || name.contains('-')) return false;  // card0-HDMI-A-1 is a plug
  std::ifstream file(folder / "device/vendor");
  std::string vendor;
  return file >> vendor && vendor == "0x1002";
}

}  // namespace

GpuSensors::GpuSensors(const std::string& library, std::string classes)
    : classes_(std::move(classes)) {
  void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) return;
  nvml_ = std::make_unique<nvml::Library>(loaded);
  if (nvml_->call("nvmlInit_v2") != success) nvml_.reset();
}

GpuSensors::~GpuSensors() {
  if (nvml_) nvml_->call("nvmlShutdown");
}

std::vector<GpuReading> GpuSensors::read() const {
  std::vector<GpuReading> readings;
  unsigned count = 0;
  if (nvml_ && nvml_->call("nvmlDeviceGetCount_v2", &count) == success) {
    for (unsigned index = 0; index < std::min(count, nvml::cards_max); ++index) {
      readings.push_back(nvidia_card(*nvml_, index));
    }
  }
  std::vector<fs::path> amd;
  std::error_code error;
  for (fs::directory_iterator entry(fs::path(classes_) / "drm", error), end;
       !error && entry != end && amd.size() < cards_max; entry.increment(error)) {
    if (is_amd_card(entry->path())) amd.push_back(entry->path());
  }
  std::ranges::sort(amd);
  for (const auto& folder : amd) readings.push_back(amd_card(folder));
  return readings;
}

}  // namespace kai
