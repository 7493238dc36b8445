#include "cli/doctor_gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "config/units.h"

namespace kai {

namespace {

enum class Family : std::uint8_t { debian, ubuntu, fedora, arch, other };

// The first word that is known: "ubuntu debian" is Ubuntu.
Family family_of(std::string_view distribution) {
  while (!distribution.empty()) {
    const std::size_t end = std::min(distribution.find(' '), distribution.size());
    const std::string_view word = distribution.substr(0, end);
    if (word == "debian") return Family::debian;
    if (word == "ubuntu") return Family::ubuntu;
    if (word == "fedora" || word == "rhel") return Family::fedora;
    if (word == "arch") return Family::arch;
    distribution.remove_prefix(std::min(end + 1, distribution.size()));
  }
  return Family::other;
}

using Steps = std::vector<std::string>;

Steps nvidia_driver(Family family) {
  const std::string restart = "restart the PC";
  switch (family) {
    case Family::debian:
      return {"add contrib, non-free and non-free-firmware to the lines of /etc/apt/sources.list",
              "sudo apt update && sudo apt install linux-headers-amd64 nvidia-driver libcuda1 "
              "libnvidia-ml1",
              restart};
    case Family::ubuntu: return {"sudo ubuntu-drivers install", restart};
    case Family::fedora:
      return {"switch on RPM Fusion (rpmfusion.org), which has the packages",
              "sudo dnf install akmod-nvidia xorg-x11-drv-nvidia-cuda", restart};
    case Family::arch: return {"sudo pacman -S nvidia-open nvidia-utils", restart};
    case Family::other: break;
  }
  return {"install NVIDIA's driver with libcuda.so.1 and libnvidia-ml.so.1", restart};
}

Steps then(Steps first, std::string last) {
  first.push_back(std::move(last));
  return first;
}

std::string vulkan_driver(Family family, CardMaker maker) {
  switch (family) {
    case Family::debian:
    case Family::ubuntu: return "sudo apt install libvulkan1 mesa-vulkan-drivers";
    case Family::fedora: return "sudo dnf install vulkan-loader mesa-vulkan-drivers";
    case Family::arch:
      return fmt::format("sudo pacman -S vulkan-icd-loader {}",
                         maker == CardMaker::amd ? "vulkan-radeon" : "vulkan-intel");
    case Family::other: break;
  }
  return "install a Vulkan loader (libvulkan.so.1) and Mesa's Vulkan drivers";
}

std::string set_up(std::string_view backend) {
  return fmt::format("KAI_BACKEND={} make setup   # in kai's sources{}", backend,
                     backend == "cuda" ? "; brings CUDA's libraries where none are" : "");
}

bool carries(const GpuView& view, std::string_view backend) {
  return std::ranges::find(view.backends, backend) != view.backends.end();
}

bool has_card(const GpuView& view, CardMaker maker) {
  return std::ranges::find(view.cards, maker, &GraphicsCard::maker) != view.cards.end();
}

DriverView driver_view(const wire::NvidiaCard& card) {
  return {
      .total = card.total, .free = card.free, .sound = is_sound(card), .processes = card.processes};
}

std::string_view to_string(CardMaker maker) {
  switch (maker) {
    case CardMaker::nvidia: return "nvidia";
    case CardMaker::amd: return "amd";
    case CardMaker::intel: break;
  }
  return "intel";
}

CheckedGpu gpu_of(const wire::DeviceFacts& device, const GpuView& view) {
  CheckedGpu gpu{.id = device.id,
                 .name = device.name,
                 .backend = device.backend,
                 .bus = device.bus,
                 .total = device.total,
                 .free = device.free,
                 .believed = device.free};
  if (const wire::NvidiaCard* card = card_of(device, view.nvidia)) {
    gpu.driver = driver_view(*card);
    if (gpu.driver->sound) gpu.believed = std::min(card->free, device.free);
  }
  gpu.taken = std::max(Bytes{}, device.total - gpu.believed);
  gpu.used = std::ranges::any_of(view.chosen,
                                 [&](const Device& other) { return other.id.text == device.id; });
  return gpu;
}

Finding finding_of(const CheckedGpu& gpu) {
  Finding finding;
  finding.text = fmt::format("{}: {} through {}, {} of {} free", gpu.id, gpu.name, gpu.backend,
                             short_bytes(gpu.free), short_bytes(gpu.total));
  if (gpu.driver && !gpu.driver->sound) {
    finding.mark = Mark::note;
    finding.text += fmt::format("; NVIDIA's library says {} of {}, which cannot be and is ignored",
                                short_bytes(gpu.driver->free), short_bytes(gpu.driver->total));
  } else if (gpu.believed < gpu.free) {
    finding.text += fmt::format("; NVIDIA's library says {}, and the smaller counts",
                                short_bytes(gpu.believed));
  }
  if (gpu.taken.count > gpu.total.count / 50) {
    finding.text += fmt::format("; others have {} of it", short_bytes(gpu.taken));
  }
  if (gpu.driver && gpu.driver->processes > 0) {
    const int processes = gpu.driver->processes;
    finding.text += fmt::format("; {} process{} compute{} on it", processes,
                                processes == 1 ? "" : "es", processes == 1 ? "s" : "");
  }
  if (gpu.used) return finding;
  finding.mark = Mark::note;
  finding.text += "; not used";
  finding.remedies = {
      "name it in `devices`, or, where others fill it, free memory or lower "
      "`gpu.buffer`"};
  return finding;
}

// The library that the driver brings, where there is a card for it.
void add_nvidia(std::vector<Finding>& findings, const GpuView& view) {
  const wire::NvidiaFacts& nvidia = view.nvidia;
  if (!has_card(view, CardMaker::nvidia) && !has_nvidia(view.found) && nvidia.cards.empty()) return;
  const Family family = family_of(view.distribution);
  if (!nvidia.fault.empty()) {
    const bool old = nvidia.fault.starts_with("it is too old");
    findings.push_back(
        {Mark::note,
         "NVIDIA's library (NVML): " + nvidia.fault + "; kai goes by what llama.cpp says",
         old ? nvidia_driver(family)
             : Steps{"restart the PC: a driver that was updated or hangs needs it"}});
  } else if (!nvidia.missing.empty()) {
    if (!has_nvidia(view.found)) return;  // a driver is missing: unused_nvidia() tells
    findings.push_back({Mark::note, "NVIDIA's library (NVML): not there (" + nvidia.missing + ")",
                        nvidia_driver(family)});
  } else if (!nvidia.driver.empty()) {
    findings.push_back(
        {Mark::good, fmt::format("NVIDIA's driver: {}, {} card{}", nvidia.driver,
                                 nvidia.cards.size(), nvidia.cards.size() == 1 ? "" : "s")});
  }
}

// Why an NVIDIA card is not used.
Finding unused_nvidia(const GpuView& view) {
  const Family family = family_of(view.distribution);
  const auto card = std::ranges::find(view.cards, CardMaker::nvidia, &GraphicsCard::maker);
  const std::string driver = card == view.cards.end() ? "" : card->driver;
  const bool works = driver == "nvidia" && view.nvidia.missing.empty();
  if (view.nvidia.cards.empty() && !works) {
    const std::string what = driver.empty()       ? "without a driver"
                             : driver == "nvidia" ? "whose driver lacks its libraries"
                                                  : "with the driver " + driver + ", without CUDA";
    return {Mark::note, "GPU: an NVIDIA card " + what + "; the CPU is used",
            then(nvidia_driver(family), set_up("cuda"))};
  }
  if (carries(view, "CUDA")) {
    return {Mark::note,
            "GPU: an NVIDIA card, but the CUDA backend finds no device; the CPU is used",
            then(nvidia_driver(family), set_up("cuda"))};
  }
  return {Mark::note,
          "GPU: an NVIDIA card, but kai was set up without CUDA; the CPU is used",
          {set_up("cuda")}};
}

// Why a card of AMD or Intel is not used.
Finding unused_vulkan(const GpuView& view, const GraphicsCard& card) {
  const std::string what =
      fmt::format("GPU: a card of {}", card.maker == CardMaker::amd ? "AMD" : "Intel");
  if (view.render == RenderNode::closed) {
    return {Mark::note,
            what + ", which you may not open (/dev/dri/renderD*); the CPU is used",
            {"sudo usermod -aG render $USER   # then log in again", set_up("vulkan")}};
  }
  if (view.render == RenderNode::none) {
    return {Mark::note,
            what + " without a driver of the kernel (no /dev/dri/renderD*); the CPU is used",
            {}};
  }
  return {Mark::note,
          what +
              (carries(view, "Vulkan") ? ", but the Vulkan backend finds no device"
                                       : ", but kai was set up without Vulkan") +
              "; the CPU is used",
          {vulkan_driver(family_of(view.distribution), card.maker), set_up("vulkan")}};
}

}  // namespace

CheckedNvidia nvidia_of(const GpuView& view) {
  CheckedNvidia nvidia{
      .missing = view.nvidia.missing, .fault = view.nvidia.fault, .driver = view.nvidia.driver};
  for (const auto& card : view.nvidia.cards) {
    nvidia.cards.push_back({card.name, card.bus, driver_view(card)});
  }
  return nvidia;
}

std::vector<CheckedCard> cards_of(const GpuView& view) {
  std::vector<CheckedCard> cards;
  for (const auto& card : view.cards) {
    cards.push_back({std::string(to_string(card.maker)), card.bus, card.driver});
  }
  return cards;
}

std::vector<CheckedGpu> gpus_of(const GpuView& view) {
  std::vector<CheckedGpu> gpus;
  for (const auto& device : view.found) {
    if (device.kind == DeviceKind::gpu) gpus.push_back(gpu_of(device, view));
  }
  return gpus;
}

std::vector<Finding> gpu_findings(const GpuView& view) {
  std::vector<Finding> findings;
  for (const auto& gpu : gpus_of(view)) findings.push_back(finding_of(gpu));
  const bool found = !findings.empty();
  add_nvidia(findings, view);
  if (found) return findings;
  if (has_card(view, CardMaker::nvidia) || !view.nvidia.cards.empty()) {
    findings.push_back(unused_nvidia(view));
    return findings;
  }
  for (const auto& card : view.cards) findings.push_back(unused_vulkan(view, card));
  if (findings.empty()) {
    findings.push_back({Mark::note, "GPU: none found on this machine; the CPU is used"});
  }
  return findings;
}

}  // namespace kai
