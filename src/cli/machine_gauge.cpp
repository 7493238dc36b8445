#include "cli/machine_gauge.h"

#include <algorithm>
#include <utility>

#include "base/program.h"
#include "fleet/nvidia.h"

namespace kai {

namespace {

wire::DeviceFacts facts_of(const Device& device) {
  wire::DeviceFacts facts;
  facts.id = device.id.text;
  facts.kind = device.kind;
  facts.name = device.name;
  return facts;
}

bool may_be_true(const MemoryReading& reading) {
  return reading.fault.empty() && reading.total > Bytes{} && reading.free >= Bytes{} &&
         reading.free <= reading.total;
}

}  // namespace

MachineGauge::MachineGauge(Executor executor, Clock& clock, MemoryGauge& lanes, std::string worker,
                           std::span<const Device> devices)
    : executor_(std::move(executor)), clock_(clock), lanes_(lanes), worker_(std::move(worker)) {
  std::ranges::copy_if(devices, std::back_inserter(cards_),
                       [](const Device& device) { return has_nvidia({facts_of(device)}); });
}

Task<std::vector<MemoryReading>> MachineGauge::read(Time until) {
  auto readings = co_await lanes_.read(until);
  if (cards_.empty() || co_await cancelled()) co_return readings;
  const auto library = co_await ask_library(until);
  co_return both_views(std::move(readings), cards_, library);
}

// Nothing of it where it fails: the workers' word stands then, and `kai doctor` tells the fault.
Task<wire::NvidiaFacts> MachineGauge::ask_library(Time until) {
  Program program;
  program.arguments = {worker_, "nvidia"};
  program.until = until;
  const auto output = co_await run_program(executor_, clock_, std::move(program));
  if (!output || output->status != 0) co_return wire::NvidiaFacts{};
  co_return wire::decode_nvidia(output->text).value_or(wire::NvidiaFacts{});
}

std::vector<MemoryReading> both_views(std::vector<MemoryReading> lanes,
                                      std::span<const Device> cards,
                                      const wire::NvidiaFacts& library) {
  for (const auto& device : cards) {
    const wire::NvidiaCard* card = card_of(facts_of(device), library);
    if (card == nullptr || !is_sound(*card)) continue;
    const auto known = std::ranges::find(lanes, device.id, &MemoryReading::device);
    if (known == lanes.end()) {
      lanes.push_back({device.id, card->free, card->total, 0, ""});
    } else if (!may_be_true(*known)) {
      *known = {device.id, card->free, card->total, known->processes, ""};
    } else if (card->free < known->free) {
      known->free = card->free;
      known->total = card->total;
    }
  }
  return lanes;
}

}  // namespace kai
