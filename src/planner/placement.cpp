#include "planner/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kai {

namespace {

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
std::string too_large(const Part& part, const Placing& placing) {
  const auto need = [&](const Site& site) { return bytes_needed(part, site); };
  const Site& site = std::ranges::min(part.candidate->sites, {}, need);
  std::string why = fmt::format("needs {}", gigabytes(need(site)));
  for (const auto& other : part.candidate->sites) {
    why += fmt::format(", {} has {} free", placing.devices[other.device].id.text,
                       gigabytes(std::max(placing.berths[other.device].capacity, Bytes(0))));
  }
  return why;
}

std::vector<Option> options_of(const Part& part, const Placing& placing) {
  std::vector<Option> options;
  for (const auto& site : part.candidate->sites) {
    const Bytes need = bytes_needed(part, site);
    if (need > placing.berths[site.device].capacity) continue;
    const Placed alone =
        cost_on(part, site, placing.devices[site.device].kind, placing.expected_answer);
    options.push_back({site.device, need, site.resident,
                       std::clamp(site.card.load, Duration(0), step_max),
                       alone.prefill + alone.decode});
  }
  return options;
}

}  // namespace

std::vector<Berth> berths_of(const PlanInput& input) {
  std::vector<Berth> berths;
  for (const auto& device : input.fleet.devices) {
    const auto room = std::ranges::find(input.room, device.id, &DeviceRoom::device);
    const int lanes = std::max(1, device.lanes);
    berths.push_back({room == input.room.end() ? Bytes(0) : room->free, lanes,
                      std::clamp(device.running, 1, lanes)});
  }
  return berths;
}

Bytes bytes_needed(const Part& part, const Site& site) {
  const PromptFit& fit = part.candidate->fit;
  const Bytes whole = memory_need(site.card, fit.prompt + fit.answer_max, part.voices);
  return site.in_use ? whole - memory_need(site.card, Tokens(0), 0) : whole;
}

Placed cost_on(const Part& part, const Site& site, DeviceKind kind, double expected_answer) {
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
                                                      const Placing& placing) {
  std::vector<std::vector<Option>> options;
  std::vector<Stake> stakes;
  for (const auto& part : parts) {
    options.push_back(options_of(part, placing));
    if (options.back().empty()) return std::unexpected(too_large(part, placing));
    stakes.push_back({part.candidate->say, part.candidate->skill});
  }
  Waves waves(placing.berths, options);
  const Seating seating = best_seating(waves, options, stakes, placing.goal);
  const auto turns = waves.play(seating);
  // By when they begin to answer; those that do at once keep their order.
  std::vector<std::pair<Duration, std::size_t>> order;
  for (const std::size_t part : seating.order) {
    order.emplace_back(turns[part].end() - turns[part].run, order.size());
  }
  std::ranges::sort(order);
  std::vector<Placed> result;
  for (const auto& [begin, position] : order) {
    const std::size_t part = seating.order[position];
    const std::size_t device = options[part][seating.option[part]].device;
    const auto site = std::ranges::find(parts[part].candidate->sites, device, &Site::device);
    Placed placed =
        cost_on(parts[part], *site, placing.devices[device].kind, placing.expected_answer);
    placed.start = turns[part].start;
    placed.load = turns[part].load;
    placed.wait = turns[part].wait;
    result.push_back(placed);
  }
  return result;
}

}  // namespace kai
