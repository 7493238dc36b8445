// What making a plan takes: the largest that the tiers ask for, on a machine of three devices.
#include <fmt/format.h>

#include "base/random.h"
#include "bench/rows.h"
#include "planner/planner.h"

namespace kai::bench {

namespace {

// Two GPUs of 8 GB and a CPU, 12 models of 1 to 8 GB that load and answer as such do on a laptop.
struct Machine {
  Query query;
  Complexity complexity{0.9, Tier::expert, "research"};
  Fleet fleet;
  std::vector<DeviceRoom> room;
  std::vector<CostCard> cards;
  std::vector<double> skills;

  explicit Machine(std::uint64_t seed) {
    Random random(seed);
    query.id = QueryId("q_bench");
    query.messages = {{Role::user, "Research and analyze the foundations of deep learning"}};
    query.time_limit = std::chrono::minutes(10);
    add_device("gpu0", DeviceKind::gpu, 8e9);
    add_device("gpu1", DeviceKind::gpu, 8e9);
    add_device("cpu", DeviceKind::cpu, 64e9);
    constexpr int models = 12;
    for (int index = 0; index < models; ++index) {
      add_model(fmt::format("m{}", index), 1e9 + random.unit() * 6e9);
      skills.push_back(0.3 + 0.5 * random.unit());
    }
  }

  void add_device(const std::string& id, DeviceKind kind, double bytes) {
    Device device{DeviceId(id), kind, id, Bytes(static_cast<std::int64_t>(bytes)), 2, 1};
    device.running = kind == DeviceKind::gpu ? 1 : 2;
    room.push_back({device.id, device.capacity, {}, {}});
    fleet.devices.push_back(std::move(device));
  }

  void add_model(const std::string& id, double bytes) {
    Model model;
    model.id = ModelId(id);
    model.facts.context_max = Tokens(8192);
    model.facts.parameters = static_cast<std::int64_t>(bytes * 2);
    for (const auto& device : fleet.devices) {
      const bool gpu = device.kind == DeviceKind::gpu;
      cards.push_back({.model = model.id,
                       .device = device.id,
                       .weights = Bytes(static_cast<std::int64_t>(bytes)),
                       .kv_per_token = Bytes(100'000),
                       .buffers = Bytes(100'000'000),
                       .load = from_seconds(0.1 + bytes / (gpu ? 12e9 : 1e11)),
                       .prefill_rate = gpu ? 2000.0 : 60.0,
                       .decode_rate = (gpu ? 227e9 : 25e9) / bytes,
                       .measured = 1});
    }
    fleet.models.push_back(std::move(model));
  }

  PlanInput input() const { return {query, complexity, fleet, room, cards, skills, Time{}}; }
};

double milliseconds_of_a_plan(Mode mode, bool hear_all) {
  std::vector<double> times;
  constexpr int machines = 25;
  for (int seed = 0; seed < machines; ++seed) {
    Machine machine(static_cast<std::uint64_t>(seed));
    machine.query.mode = mode;
    machine.query.hear_all = hear_all;
    times.push_back(1e3 * time_of([&] {
                      const auto plan = make_plan(machine.input());
                      if (!plan || plan->asks.size() != machine.fleet.models.size()) std::abort();
                    }));
  }
  return median(times);
}

}  // namespace

std::vector<Row> planning_rows() {
  std::vector<Row> rows;
  const auto add = [&](const char* what, double value) {
    constexpr double reach = 5, aim = 1;
    rows.push_back(
        {.what = what,
         .value = value,
         .unit = "ms",
         .compared_with = value <= aim ? "the aim of 1 ms: met" : "the aim of 1 ms: not met",
         .reach = fmt::format("<= {}", reach),
         .met = value <= reach});
  };
  add("a plan of 12 models on 3 devices", milliseconds_of_a_plan(Mode::adaptive, false));
  add("the same, everybody to be heard", milliseconds_of_a_plan(Mode::all, true));
  return rows;
}

}  // namespace kai::bench
