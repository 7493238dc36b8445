#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "fleet/fleet.h"
#include "fleet/templates.h"

namespace kai {
namespace {

Model model_of(std::string id, std::int64_t parameters, std::int64_t weights) {
  Model model;
  model.id = ModelId(std::move(id));
  model.facts.parameters = parameters;
  model.facts.weights = Bytes(weights);
  return model;
}

Device device_of(std::string id, DeviceKind kind, int lanes, int threads) {
  Device device;
  device.id = DeviceId(std::move(id));
  device.kind = kind;
  device.lanes = lanes;
  device.threads_per_lane = threads;
  return device;
}

TEST(Cards, OneForEachUsablePair) {
  Fleet fleet;
  fleet.models = {model_of("small", 135'000'000, 98'000'000),
                  model_of("large", 8'000'000'000, 4'900'000'000), model_of("gone", 1, 1)};
  fleet.models[2].refused = "is gone";
  fleet.devices = {device_of("cpu", DeviceKind::cpu, 2, 1),
                   device_of("gpu0", DeviceKind::gpu, 2, 1)};
  const auto cards = estimate_cards(fleet);
  ASSERT_EQ(cards.size(), 4u);
  EXPECT_EQ(cards[0].measured, 0);
  EXPECT_GT(cards[1].decode_rate, cards[0].decode_rate);  // a GPU is faster
  EXPECT_LT(cards[2].decode_rate, cards[0].decode_rate);  // a larger model slower
  EXPECT_GT(cards[2].load, std::chrono::seconds(4));
}

// Two models measured alone on two otherwise idle cores of a recent server (`kai bench models`),
// whose speed `kai-worker speed` gave: 26 and 36 GB/s, 104 GFLOP/s.
TEST(Cards, AreWithinAFactorOfTwoOfWhatWasMeasured) {
  struct Case {
    const char* name;
    ModelFacts facts;
    double prefill_rate, decode_rate;  // tokens/s, measured
  };
  ModelFacts smollm2;
  smollm2.parameters = 134'515'008;
  smollm2.parameters_active = 106'203'456;
  smollm2.layers = 30;
  smollm2.weights = smollm2.weights_read = Bytes(96'576'768);
  ModelFacts gemma3;
  gemma3.parameters = 268'098'176;
  gemma3.parameters_active = 100'326'016;
  gemma3.layers = 18;
  gemma3.weights = gemma3.weights_read = Bytes(246'587'904);
  Device measured = device_of("cpu", DeviceKind::cpu, 2, 1);
  measured.running = 2;
  Device unknown = measured;
  measured.speed = DeviceSpeed{26e9, 36e9, 104e9};
  for (const auto& device : {measured, unknown}) {
    for (const auto& [name, facts, prefill_rate, decode_rate] :
         {Case{"smollm2:135m Q4_1", smollm2, 238, 130},
          Case{"gemma3:270m Q4_K_M", gemma3, 457, 81}}) {
      Model model = model_of(name, 0, 0);
      model.facts = facts;
      const Fleet fleet{{model}, {device}};
      const CostCard card = estimate_cards(fleet).at(0);
      const std::string what = std::string(name) + (device.speed ? ", measured" : ", constants");
      EXPECT_GT(card.prefill_rate, prefill_rate / 2) << what;
      EXPECT_LT(card.prefill_rate, prefill_rate * 2) << what;
      EXPECT_GT(card.decode_rate, decode_rate / 2) << what;
      EXPECT_LT(card.decode_rate, decode_rate * 2) << what;
    }
  }
}

TEST(Cards, LanesShareTheMemory) {
  Fleet fleet{{model_of("m", 8'000'000'000, 4'900'000'000)}, {}};
  Device device = device_of("cpu", DeviceKind::cpu, 2, 5);
  device.speed = DeviceSpeed{40e9, 50e9, 1e12};
  device.running = 1;
  fleet.devices.push_back(device);
  device.running = 2;
  fleet.devices.push_back(device);
  const auto cards = estimate_cards(fleet);
  EXPECT_NEAR(cards[0].decode_rate, 40 / 4.9, 0.1);
  EXPECT_NEAR(cards[1].decode_rate, 25 / 4.9, 0.1);
}

TEST(Cards, WhatATokenDoesNotMeetCostsItNothing) {
  Fleet fleet{{model_of("dense", 8'000'000'000, 4'900'000'000)},
              {device_of("cpu", DeviceKind::cpu, 1, 4)}};
  fleet.models.push_back(fleet.models[0]);
  fleet.models[1].id = ModelId("experts");
  fleet.models[1].facts.parameters_active = 2'000'000'000;
  fleet.models[1].facts.weights_read = Bytes(1'225'000'000);
  const auto cards = estimate_cards(fleet);
  EXPECT_NEAR(cards[1].prefill_rate / cards[0].prefill_rate, 4, 0.01);
  EXPECT_NEAR(cards[1].decode_rate / cards[0].decode_rate, 4, 0.01);
  EXPECT_EQ(cards[0].load, cards[1].load);
}

RC_GTEST_PROP(Cards, RatesArePositiveWhateverTheFacts,
              (std::int64_t parameters, std::int64_t weights, int lanes, int threads)) {
  Fleet fleet;
  fleet.models = {model_of("m", parameters, weights)};
  fleet.devices = {device_of("cpu", DeviceKind::cpu, lanes, threads),
                   device_of("gpu0", DeviceKind::gpu, lanes, threads)};
  for (const auto& card : estimate_cards(fleet)) {
    RC_ASSERT(card.prefill_rate > 0 && card.prefill_rate < 1e6);
    RC_ASSERT(card.decode_rate > 0 && card.decode_rate < 1e6);
    RC_ASSERT(card.load > Duration::zero());
  }
}

double prior(const char* id, double billions) {
  ModelFacts facts;
  facts.parameters = static_cast<std::int64_t>(billions * 1e9);
  return prior_of(facts, ModelId(id));
}

TEST(Priors, OrderModelsAsTheirScoresDo) {
  EXPECT_LT(prior("smollm2:135m", 0.135), prior("llama3.2:3b", 3.2));
  EXPECT_LT(prior("llama3.2:3b", 3.2), prior("gemma2:9b", 9.2));
  EXPECT_LT(prior("tinyllama:1.1b", 1.1), prior("phi3:3.8b", 3.8));
  EXPECT_LT(prior("qwen2.5:7b", 7.6), prior("qwen2.5:32b", 32.8));
}

TEST(Priors, AVariantIsOfItsFamilyAndAStrangerOfItsSize) {
  EXPECT_EQ(prior("qwen2.5-coder-abliterated:7b", 7.6), prior("qwen2.5-coder:7b", 7.6));
  EXPECT_NE(prior("qwen2.5-coder:7b", 7.6), prior("qwen2.5:7b", 7.6));
  EXPECT_EQ(prior("stranger:7b", 7), prior("another", 7));
  EXPECT_LT(prior("stranger:1b", 1), prior("stranger:30b", 30));
  EXPECT_EQ(prior("stranger", 0), prior("qwen2.5", -1));
}

TEST(Priors, AnUnknownGenerationCountsAsTheNewestKnown) {
  EXPECT_EQ(prior("gemma3:9b", 9), prior("gemma2:9b", 9));
  EXPECT_EQ(prior("qwen3:7b", 7.6), prior("qwen2.5:7b", 7.6));
  EXPECT_EQ(prior("qwen3-vl:7b", 7.6), prior("qwen2.5:7b", 7.6));
  EXPECT_EQ(prior("stranger3:7b", 7), prior("stranger:7b", 7));
}

TEST(Priors, BeyondAFamilysEndsSizeStillCounts) {
  EXPECT_LT(prior("gemma3:270m", 0.268), prior("gemma3:1b", 2.6));
  EXPECT_GT(prior("mistral:30b", 30), prior("mistral:7b", 7.24));
}

RC_GTEST_PROP(Priors, AreProbabilities, (const std::string& id, std::int64_t parameters)) {
  ModelFacts facts;
  facts.parameters = parameters;
  const double value = prior_of(facts, ModelId(id));
  RC_ASSERT(value > 0.0 && value < 1.0);
}

TEST(Templates, NamesAreQaAndLlamaCppsFamilies) {
  ASSERT_TRUE(template_named("qa"));
  EXPECT_TRUE(template_named("qa")->own_frames());
  EXPECT_EQ(template_named("qa")->stop, std::vector<std::string>{"\n"});
  EXPECT_EQ(template_named("chatml")->family, "chatml");
  EXPECT_FALSE(template_named("chatmL"));
  EXPECT_FALSE(template_named(""));
  EXPECT_TRUE(template_names().starts_with("qa, bailing, "));
}

TEST(Templates, TheLikelyOneIsAlwaysANameThatExists) {
  for (const char* id : {"tinyllama:1.1b", "llama3.1:8b", "gemma:2b", "phi3:14b", "qwen:4b",
                         "mixtral:8x7b", "codellama:13b", "stranger", "falcon3:7b"}) {
    EXPECT_TRUE(template_named(likely_template(ModelId(id), {}))) << id;
  }
  EXPECT_EQ(likely_template(ModelId("mistral:7b-instruct"), {}), "mistral-v1");
  EXPECT_TRUE(builtin_template(ModelId("gemma3:270m")));
  EXPECT_FALSE(builtin_template(ModelId("gemma3:27b")));
}

}  // namespace
}  // namespace kai
