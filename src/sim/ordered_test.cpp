#include "sim/ordered.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "sim/naive.h"
#include "sim/pc_testing.h"

namespace kai {
namespace {

constexpr Tokens context{640};

std::vector<std::size_t> members(const Pc& pc, const std::vector<std::string>& names) {
  auto found = find_models(pc, names);
  ensure(found.has_value(), "the reference PC has the models");
  return *std::move(found);
}

TEST(Ordered, TheNextIsLoadedWhileOneAnswersAndTheCpuAnswersBeside) {
  const Pc pc = reference_pc();
  const auto models = members(pc, {"mistral:7b", "llama3.2:3b", "tinyllama:1.1b"});
  const auto run =
      run_ordered(pc, {.gpu = {models[0], models[1]}, .cpu = {models[2]}}, {}, context);
  std::map<std::string, double> at;
  for (const auto& event : run.events) {
    at.try_emplace(event.model + " " + std::string(to_string(event.stage)), event.at.count());
  }
  EXPECT_LT(at["llama3.2:3b ready"], at["mistral:7b unload"]);
  EXPECT_DOUBLE_EQ(at["llama3.2:3b prefill"], at["mistral:7b unload"]);
  EXPECT_NEAR(at["tinyllama:1.1b prefill"], 0.1, 1e-6);
}

TEST(Ordered, TheBestOrderIsAsFastAsWhatIsKnownOfTheReferencePc) {
  const Pc pc = reference_pc();
  for (const auto& known : pc.known) {
    const auto models = members(pc, known.models);
    const auto run =
        run_ordered(pc, best_order(pc, models, {}, context, Splitting::allowed), {}, context);
    EXPECT_NEAR(run.makespan.count() / seconds(known.best), 1, 0.05) << known.name;
    EXPECT_GT(run.makespan, bound(pc, models, {})) << known.name;
  }
}

TEST(Ordered, WithoutSplittingWhatTheGpuCannotHoldIsTheCpus) {
  const Pc pc = reference_pc();
  const auto models = members(pc, {"gemma:2b", "mistral:7b", "codellama:13b"});
  const auto whole = best_order(pc, models, {}, context, Splitting::never);
  EXPECT_EQ(whole.cpu, members(pc, {"codellama:13b"}));
  for (const auto& event : run_ordered(pc, whole, {}, context).events) {
    EXPECT_TRUE(event.share == 0 || event.share == 1) << event.model;
  }
}

RC_GTEST_PROP(Ordered, EveryModelAnswersOnceOneAtATimeOnItsDevice, ()) {
  static const Pc pc = reference_pc();
  PcOrder order;
  for (std::size_t at = 0; at < pc.models.size(); ++at) {
    const int where = *rc::gen::inRange(0, 3);
    if (where == 1) order.gpu.push_back(at);
    if (where == 2) order.cpu.push_back(at);
  }
  if (order.gpu.empty() && order.cpu.empty()) order.gpu.push_back(0);
  const auto run = run_ordered(pc, order, {}, context);
  std::map<std::string, int> answered;
  int on_gpu = 0, on_cpu = 0;
  for (const auto& event : run.events) {
    RC_ASSERT(event.gpu_taken <= pc.gpu_memory);
    int& busy = event.share > 0 ? on_gpu : on_cpu;
    if (event.stage == PcStage::prefill) ++busy;
    if (event.stage == PcStage::ready && answered[event.model] > 0) --busy;
    if (event.stage == PcStage::decode) ++answered[event.model];
    RC_ASSERT(on_gpu <= 1 && on_cpu <= 1);
  }
  RC_ASSERT(answered.size() == order.gpu.size() + order.cpu.size());
  for (const auto& [name, times] : answered) RC_ASSERT(times == 1);
}

}  // namespace
}  // namespace kai
