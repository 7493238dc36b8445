// Plans with members on a host.
#include <gtest/gtest.h>

#include <algorithm>

#include "domain/tool_form.h"
#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_planner::members;
using testing_planner::Pc;
using testing_planner::plan_for;

// Two models here that read 1000 and write 100 tokens/s, and one on a host.
Pc with_host(int at_once) {
  Pc pc;
  pc.add_models(2);
  pc.fleet.devices.push_back(
      {.id = DeviceId("box"), .kind = DeviceKind::remote, .lanes = at_once, .running = at_once});
  pc.room.push_back({DeviceId("box"), Bytes(0), {}, {}});
  Model model;
  model.id = ModelId("box/m");
  model.host = DeviceId("box");
  model.facts.parameters = 1'000'000'000;
  pc.fleet.models.push_back(model);
  pc.skills.push_back(0.9);
  pc.cards.push_back({.model = model.id,
                      .device = model.host,
                      .load = 2s,
                      .prefill_rate = 1000,
                      .decode_rate = 50});
  return pc;
}

TEST(HostPlan, AsksItBesideTheDevicesHere) {
  const Plan plan = plan_for(with_host(4));
  ASSERT_EQ(plan.asks.size(), 3u);
  const auto ask = std::ranges::find(plan.asks, ModelId("box/m"), &Ask::model);
  ASSERT_NE(ask, plan.asks.end());
  EXPECT_EQ(ask->device, DeviceId("box"));
  EXPECT_EQ(ask->start, 0s);
  EXPECT_EQ(ask->load, 0s);  // nobody waits for a load; what passes before it reads is its own
  EXPECT_GE(ask->prefill, 2s);
  EXPECT_LT(ask->prefill, 2s + 100ms);
}

TEST(HostPlan, HoldsItToTheFormOfTheAnswers) {
  Pc pc = with_host(4);
  pc.query.json_form = {std::string(tool_form_mark) + "root ::= \"1\"", R"({"const":1})"};
  const Plan plan = plan_for(pc);
  const auto ask = std::ranges::find(plan.asks, ModelId("box/m"), &Ask::model);
  ASSERT_NE(ask, plan.asks.end());
  EXPECT_EQ(ask->sampling.form, pc.query.json_form);
}

TEST(HostPlan, NeedsNoMemoryThatItTells) {
  const Pc pc = with_host(4);
  const auto needs = memory_of(plan_for(pc), pc.cards, pc.fleet.devices);
  ASSERT_EQ(needs.size(), 1u);
  EXPECT_EQ(needs[0].device, DeviceId("cpu"));
}

TEST(HostPlan, WaitsForItsTurnsThatOthersHave) {
  Pc pc = with_host(1);
  pc.query.models = {ModelId("box/m")};
  pc.room[1].taken = {{5s, Bytes(0)}};
  const Plan plan = plan_for(pc);
  ASSERT_EQ(members(plan), std::vector<std::string>{"box/m"});
  EXPECT_GE(plan.asks[0].start + plan.asks[0].wait, 5s);
}

TEST(HostPlan, OfAContextThatIsNotToldTakesAnyQuestion) {
  Pc pc = with_host(1);
  pc.query.messages[0].text = std::string(300'000, 'x');
  pc.query.time_limit = 1h;
  for (const auto& ask : plan_for(pc).asks) EXPECT_EQ(ask.model, ModelId("box/m"));
}

}  // namespace
}  // namespace kai
