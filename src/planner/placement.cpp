#include "planner/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "base/ensure.h"
#include "base/random.h"

namespace kai {

namespace {

// What a further voice adds to the time of its model's decode, as a share of the first's. A GPU
// waits for memory and takes the second voice along, and a host is taken for one; two CPU cores are
// busy already (measured: batches gain 1.0-1.5).
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

const Site& site_of(const Placed& placed) {
  return *std::ranges::find(placed.part.candidate->sites, placed.device, &Site::device);
}

// Standard normal draws, always the same, since two plans are compared by them: a plan is made with
// every question, and drawing anew was most of its cost.
class Normals {
 public:
  double next() { return drawn()[at_++ % count]; }

 private:
  static constexpr std::size_t count = 4096;  // twelve members take 2,400; then they begin anew

  static const std::array<double, count>& drawn() {
    static const auto all = [] {
      std::array<double, count> made{};
      Random random(count);
      for (double& one : made) one = random.normal();
      return made;
    }();
    return all;
  }

  std::size_t at_ = 0;
};

// As they might turn out: the longest answer of the part's voices counts.
void set_drawn_times(const Placed& placed, Option& option, Normals& normals) {
  const Candidate& candidate = *placed.part.candidate;
  double longest = 1;
  for (int voice = 0; voice < placed.part.voices; ++voice) {
    longest = std::max(
        longest, std::exp(candidate.length.log_mean + candidate.length.log_sd * normals.next()));
  }
  longest = std::min(longest, static_cast<double>(candidate.fit.answer_max.count));
  const CostCard& card = site_of(placed).card;
  const double pace = std::exp(card.spread * normals.next());
  const double run = seconds(placed.prefill) + seconds(placed.decode) * longest / candidate.answer;
  option.run = std::clamp(from_seconds(run * pace), Duration(0), step_max);
  if (option.load > Duration(0)) {
    option.load = std::clamp(from_seconds(seconds(card.load) * pace), Duration(0), step_max);
  }
}

const Site* cpu_site(const Candidate& candidate, std::span<const Device> devices) {
  const auto found = std::ranges::find_if(candidate.sites, [&](const Site& site) {
    return devices[site.device].kind == DeviceKind::cpu;
  });
  return found == candidate.sites.end() ? nullptr : &*found;
}

// Of its layers, as many as fit `capacity`; 0: not a tenth of them.
double share_that_fits(const Part& part, const Site& site, Bytes capacity) {
  constexpr double share_min = 0.1;
  const PromptFit& fit = part.candidate->fit;
  const double whole = static_cast<double>(bytes_needed(part, site).count);
  const auto buffers = static_cast<double>(site.card.buffers.count);
  const double room = static_cast<double>(capacity.count) - buffers;
  const int layers = part.candidate->layers;
  if (layers < 1) return 0;
  double fitting = std::floor(room / std::max(1.0, whole - buffers) * layers);
  const auto need = [&](double count) {
    const Tokens context = fit.prompt + fit.answer_max;
    return split_need(site.card, context, part.voices, count / layers).device;
  };
  if (fitting >= 1 && need(fitting) > capacity) --fitting;  // it rounds up
  const double share = fitting / layers;
  return share < share_min ? 0 : std::min(share, 1.0);
}

// Of a model of which `share` is on a GPU and the rest on the CPU, the layers one after another.
// Its load is the GPU's of all layers, so that it is rather too long.
Placed split_cost(const Part& part, const Site& gpu, const Site& cpu, double share) {
  const Placed there = cost_on(part, gpu, DeviceKind::gpu);
  const Placed here = cost_on(part, cpu, DeviceKind::cpu);
  const auto both = [&](Duration on_gpu, Duration on_cpu) {
    return from_seconds(share * seconds(on_gpu) + (1 - share) * seconds(on_cpu));
  };
  Placed placed = there;
  placed.share = share;
  placed.prefill = both(there.prefill, here.prefill);
  placed.decode = both(there.decode, here.decode);
  return placed;
}

Placed cost_at(const Part& part, std::size_t device, double share, const Placing& placing) {
  const auto site = std::ranges::find(part.candidate->sites, device, &Site::device);
  const Site* cpu = cpu_site(*part.candidate, placing.devices);
  if (share < 1) return split_cost(part, *site, *cpu, share);
  return cost_on(part, *site, placing.devices[device].kind);
}

// On a GPU that it does not fit wholly, with the rest of it on the CPU. Nothing: it cannot be.
std::optional<Option> split_option(const Part& part, const Site& site, const Placing& placing) {
  const Site* cpu = cpu_site(*part.candidate, placing.devices);
  const bool gpu = placing.devices[site.device].kind == DeviceKind::gpu;
  if (!placing.splits || !gpu || cpu == nullptr || site.in_use) return std::nullopt;
  const double share = share_that_fits(part, site, placing.berths[site.device].capacity);
  if (share <= 0 || share >= 1) return std::nullopt;
  const PromptFit& fit = part.candidate->fit;
  const SplitNeed need = split_need(site.card, fit.prompt + fit.answer_max, part.voices, share);
  if (need.beside > placing.berths[cpu->device].capacity) return std::nullopt;
  const Placed alone = split_cost(part, site, *cpu, share);
  const Placed on_cpu = cost_on(part, *cpu, DeviceKind::cpu);
  const double run = std::max(1e-9, seconds(alone.prefill + alone.decode));
  const double beside = (1 - share) * seconds(on_cpu.prefill + on_cpu.decode);
  return Option{.device = site.device,
                .bytes = need.device,
                .resident = site.resident,
                .load = std::clamp(site.card.load, Duration(0), step_max),
                .run = alone.prefill + alone.decode,
                .beside = cpu->device,
                .bytes_beside = need.beside,
                .share = share,
                .use_beside = std::min(1.0, beside / run)};
}

std::vector<Option> options_of(const Part& part, const Placing& placing) {
  std::vector<Option> options;
  for (const auto& site : part.candidate->sites) {
    const Bytes need = bytes_needed(part, site);
    if (need > placing.berths[site.device].capacity) {
      if (auto split = split_option(part, site, placing)) options.push_back(*split);
      continue;
    }
    const Placed alone = cost_on(part, site, placing.devices[site.device].kind);
    const bool host = placing.devices[site.device].kind == DeviceKind::remote;
    options.push_back(
        {.device = site.device,
         .bytes = need,
         .resident = site.resident || host,
         .load = host ? Duration(0) : std::clamp(site.card.load, Duration(0), step_max),
         .run = alone.prefill + alone.decode});
  }
  return options;
}

}  // namespace

std::vector<Berth> berths_of(const PlanInput& input) {
  std::vector<Berth> berths;
  for (const auto& device : input.fleet.devices) {
    const int lanes = std::max(1, device.lanes);
    Berth& berth = berths.emplace_back();
    berth.lanes = lanes;
    berth.running = std::clamp(device.running, 1, lanes);
    const auto room = std::ranges::find(input.room, device.id, &DeviceRoom::device);
    if (room == input.room.end()) continue;
    berth.capacity = room->free;
    berth.taken = room->taken;
    berth.loads_until = room->loads_until;
    for (const auto& turn : berth.taken) berth.capacity += turn.bytes;
  }
  return berths;
}

Bytes bytes_needed(const Part& part, const Site& site) {
  const PromptFit& fit = part.candidate->fit;
  const Bytes whole = memory_need(site.card, fit.prompt + fit.answer_max, part.voices);
  return site.in_use ? whole - memory_need(site.card, Tokens(0), 0) : whole;
}

double expected_tokens(const AnswerLength& length, Tokens max) {
  const double most = std::max(1.0, static_cast<double>(max.count));
  const double mean = length.log_mean, sd = length.log_sd, limit = std::log(most);
  if (sd <= 0) return std::clamp(std::exp(mean), 1.0, most);
  // The mean of a log-normal draw that is cut at the limit.
  const auto below = [](double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; };
  const double shorter = std::exp(mean + sd * sd / 2) * below((limit - mean) / sd - sd);
  return std::clamp(shorter + most * below((mean - limit) / sd), 1.0, most);
}

Placed cost_on(const Part& part, const Site& site, DeviceKind kind) {
  const PromptFit& fit = part.candidate->fit;
  const double further = kind == DeviceKind::cpu ? further_voice_cpu : further_voice_gpu;
  const double slower = 1 + further * (part.voices - 1);
  const double prompt = static_cast<double>(fit.prompt.count) * part.voices;
  const double answer = part.candidate->answer * slower;
  Placed placed;
  placed.part = part;
  placed.device = site.device;
  const Duration load = std::clamp(site.card.load, Duration(0), step_max);
  const bool host = kind == DeviceKind::remote;  // of which that is a part of each answer
  placed.load = site.resident || host ? Duration(0) : load;
  placed.prefill = time_for(prompt, site.card.prefill_rate) + (host ? load : Duration(0));
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
    const Option& option = options[part][seating.option[part]];
    Placed placed = cost_at(parts[part], option.device, option.share, placing);
    if (turns[part].run > option.run) {  // beside a split model
      const double slower = seconds(turns[part].run) / std::max(1e-9, seconds(option.run));
      placed.prefill = from_seconds(slower * seconds(placed.prefill));
      placed.decode = turns[part].run - placed.prefill;
    }
    placed.start = turns[part].start;
    placed.load = turns[part].load;
    placed.wait = turns[part].wait;
    result.push_back(placed);
  }
  return result;
}

