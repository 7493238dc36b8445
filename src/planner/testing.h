// A small PC to plan for, in tests. Each test changes what it is about.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "planner/planner.h"

namespace kai::testing_planner {

using std::chrono::seconds;

inline constexpr Time start{std::chrono::hours(1)};

// A PC with one CPU device of two lanes and no models yet.
struct Pc {
  Query query;
  Complexity complexity{0.1, Tier::simple, "asks for a fact"};
  Fleet fleet;
  std::vector<DeviceRoom> room;
  std::vector<CostCard> cards;
  std::vector<double> skills;
  Time now = start;

  explicit Pc(std::string question = "What is Python?") {
    query.id = QueryId("q_1");
    query.messages = {{Role::user, std::move(question)}};
    query.asked = start;
    query.seed = 7;
    add_device("cpu", DeviceKind::cpu, Bytes(16'000'000'000), 2);
  }

  void add_device(const std::string& id, DeviceKind kind, Bytes free, int lanes) {
    fleet.devices.push_back({DeviceId(id), kind, id, free, lanes, 1});
    room.push_back({DeviceId(id), free, {}, {}});
  }

  // Runs on every device there is: 1 GB, loads in 1 s, reads 1000 and writes `rate` tokens/s.
  void add_model(const std::string& id, double skill, double rate = 100) {
    Model model;
    model.id = ModelId(id);
    model.facts.context_max = Tokens(8192);
    model.facts.parameters = 1'000'000'000;
    fleet.models.push_back(model);
    skills.push_back(skill);
    for (const auto& device : fleet.devices) {
      cards.push_back({model.id, device.id, Bytes(900'000'000), Bytes(10'000), Bytes(100'000'000),
                       seconds(1), 1000, rate, 0});
    }
  }

  // `count` models "m1", "m2", … of one skill.
  void add_models(int count, double skill = 0.5) {
    for (int index = 1; index <= count; ++index) add_model("m" + std::to_string(index), skill);
  }

  CostCard& card(const std::string& model, const std::string& device = "cpu") {
    for (auto& one : cards) {
      if (one.model.text == model && one.device.text == device) return one;
    }
    std::abort();
  }
  Model& model(const std::string& id) {
    for (auto& one : fleet.models) {
      if (one.id.text == id) return one;
    }
    std::abort();
  }
  PlanInput input() const { return {query, complexity, fleet, room, cards, skills, now}; }
};

inline Plan plan_for(const Pc& pc, const PlannerOptions& options = {}) {
  auto plan = make_plan(pc.input(), options);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? *plan : Plan{};
}

inline Error error_for(const Pc& pc) {
  auto plan = make_plan(pc.input());
  EXPECT_FALSE(plan);
  return plan ? Error{ErrorCode::internal, "no error"} : plan.error();
}

inline std::vector<std::string> members(const Plan& plan) {
  std::vector<std::string> names;
  for (const auto& ask : plan.asks) names.push_back(ask.member.text);
  return names;
}

// The reason for which a model was left out; empty: it was not.
inline std::string why_left_out(const Plan& plan, const std::string& model) {
  for (const auto& one : plan.left_out) {
    if (one.model.text == model) return one.why;
  }
  return {};
}

// Any PC, any query: up to 12 models, 3 devices, odd speeds, little memory, short times.
inline Pc random_pc(std::uint64_t seed) {
  Random random(seed);
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return static_cast<std::int64_t>(low + random.below(high - low + 1));
  };
  Pc pc(std::string(static_cast<std::size_t>(between(0, 12'000)), 'x'));
  pc.fleet.devices.clear();
  pc.room.clear();
  for (std::int64_t device = between(1, 3); device > 0; --device) {
    pc.add_device("d" + std::to_string(device),
                  random.chance(0.5) ? DeviceKind::gpu : DeviceKind::cpu,
                  Bytes(between(0, 8'000'000'000)), static_cast<int>(between(1, 3)));
    Device& added = pc.fleet.devices.back();
    added.running = static_cast<int>(between(1, static_cast<std::uint64_t>(added.lanes)));
  }
  const int models = static_cast<int>(between(0, 12));
  for (int index = 1; index <= models; ++index) {
    pc.add_model("m" + std::to_string(index), random.unit());
    Model& model = pc.fleet.models.back();
    model.facts.context_max = Tokens(between(0, 8192));
    if (random.chance(0.1)) model.refused = "the file is broken";
    if (random.chance(0.2)) model.chat.user = {"Q: ", "\n"};
  }
  for (auto& card : pc.cards) {
    card.weights = Bytes(between(1'000'000, 4'000'000'000));
    card.load = std::chrono::milliseconds(between(0, 20'000));
    card.prefill_rate = 1 + random.unit() * 2000;
    card.decode_rate = 0.1 + random.unit() * 200;
  }
  std::erase_if(pc.cards, [&](const CostCard&) { return random.chance(0.1); });
  for (auto& room : pc.room) {
    for (const auto& model : pc.fleet.models) {
      if (!random.chance(0.2)) continue;
      room.resident.push_back(model.id);
      if (random.chance(0.3)) room.in_use.push_back(model.id);
    }
  }
  for (std::int64_t turn = between(0, 3); turn > 0; --turn) {
    std::string earlier(static_cast<std::size_t>(between(0, 5000)), 'u');
    pc.query.messages.insert(pc.query.messages.begin(),
                             {{Role::user, std::move(earlier)}, {Role::assistant, "an answer"}});
  }
  pc.query.seed = random.bits();
  if (random.chance(0.5)) pc.query.tier = static_cast<Tier>(random.below(4));
  if (random.chance(0.3)) pc.query.time_limit = std::chrono::milliseconds(between(0, 60'000));
  pc.query.mode = static_cast<Mode>(random.below(3));
  if (models > 0 && random.chance(0.3)) {
    for (std::int64_t name = between(1, 4); name > 0; --name) {
      const auto index = static_cast<std::size_t>(between(0, pc.fleet.models.size() - 1));
      pc.query.models.push_back(pc.fleet.models[index].id);
    }
  }
  return pc;
}

}  // namespace kai::testing_planner
