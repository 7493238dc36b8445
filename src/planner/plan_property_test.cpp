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

// A model's stay on its device.
struct Stay {
  Duration from{}, runs{}, until{};
  Bytes bytes{};
};

std::vector<Stay> stays_on(const Pc& pc, const DeviceRoom& room, const Plan& plan) {
  std::vector<Stay> stays;
  for (const auto& ask : plan.asks) {
    const bool beside = ask.share < 1 && ask.beside == room.device;
    if (ask.sample != 1 || (ask.device != room.device && !beside)) continue;
    const auto card = std::ranges::find_if(pc.cards, [&](const CostCard& one) {
      return one.model == ask.model && one.device == ask.device;
    });
    RC_ASSERT(card != pc.cards.end());
    CostCard extra = *card;
    if (std::ranges::count(room.in_use, ask.model) > 0) extra.weights = extra.buffers = Bytes(0);
    const SplitNeed need = split_need(extra, ask.context, ask.sequences, ask.share);
    const bool there = ask.load == Duration(0) && std::ranges::count(room.resident, ask.model) > 0;
    stays.push_back({there ? Duration(0) : ask.start, ask.start + ask.load + ask.wait, ask.end(),
                     beside ? need.beside : need.device});
  }
  return stays;
}

// Never more bytes than are free, never more at once than may answer.
void check_waves(const Pc& pc, const Plan& plan) {
  for (std::size_t device = 0; device < pc.room.size(); ++device) {
    const auto stays = stays_on(pc, pc.room[device], plan);
    for (const Stay& stay : stays) {
      for (const Duration at : {stay.from, stay.runs}) {
        Bytes held{};
        int running = 0;
        for (const Stay& other : stays) {
          if (other.from <= at && at < other.until) held += other.bytes;
          if (other.runs <= at && at < other.until) ++running;
        }
        RC_ASSERT(held <= pc.room[device].free);
        RC_ASSERT(running <= pc.fleet.devices[device].running);
      }
    }
  }
}

RC_GTEST_PROP(MakePlan, SplitsWithinBothDevices, (std::uint64_t seed)) {
  const Pc pc = random_pc(seed);
  PlannerOptions options;
  options.splits = true;
  const auto plan = make_plan(pc.input(), options);
  if (!plan) return;
  check(pc, *plan, options);
  check_waves(pc, *plan);
  for (const auto& ask : plan->asks) {
    RC_ASSERT(ask.share > 0 && ask.share <= 1);
    RC_ASSERT(ask.beside.text.empty() == (ask.share == 1.0));
    for (const auto& other : plan->asks) {
      if (ask.share == 1.0 || other.device != ask.beside) continue;
      // A further lane serves somebody else.
      if (std::ranges::find(pc.fleet.devices, ask.beside, &Device::id)->lanes > 1) continue;
      RC_ASSERT(other.end() <= ask.end() - ask.prefill - ask.decode || other.start >= ask.end() ||
                other.start + other.load + other.wait >= ask.end());
    }
  }
}

RC_GTEST_PROP(MakePlan, EndsWhenItsLastAskDoes, (std::uint64_t seed)) {
  const auto plan = make_plan(random_pc(seed).input());
  if (!plan) return;
  Duration last{};
  for (const auto& ask : plan->asks) last = std::max(last, ask.end());
  RC_ASSERT(last == plan->predicted);
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
  check_waves(pc, *plan);
  for (const auto& ask : plan->asks) RC_ASSERT(ask.share == 1.0);
  RC_ASSERT(members(*plan) == members(*make_plan(pc.input(), options)));
}

}  // namespace
}  // namespace kai
