#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using testing_planner::members;
using testing_planner::Pc;
using testing_planner::random_pc;

// What every plan must hold, whatever it was made for.
void check(const Pc& pc, const Plan& plan, const PlannerOptions& options) {
  RC_ASSERT(!plan.asks.empty());
  std::set<MemberId> members;
  std::map<ModelId, int> named;
  for (const auto& ask : plan.asks) {
    RC_ASSERT(members.insert(ask.member).second);
    RC_ASSERT(ask.deadline <= plan.deadline);
    RC_ASSERT(ask.deadline > pc.now || plan.deadline <= pc.now);
    RC_ASSERT(ask.context == ask.prompt + ask.answer_max);
    RC_ASSERT(ask.answer_max > Tokens(0));
    RC_ASSERT(ask.sample >= 1 && ask.sample <= options.samples_per_model_max);
    RC_ASSERT(ask.weight >= 0);
    if (ask.sample == 1) ++named[ask.model];
  }
  for (const auto& one : plan.left_out) {
    RC_ASSERT(!one.why.empty());
    ++named[one.model];
  }
  for (const auto& model : pc.fleet.models) RC_ASSERT(named[model.id] == 1);
}

void check_bytes(const Pc& pc, const Plan& plan) {
  std::map<DeviceId, Bytes> taken;
  for (const auto& ask : plan.asks) {
    if (ask.sample != 1) continue;
    const auto card = std::ranges::find_if(pc.cards, [&](const CostCard& one) {
      return one.model == ask.model && one.device == ask.device;
    });
    RC_ASSERT(card != pc.cards.end());
    const auto room = std::ranges::find(pc.room, ask.device, &DeviceRoom::device);
    CostCard extra = *card;
    if (std::ranges::count(room->resident, ask.model) > 0) extra.weights = extra.buffers = Bytes(0);
    taken[ask.device] += memory_need(extra, ask.context, ask.sequences);
  }
  for (const auto& room : pc.room) RC_ASSERT(taken[room.device] <= room.free);
}

RC_GTEST_PROP(MakePlan, HoldsItsPromisesForAnyPc, (std::uint64_t seed)) {
  const Pc pc = random_pc(seed);
  const PlannerOptions options;
  const auto plan = make_plan(pc.input(), options);
  if (!plan) {
    RC_ASSERT(plan.error().code == ErrorCode::no_members ||
              plan.error().code == ErrorCode::nothing_fits);
    return;
  }
  check(pc, *plan, options);
  check_bytes(pc, *plan);
  RC_ASSERT(members(*plan) == members(*make_plan(pc.input(), options)));
}

}  // namespace
}  // namespace kai