Duration end_p90(std::span<const Placed> placed, const Placing& placing) {
  constexpr std::size_t draws = 100, rank = 89;
  std::vector<std::vector<Option>> options;
  std::vector<Placed> alone;  // what sharing costs is played again
  Seating seating;
  for (const Placed& one : placed) {
    alone.push_back(cost_at(one.part, one.device, one.share, placing));
    seating.order.push_back(options.size());
    seating.option.push_back(0);
    const Site& site = site_of(one);
    auto whole = options_of(one.part, placing);
    const auto same = std::ranges::find(whole, one.device, &Option::device);
    ensure(same != whole.end() && (one.share < 1 || bytes_needed(one.part, site) == same->bytes),
           "it was placed where it can be");
    options.push_back({*same});
  }
  Waves waves(placing.berths, options);
  Normals normals;
  // Its end grows with its time: one play tells. Where it is to be loaded, another may be before.
  if (placed.size() == 1 && options.front().front().load == Duration(0)) {
    std::vector<Option> drawn(draws, options.front().front());
    for (Option& one : drawn) set_drawn_times(alone.front(), one, normals);
    std::ranges::nth_element(drawn, drawn.begin() + rank, {}, &Option::run);
    options.front().front() = drawn[rank];
    return waves.play(seating).front().end();
  }
  std::vector<Duration> ends;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    for (std::size_t index = 0; index < placed.size(); ++index) {
      set_drawn_times(alone[index], options[index].front(), normals);
    }
    const auto last = std::ranges::max(waves.play(seating), {}, &Turn::end);
    ends.push_back(last.end());
  }
  std::ranges::nth_element(ends, ends.begin() + rank);
  return ends[rank];
}

}  // namespace kai
