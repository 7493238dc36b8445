// For the tests of worker: the starter models, where `make setup` puts them.
#pragma once

#include <gtest/gtest.h>
#include <llama.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "worker/runtime.h"

namespace kai::testing_worker {

inline std::string models_folder() {
  if (const char* given = std::getenv("KAI_TEST_MODELS")) return given;
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  return (data != nullptr ? std::string(data) : std::string(home) + "/.local/share") +
         "/kai/models";
}

inline void start_runtime_once() {
  [[maybe_unused]] static const bool started = (start_runtime(), true);
}

// Skips by name where the models are not there.
class StarterModels : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(smollm2) || !std::filesystem::exists(gemma3)) {
      GTEST_SKIP() << "the starter models are not in " << models_folder() << "; run make setup";
    }
    start_runtime_once();
  }

  struct FreeModel {
    void operator()(llama_model* model) const { llama_model_free(model); }
  };
  using Vocabulary = std::unique_ptr<llama_model, FreeModel>;

  // The words of a model without its weights.
  static Vocabulary vocabulary_of(const std::string& path) {
    auto params = llama_model_default_params();
    params.vocab_only = true;
    return Vocabulary(llama_model_load_from_file(path.c_str(), params));
  }

  const std::string smollm2 = models_folder() + "/SmolLM2-135M-Instruct.Q4_1.gguf";
  const std::string gemma3 = models_folder() + "/gemma-3-270m.Q4_K_M.gguf";
  const std::string minilm = models_folder() + "/../embedding/all-MiniLM-L6-v2.F16.gguf";
};

}  // namespace kai::testing_worker
