#include "fleet/nvidia.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/process.h"

namespace kai {

namespace {

bool is_nvidia(const wire::DeviceFacts& device) {
  return device.kind == DeviceKind::gpu &&
         (device.backend == "CUDA" || device.name.contains("NVIDIA"));
}

}  // namespace

wire::NvidiaFacts ask_nvidia(const FleetOptions& options, Duration limit) {
  wire::NvidiaFacts facts;
  const auto output = run_process({options.worker, "nvidia"}, limit);
  if (!output) {
    facts.fault = output.error().code == ErrorCode::deadline
                      ? fmt::format("no answer within {:.0f} s", seconds(limit))
                      : output.error().message;
    return facts;
  }
  auto said = wire::decode_nvidia(output->text);
  if (output->status == 0 && said) return *std::move(said);
  facts.fault = fmt::format("it ended kai-worker with status {}", output->status);
  return facts;
}

const wire::NvidiaCard* card_of(const wire::DeviceFacts& device, const wire::NvidiaFacts& facts) {
  const wire::NvidiaCard* found = nullptr;
  for (const auto& card : facts.cards) {
    if (!device.bus.empty() && card.bus == device.bus) return &card;
    if (!is_nvidia(device) || card.name.empty() || !device.name.contains(card.name)) continue;
    if (!device.bus.empty() && !card.bus.empty()) continue;  // another one of the same name
    if (found != nullptr) return nullptr;
    found = &card;
  }
  return found;
}

bool is_sound(const wire::NvidiaCard& card) {
  return card.total > Bytes{} && card.free >= Bytes{} && card.free <= card.total;
}

bool has_nvidia(const std::vector<wire::DeviceFacts>& devices) {
  return std::ranges::any_of(devices, is_nvidia);
}

void trust_smaller(std::vector<wire::DeviceFacts>& devices, const wire::NvidiaFacts& facts) {
  for (auto& device : devices) {
    const wire::NvidiaCard* card = card_of(device, facts);
    if (card != nullptr && is_sound(*card)) device.free = std::min(device.free, card->free);
  }
}

}  // namespace kai
