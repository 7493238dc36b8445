#include "sim/naive.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "sim/pc_testing.h"

namespace kai {
namespace {

std::vector<std::size_t> members(const Pc& pc, const std::vector<std::string>& names) {
  auto found = find_models(pc, names);
  ensure(found.has_value(), "the reference PC has the models");
  return *std::move(found);
}

TEST(Naive, TakesWhatIsKnownOfTheReferencePc) {
  const Pc pc = reference_pc();
  ASSERT_EQ(pc.known.size(), 9u);
  for (const auto& known : pc.known) {
    const auto run = run_naive(pc, members(pc, known.models), {});
    EXPECT_NEAR(run.makespan.count() / seconds(known.naive), 1, 0.05) << known.name;
    EXPECT_NEAR(bound(pc, members(pc, known.models), {}).count(), seconds(known.bound), 0.06)
        << known.name;
    if (!known.naive_gpu_busy) continue;
    EXPECT_NEAR(run.gpu_busy, *known.naive_gpu_busy, 0.02) << known.name;
  }
}

TEST(Naive, EachMayWriteAsMuchAsItDoes) {
  const Pc pc = reference_pc();
  const auto models = members(pc, {"gemma:2b", "llama3.2:3b", "mistral:7b"});
  const auto alike = run_naive(pc, models, {});
  EXPECT_EQ(run_naive_each(pc, models, std::vector<PcQuestion>(3)).makespan, alike.makespan);
  std::vector<PcQuestion> questions(3);
  questions[2].answer = Tokens(20);
  const auto shorter = run_naive_each(pc, models, questions);
  EXPECT_LT(shorter.makespan, alike.makespan);
}

TEST(Naive, LoadsOneAtATimeAndAnswersMeanwhile) {
  const Pc pc = reference_pc();
  const auto run = run_naive(pc, members(pc, {"gemma:2b", "llama3.2:3b"}), {});
  std::vector<std::string> told;
  for (const auto& event : run.events) {
    told.push_back(event.model + " " + std::string(to_string(event.stage)));
  }
  const std::vector<std::string> expected{
      "gemma:2b load",   "gemma:2b ready",    "gemma:2b prefill",    "llama3.2:3b load",
      "gemma:2b decode", "llama3.2:3b ready", "llama3.2:3b prefill", "llama3.2:3b decode",
      "gemma:2b ready",  "llama3.2:3b ready"};
  EXPECT_EQ(told, expected);
}

TEST(Naive, WhatDoesNotFitTheEmptyGpuIsSplit) {
  const Pc pc = reference_pc();
  const auto run = run_naive(pc, members(pc, {"codellama:13b"}), {});
  ASSERT_FALSE(run.events.empty());
  EXPECT_NEAR(run.events[0].share, 7.3 / (7.37 + 819200 * 4096.0 / 1e9), 1e-6);
  EXPECT_GT(run.cpu_busy, 0.5);
}

TEST(Naive, WhatThePcsMemoryDoesNotHoldEitherIsRefused) {
  Pc pc = reference_pc();
  const auto both = members(pc, {"codellama:13b", "gemma:2b"});
  EXPECT_TRUE(run_naive(pc, both, {}).refused.empty());
  // Its weights and its KV cache are 10.7 GB, of which the GPU holds 7.3.
  pc.memory = Bytes(3'500'000'000);
  EXPECT_TRUE(run_naive(pc, both, {}).refused.empty());
  pc.memory = Bytes(3'300'000'000);
  const auto run = run_naive(pc, both, {});
  EXPECT_EQ(run.refused, std::vector<std::string>{"codellama:13b"});
  EXPECT_EQ(run.makespan, run_naive(pc, members(pc, {"gemma:2b"}), {}).makespan);
  const auto nobody = run_naive(pc, members(pc, {"codellama:13b"}), {});
  EXPECT_EQ(nobody.makespan, Seconds(0));
  EXPECT_TRUE(nobody.events.empty());
}

TEST(Naive, AnUnknownModelIsNamed) {
  const auto found = find_models(reference_pc(), {"gemma:2b", "gemma:3b"});
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().message.contains("gemma:3b")) << found.error().message;
}

RC_GTEST_PROP(Naive, EveryModelAnswersOnceWithinTheLimits, ()) {
  static const Pc pc = reference_pc();
  std::vector<std::size_t> asked;
  for (std::size_t at = 0; at < pc.models.size(); ++at) {
    if (*rc::gen::arbitrary<bool>()) asked.push_back(at);
  }
  if (asked.empty()) asked.push_back(0);
  const NaiveOptions options{.loaded_max = *rc::gen::inRange(1, 6)};
  const auto run = run_naive(pc, asked, {}, options);
  std::map<std::string, int> answered;
  std::map<std::string, PcStage> stage;
  for (const auto& event : run.events) {
    RC_ASSERT(event.gpu_taken <= pc.gpu_memory);
    if (event.stage == PcStage::decode) ++answered[event.model];
    stage[event.model] = event.stage;
    int loaded = 0, loading = 0;
    for (const auto& [name, now] : stage) {
      loaded += now != PcStage::absent;
      loading += now == PcStage::loading;
    }
    RC_ASSERT(loaded <= options.loaded_max);
    RC_ASSERT(loading <= 1);
  }
  RC_ASSERT(answered.size() == asked.size());
  for (const auto& [name, times] : answered) RC_ASSERT(times == 1);
  RC_ASSERT(run.makespan > bound(pc, asked, {}));
  RC_ASSERT(run.gpu_busy <= 1);
}

}  // namespace
}  // namespace kai
