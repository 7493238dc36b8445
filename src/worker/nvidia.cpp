#include "worker/nvidia.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <expected>

#include "worker/nvml.h"

namespace kai {

namespace {

using nvml::Code, nvml::success;

constexpr unsigned processes_max = 256;

// Up to the first NUL, if there is one.
template <std::size_t size>
std::string text_in(const std::array<char, size>& buffer) {
  return {buffer.data(), strnlen(buffer.data(), size)};
}

// "00000000:01:00.0" as llama.cpp writes it: "0000:01:00.0".
std::string short_bus(std::string bus) {
  std::ranges::transform(bus, bus.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (bus.size() == 16 && bus.starts_with("0000")) bus.erase(0, 4);
  return bus;
}

Bytes bytes_of(unsigned long long count) {
  return Bytes(static_cast<std::int64_t>(std::min(count, 1ULL << 60)));
}

// What one card says; an error's code where it does not say how much memory it has.
std::expected<wire::NvidiaCard, Code> card_of(const nvml::Library& nvml, unsigned index) {
  nvml::Handle handle = nullptr;
  if (const Code code = nvml.call("nvmlDeviceGetHandleByIndex_v2", index, &handle)) {
    return std::unexpected(code);
  }
  nvml::Memory memory{};
  if (const Code code = nvml.call("nvmlDeviceGetMemoryInfo", handle, &memory)) {
    return std::unexpected(code);
  }
  wire::NvidiaCard card;
  card.total = bytes_of(memory.total);
  card.free = bytes_of(memory.free);
  card.name = nvml::name_of(nvml, handle);
  nvml::Pci pci{};
  if (nvml.call("nvmlDeviceGetPciInfo_v3", handle, &pci) == success) {
    card.bus = short_bus({pci.bus_id, strnlen(pci.bus_id, sizeof pci.bus_id)});
  }
  std::array<nvml::ProcessUse, processes_max> uses{};
  unsigned count = uses.size();
  if (nvml.call("nvmlDeviceGetComputeRunningProcesses_v3", handle, &count, uses.data()) ==
      success) {
    card.processes = static_cast<int>(std::min(count, processes_max));
  }
  return card;
}

}  // namespace

wire::NvidiaFacts read_nvidia(const std::string& library) {
  wire::NvidiaFacts facts;
  void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    const char* why = dlerror();
    facts.missing = why == nullptr ? library + " cannot be loaded" : why;
    return facts;
  }
  const nvml::Library nvml(loaded);
  const auto broken = [&](Code code) {
    facts.fault = nvml.words(code);
    return facts;
  };
  if (const Code code = nvml.call("nvmlInit_v2")) return broken(code);
  std::array<char, 96> driver{};
  if (nvml.call("nvmlSystemGetDriverVersion", driver.data(), unsigned{driver.size()}) == success) {
    facts.driver = text_in(driver);
  }
  unsigned count = 0;
  if (const Code code = nvml.call("nvmlDeviceGetCount_v2", &count)) return broken(code);
  for (unsigned index = 0; index < std::min(count, nvml::cards_max); ++index) {
    auto card = card_of(nvml, index);
    if (!card) {
      facts.fault = fmt::format("card {}: {}", index, nvml.words(card.error()));
      continue;
    }
    facts.cards.push_back(*std::move(card));
  }
  nvml.call("nvmlShutdown");
  return facts;
}

}  // namespace kai
