#include <gtest/gtest.h>

#include "fleet/fleet.h"
#include "fleet/naming.h"

namespace kai {
namespace {

std::vector<std::string> ids_of(const std::vector<Model>& models) {
  std::vector<std::string> ids;
  for (const auto& model : models) ids.push_back(model.id.text);
  return ids;
}

TEST(HostModels, AreNamedBehindTheirEngine) {
  const auto models = host_models("vllm",
                                  {{.name = "meta-llama/Llama-3.1-8B-Instruct"},
                                   {.name = "llama3.2:3b"},
                                   {.name = "smollm2:latest"},
                                   {.name = "kai:expert"}},
                                  {});
  EXPECT_EQ(ids_of(models), (std::vector<std::string>{"vllm/llama3.1:8b", "vllm/llama3.2:3b",
                                                      "vllm/smollm2", "vllm/kai:expert"}));
  EXPECT_EQ(models[0].host, DeviceId("vllm"));
  EXPECT_EQ(models[0].host_name, "meta-llama/Llama-3.1-8B-Instruct");
  EXPECT_EQ(models[0].facts.parameters, 8'000'000'000);
  EXPECT_TRUE(models[0].remote());
  EXPECT_TRUE(models[0].refused.empty());
}

TEST(HostModels, AreJudgedByTheirFamilyAsFilesAre) {
  const auto models = host_models("box", {{.name = "Meta-Llama-3.1-8B"}, {.name = "x"}}, {});
  ModelFacts facts;
  facts.parameters = 8'000'000'000;
  EXPECT_EQ(models[0].prior, prior_of(facts, ModelId("llama3.1:8b")));
  EXPECT_GT(models[0].prior, models[1].prior);
}

TEST(HostModels, OfOneNameAreToldApart) {
  const auto models = host_models("box", {{.name = "a/x-7b"}, {.name = "b/x-7b"}}, {});
  EXPECT_EQ(ids_of(models), (std::vector<std::string>{"box/x:7b", "box/x:7b-2"}));
}

TEST(HostModels, TakeWhatTheConfigurationSays) {
  FleetOptions options;
  options.overrides = {{.model = "box/*", .prior = 0.9}, {.model = "box/bad", .disabled = true}};
  const auto models = host_models("box", {{.name = "good"}, {.name = "bad"}}, options);
  EXPECT_EQ(models[0].prior, 0.9);
  EXPECT_EQ(models[1].refused, "is disabled in kai.toml");
}

TEST(HostModels, ForEmbeddingsAreRefused) {
  const auto models = host_models("box", {{.name = "nomic-embed-text", .writes = false}}, {});
  EXPECT_TRUE(models[0].refused.starts_with("is an embedding model"));
}

TEST(HostModels, HaveACardOnTheirHostAlone) {
  Fleet fleet;
  Model& file = fleet.models.emplace_back();
  file.id = ModelId("file");
  for (auto& model : host_models("box", {{.name = "m"}}, {})) fleet.models.push_back(model);
  for (const auto& [id, kind] : {std::pair{"cpu", DeviceKind::cpu},
                                 {"box", DeviceKind::remote},
                                 {"other", DeviceKind::remote}}) {
    fleet.devices.push_back({.id = DeviceId(id), .kind = kind});
  }
  const auto cards = estimate_cards(fleet);
  ASSERT_EQ(cards.size(), 2u);
  EXPECT_EQ(cards[0].model.text + " on " + cards[0].device.text, "file on cpu");
  EXPECT_EQ(cards[1].model.text + " on " + cards[1].device.text, "box/m on box");
  EXPECT_EQ(memory_need(cards[1], Tokens(4096), 4), Bytes(0));
  EXPECT_GT(cards[1].decode_rate, 0);
}

TEST(Naming, ReadsTheParametersOfAnId) {
  EXPECT_EQ(parameters_in("llama3.1:8b"), 8'000'000'000);
  EXPECT_EQ(parameters_in("smollm2:135m"), 135'000'000);
  EXPECT_EQ(parameters_in("mixtral:8x7b"), 56'000'000'000);
  EXPECT_EQ(parameters_in("gemma3n:e4b"), 4'000'000'000);
  EXPECT_EQ(parameters_in("gpt-oss"), 0);
  EXPECT_EQ(parameters_in(""), 0);
}

}  // namespace
}  // namespace kai
