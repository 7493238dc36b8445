// Ollama's store, as its servers write it.
#include <gtest/gtest.h>

#include "fleet/candidate.h"
#include "fleet/fake_store_test.h"
#include "fleet/fleet.h"

namespace kai {
namespace {

namespace fs = std::filesystem;

class OllamaStore : public testing::Test {
 protected:
  // Writes a blob whose digest is 64 times `digit`, and gives its layer.
  std::string blob(const std::string& kind, char digit, const std::string& text) const {
    folder.write("blobs/sha256-" + std::string(64, digit), text);
    return layer(kind, digit, text.size());
  }
  static std::string layer(const std::string& kind, char digit, std::size_t size) {
    return R"({"mediaType":"application/vnd.ollama.image.)" + kind + R"(","digest":"sha256:)" +
           std::string(64, digit) + R"(","size":)" + std::to_string(size) + "}";
  }
  void manifest(const std::string& name, const std::string& layers) const {
    folder.write("manifests/" + name, R"({"schemaVersion":2,"layers":[)" + layers + "]}");
  }
  Search search() const { return search_ollama(folder.path, 256); }
  FoundFile only() const {
    const auto found = search();
    EXPECT_EQ(found.candidates.size(), 1u);
    return found.candidates.empty() ? FoundFile() : found.candidates[0];
  }

  TempFolder folder;
};

TEST_F(OllamaStore, FindsAModelInPlaceWithItsStopWords) {
  manifest("registry.ollama.ai/library/llama3.2/3b",
           blob("model", 'a', "GGUF…") + "," + blob("params", 'b', R"({"stop":["<|eot_id|>"]})") +
               "," + layer("template", 'c', 5));
  const FoundFile model = only();
  EXPECT_EQ(model.refused, "");
  EXPECT_EQ(model.name, "llama3.2:3b");
  EXPECT_EQ(model.ollama, "llama3.2:3b");
  EXPECT_EQ(model.path, folder / "blobs/sha256-" + std::string(64, 'a'));
  EXPECT_EQ(model.stop, std::vector<std::string>{"<|eot_id|>"});
}

TEST_F(OllamaStore, TagsOfOneBlobAreOneModelByTheBetterName) {
  const auto model = blob("model", 'a', "GGUF");
  manifest("registry.ollama.ai/library/llama3.2/3b", model);
  manifest("registry.ollama.ai/library/llama3.2/latest", model);
  manifest("registry.ollama.ai/library/aaa/latest", model);
  EXPECT_EQ(only().name, "llama3.2:3b");
}

TEST_F(OllamaStore, OthersModelsAreNamedInFullForThePull) {
  manifest("hf.co/someone/Repo/Q4_K_M", layer("model", 'a', 4));
  manifest("registry.ollama.ai/someone/thing/7b", layer("model", 'b', 4));
  const auto found = search();
  ASSERT_EQ(found.candidates.size(), 2u);
  EXPECT_TRUE(found.candidates[0].refused.ends_with("run `ollama pull hf.co/someone/Repo:Q4_K_M`"));
  EXPECT_TRUE(found.candidates[1].refused.ends_with("run `ollama pull someone/thing:7b`"));
}

TEST_F(OllamaStore, WhatIsDamagedSaysWhatToPull) {
  const auto refused = [&](const std::string& layers) {
    manifest("registry.ollama.ai/library/phi3/3.8b", layers);
    EXPECT_EQ(only().name, "phi3:3.8b");
    return only().refused;
  };
  const std::string digest(64, 'a');
  EXPECT_EQ(refused(layer("model", 'a', 4)),
            "its blob sha256-" + digest + " is gone; run `ollama pull phi3:3.8b`");
  blob("model", 'a', "GGUF");
  EXPECT_EQ(refused(layer("model", 'a', 9)),
            "its blob sha256-" + digest + " has 4 of 9 bytes; run `ollama pull phi3:3.8b`");
  blob("model", 'a', "");
  EXPECT_EQ(refused(layer("model", 'a', 0)),
            "its blob is empty (0 bytes); fetch it again; run `ollama pull phi3:3.8b`");
  EXPECT_EQ(refused(""),
            "its manifest cannot be used: field \"layers\" holds no model (one that "
            "runs in the cloud?); run `ollama pull phi3:3.8b`");
  folder.write("manifests/registry.ollama.ai/library/phi3/3.8b", "not JSON");
  EXPECT_TRUE(only().refused.starts_with("its manifest cannot be used: not valid JSON"));
  folder.write("manifests/registry.ollama.ai/library/phi3/3.8b", "");
  EXPECT_TRUE(only().refused.starts_with("its manifest is empty"));
  blob("model", 'a', "GGUF");
  EXPECT_EQ(refused(layer("model", 'a', 4) + "," + layer("adapter", 'b', 1)),
            "needs an adapter, which kai does not load; ask it through Ollama instead");
}

TEST_F(OllamaStore, BrokenParametersCostTheStopWordsOnly) {
  manifest("registry.ollama.ai/library/phi3/3.8b",
           blob("model", 'a', "GGUF") + "," + blob("params", 'b', "broken"));
  EXPECT_EQ(only().refused, "");
  EXPECT_TRUE(only().stop.empty());
}

TEST_F(OllamaStore, AMissingStoreAndALimitAreNoted) {
  EXPECT_EQ(search().notes,
            std::vector<std::string>{"there is no Ollama store in " + folder.path.string()});
  for (const char* tag : {"1b", "2b", "3b"}) {
    manifest(std::string("registry.ollama.ai/library/m/") + tag, layer("model", 'a', 4));
  }
  const auto found = search_ollama(folder.path, 2);
  EXPECT_EQ(found.candidates.size(), 2u);
  EXPECT_EQ(found.notes, std::vector<std::string>{
                             "more than 2 models in Ollama's store: m:3b and those after it are "
                             "left out"});
}

TEST_F(OllamaStore, ABlobThatLlamaCppRefusesIsOfferedThroughOllama) {
  manifest("registry.ollama.ai/library/llama3.2/latest", blob("model", 'a', "GGUF"));
  FakeStore store;
  FleetOptions options;
  options.worker = KAI_WORKER;
  options.ollama_store = folder.path;
  const auto found = find_models(options, store, nullptr);
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].id.text, "llama3.2:latest");
  EXPECT_TRUE(found.models[0].refused.ends_with("; ask it through Ollama instead"))
      << found.models[0].refused;
}

TEST_F(OllamaStore, AStarterModelInItIsReadInPlace) {
  const char* home = std::getenv("HOME");
  const std::string file = std::string(home != nullptr ? home : "") +
                           "/.local/share/kai/models/SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!fs::exists(file)) GTEST_SKIP() << file << " is not here (make models)";
  folder.write("blobs/keep", "");
  fs::create_symlink(file, folder / "blobs/sha256-" + std::string(64, 'a'));
  manifest("registry.ollama.ai/library/smollm2/135m",
           layer("model", 'a', fs::file_size(file)) + "," +
               blob("params", 'b', R"({"stop":["<|im_end|>"]})"));
  FakeStore store;
  FleetOptions options;
  options.worker = KAI_WORKER;
  options.ollama_store = folder.path;
  const auto found = find_models(options, store, nullptr);
  ASSERT_EQ(found.models.size(), 1u);
  EXPECT_EQ(found.models[0].id.text, "smollm2:135m");
  EXPECT_EQ(found.models[0].refused, "");
  EXPECT_EQ(found.models[0].chat.stop, std::vector<std::string>{"<|im_end|>"});
}

}  // namespace
}  // namespace kai
