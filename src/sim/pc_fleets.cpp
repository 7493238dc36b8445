#include "sim/pc_fleets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "base/random.h"
#include "sim/pc_world.h"

namespace kai {

namespace {

// 1/most..most, as often below 1 as above.
double factor(Random& random, double most) {
  return std::pow(most, 2 * random.unit() - 1);
}

Bytes times(Bytes bytes, double by) {
  return Bytes(std::llround(static_cast<double>(bytes.count) * by));
}

PcModel resized(PcModel model, double by, int number) {
  model.name = fmt::format("{} {} x {:.2f}", number, model.name, by);
  model.parameters *= by;
  model.active *= by;
  model.file = times(model.file, by);
  model.read_per_token *= by;
  model.kv_per_token = times(model.kv_per_token, by);
  return model;
}

void vary(Pc& pc, Random& random) {
  constexpr double most = 2;
  for (PcDevice* device : {&pc.gpu, &pc.cpu}) {
    device->bandwidth *= factor(random, most);
    device->flops *= factor(random, most);
  }
  pc.pinned.rate *= factor(random, most);
  pc.gpu_memory = times(pc.gpu_memory, factor(random, most));
}

}  // namespace

DrawnFleet random_fleet(const Pc& reference, int models, std::uint64_t seed) {
  ensure(models >= 1 && models <= 7 && !reference.models.empty(), "1 to 7 models");
  constexpr double resize_most = 1.4;
  Random random(derive_seed(seed, fmt::format("{} models", models)));
  DrawnFleet fleet{.pc = reference, .members = {}};
  fleet.pc.models.clear();
  fleet.pc.known.clear();
  if (seed % 2 == 1) vary(fleet.pc, random);
  for (int number = 1; number <= models; ++number) {
    const PcModel& from = reference.models[random.below(reference.models.size())];
    fleet.members.push_back(fleet.pc.models.size());
    fleet.pc.models.push_back(resized(from, factor(random, resize_most), number));
  }
  return fleet;
}

FleetTrial try_fleet(const DrawnFleet& fleet, const OptimumOptions& options) {
  PcWorld world(fleet.pc, {.members = fleet.members, .coordinator = without_timeouts()});
  const PcPlayed played = world.play(world.query_in_full());
  const Outcome& outcome = played.outcomes.front();
  FleetTrial trial;
  trial.kai = Seconds(played.makespan);
  trial.broken = played.broken;
  trial.answers = static_cast<std::size_t>(
      std::ranges::count(outcome.answers, Ending::complete, &Answer::ending));
  OptimumOptions same = options;
  if (!outcome.plans.empty()) {
    const Plan& plan = outcome.plans.front();
    trial.predicted = Seconds(plan.predicted);
    for (const auto& ask : plan.asks) {
      trial.split += ask.share < 1 ? 1 : 0;
      trial.placed.push_back(
          fmt::format("{}: {} {:.2f}", ask.model.text, ask.device.text, ask.share));
      same.context = ask.context;
    }
  }
  for (const PcModel& model : fleet.pc.models) {
    const Bytes need = gpu_memory_need(fleet.pc, model, 1, same.context);
    trial.fits += need <= fleet.pc.gpu_memory ? 1 : 0;
  }
  trial.optimum = find_optimum(fleet.pc, fleet.members, PcQuestion{}, same);
  return trial;
}

}  // namespace kai
