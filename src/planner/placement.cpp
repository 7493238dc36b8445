#include "planner/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace kai {

namespace {

// How much of answer_max a member is expected to write.
constexpr double expected_answer = 0.5;

// What a further voice adds to the time of its model's decode, as a share of the first's. A GPU
// waits for memory and takes the second voice along; two CPU cores are busy already (measured:
// batches gain 1.0-1.5).
constexpr double further_voice_gpu = 0.1;
constexpr double further_voice_cpu = 0.9;

// A longer step is as good as never; sums of these cannot overflow.
constexpr Duration step_max = std::chrono::hours(24);

Duration time_for(double tokens, double rate) {
  return std::clamp(from_seconds(tokens / rate), Duration(0), step_max);
}

std::string gigabytes(Bytes bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes.count) / 1e9);
}

// The smallest need among the devices, since that is what must be made free.
std::string too_large(const Part& part, std::span<const Place> places) {
  const auto need = [&](const Site& site) { return bytes_needed(part, site); };
  const Site& site = std::ranges::min(part.candidate->sites, {}, need);
  std::string why = fmt::format("needs {}", gigabytes(need(site)));
  for (const auto& other : part.candidate->sites) {
    const Place& at = places[other.device];
    why += fmt::format(", {} has {} free", at.name, gigabytes(std::max(at.free, Bytes(0))));
  }
  return why;
}

}  // namespace

std::vector<Place> places_of(const PlanInput& input) {
  std::vector<Place> places;
  for (const auto& device : input.fleet.devices) {
    const auto room = std::ranges::find(input.room, device.id, &DeviceRoom::device);
    places.push_back({device.id.text, room == input.room.end() ? Bytes(0) : room->free,
                      std::vector<Duration>(static_cast<std::size_t>(std::max(1, device.lanes)))});
  }
  return places;
}

Bytes bytes_needed(const Part& part, const Site& site) {
  const PromptFit& fit = part.candidate->fit;
  const Tokens context = fit.prompt + fit.answer_max;
  const Bytes whole = memory_need(site.card, context, part.voices);
  return site.resident ? whole - memory_need(site.card, Tokens(0), 0) : whole;
}

Placed cost_on(const Part& part, const Site& site, DeviceKind kind) {
  const PromptFit& fit = part.candidate->fit;
  const double further = kind == DeviceKind::gpu ? further_voice_gpu : further_voice_cpu;
  const double slower = 1 + further * (part.voices - 1);
  const double prompt = static_cast<double>(fit.prompt.count) * part.voices;
  const double answer = static_cast<double>(fit.answer_max.count) * expected_answer * slower;
  Placed placed;
  placed.part = part;
  placed.device = site.device;
  placed.load = site.resident ? Duration(0) : std::clamp(site.card.load, Duration(0), step_max);
  placed.prefill = time_for(prompt, site.card.prefill_rate);
  placed.decode = time_for(answer, site.card.decode_rate);
  return placed;
}

std::expected<std::vector<Placed>, std::string> place(std::span<const Part> parts,
                                                      std::vector<Place> places,
                                                      std::span<const Device> devices) {
  std::vector<Placed> result;
  for (const auto& part : parts) {
    std::optional<Placed> best;
    Bytes best_need{};
    for (const auto& site : part.candidate->sites) {
      const Bytes need = bytes_needed(part, site);
      if (need > places[site.device].free) continue;
      Placed placed = cost_on(part, site, devices[site.device].kind);
      placed.start = std::ranges::min(places[site.device].lanes);
      if (best && best->end() <= placed.end()) continue;
      best = placed;
      best_need = need;
    }
    if (!best) return std::unexpected(too_large(part, places));
    Place& at = places[best->device];
    at.free -= best_need;
    *std::ranges::min_element(at.lanes) = best->end();
    result.push_back(*best);
  }
  return result;
}

}  // namespace kai
