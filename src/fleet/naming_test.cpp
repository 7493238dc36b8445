#include "fleet/naming.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace kai {
namespace {

ModelFacts facts_of(double billions, std::string name = {}, std::string architecture = "llama") {
  ModelFacts facts;
  facts.parameters = static_cast<std::int64_t>(billions * 1e9);
  facts.name = std::move(name);
  facts.architecture = std::move(architecture);
  return facts;
}

struct NameCase {
  const char* file;
  double billions;  // 0: the file was refused, its facts are unknown
  const char* id;
};

TEST(Naming, NamesFilesAsUsersKnowThem) {
  const NameCase cases[] = {
      {"SmolLM2-135M-Instruct.Q4_1.gguf", 0.1345, "smollm2:135m"},
      {"SmolLM2-135M-Instruct.Q4_1.gguf", 0, "smollm2:135m"},
      {"gemma-3-270m.Q4_K_M.gguf", 0.268, "gemma3:270m"},
      {"tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf", 1.1, "tinyllama:1.1b"},
      {"gemma-2b-it.Q8_0.gguf", 2.51, "gemma:2b"},
      {"Phi-3-mini-4k-instruct-q4.gguf", 3.82, "phi3:3.8b"},
      {"Phi-3-medium-128k-instruct-IQ4_XS.gguf", 13.96, "phi3:14b"},
      {"Phi-3.5-mini-instruct-Q4_K_M.gguf", 3.82, "phi3.5:3.8b"},
      {"Llama-3.2-3B-Instruct-Q4_K_M.gguf", 3.21, "llama3.2:3b"},
      {"Qwen1.5-4B-Chat.Q4_0.gguf", 3.95, "qwen:4b"},
      {"mistral-7b-instruct-v0.2.Q4_K_M.gguf", 7.24, "mistral:7b-instruct"},
      {"Mistral-7B-v0.1.Q4_K_M.gguf", 7.24, "mistral:7b"},
      {"Meta-Llama-3.1-8B-Instruct-Q5_K_S.gguf", 8.03, "llama3.1:8b"},
      {"meta-llama_Llama-3.1-8B-Instruct-Q5_K_S.gguf", 8.03, "llama3.1:8b"},
      {"gemma-2-9b-it-Q4_K_M.gguf", 9.24, "gemma2:9b"},
      {"codellama-13b-instruct.Q4_K_M.gguf", 13.0, "codellama:13b"},
      {"mixtral-8x7b-instruct-v0.1.Q4_K_M.gguf", 46.7, "mixtral:8x7b"},
      {"Qwen_Qwen3-30B-A3B-UD-Q4_K_XL.gguf", 30.5, "qwen3:30b-a3b"},
      {"qwen2.5-coder-7b-instruct-q4_0.gguf", 7.6, "qwen2.5-coder:7b"},
      {"DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", 7.6, "deepseek-r1-distill-qwen:7b"},
      {"gpt-oss-20b-mxfp4.gguf", 20.9, "gpt-oss:20b"},
      {"gemma-3n-E4B-it-Q4_K_M.gguf", 6.9, "gemma3n:e4b"},
      {"Mistral-Nemo-Instruct-2407-Q4_K_M.gguf", 12.2, "mistral-nemo:12b"},
      {"openhermes-2.5-mistral-7b.Q4_K_M.gguf", 7.24, "openhermes2.5-mistral:7b"},
      {"Hermes-3-Llama-3.1-8B.i1-Q4_K_M.gguf", 8.03, "hermes3-llama3.1:8b"},
      {"Llama-3.2-1B-Instruct-abliterated.F16.gguf", 1.24, "llama3.2:1b-abliterated"},
      {"phi-2.GGUF", 2.78, "phi2:2.8b"},
      {"broken.gguf", 0, "broken"},
      {".gguf", 0, "model"},
      {"../../etc/passwd.gguf", 0, "etc-passwd"},
      {"kai.gguf", 0, "my-kai"},
      {"\x01\xff\n.gguf", 0, "model"},
  };
  for (const auto& [file, billions, id] : cases) {
    EXPECT_EQ(model_name(file, facts_of(billions, "", billions > 0 ? "llama" : "")), id) << file;
  }
}

TEST(Naming, FallsBackToTheFactsWhereTheFileSaysNothing) {
  const auto facts = facts_of(0.1345, "Smollm2 135M 8k Lc100K Mix1 Ep2");
  EXPECT_EQ(model_name("ggml-model-q4_0.gguf", facts), "smollm2:135m-lc100k-mix1-ep2");
  EXPECT_EQ(model_name("model.gguf", facts_of(7.0, "", "llama")), "llama:7b");
  EXPECT_EQ(model_name("0123456789abcdef0123.gguf", facts_of(0.5, "", "qwen2")), "qwen2:500m");
}

TEST(Naming, MeetingNamesGetTheirQuantisationThenANumber) {
  const std::vector<Named> models = {
      {"llama3.2:3b", "Q4_K - Medium", "/b"},
      {"llama3.2:3b", "Q8_0", "/a"},
      {"llama3.2:3b", "Q8_0", "/c"},
      {"gemma:2b", "Q4_0", "/d"},
      {"gemma:2b", "", "/f"},
      {"gemma:2b", "", "/e"},
      {"phi3:14b", "(guessed) all F32", "/g"},
  };
  const auto ids = distinct_ids(models);
  const std::vector<std::string> expected = {
      "llama3.2:3b-q4_k_m", "llama3.2:3b-q8_0", "llama3.2:3b-q8_0-2", "gemma:2b-q4_0", "gemma:2b-2",
      "gemma:2b",           "phi3:14b"};
  ASSERT_EQ(ids.size(), expected.size());
  for (std::size_t index = 0; index < ids.size(); ++index) {
    EXPECT_EQ(ids[index].text, expected[index]);
  }
}

TEST(Naming, ANameThatLooksLikeASuffixedOneStaysDistinct) {
  const std::vector<Named> models = {
      {"a:1b", "Q4_0", "/1"}, {"a:1b", "Q4_0", "/2"}, {"a:1b-q4_0-2", "Q8_0", "/3"}};
  const auto ids = distinct_ids(models);
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 3u);
  EXPECT_EQ(ids[2].text, "a:1b-q4_0-2");
}

bool is_clean(const std::string& id) {
  return !id.empty() && id.size() <= 64 && !id.starts_with("kai:") &&
         std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view("._:-").contains(c);
         });
}

RC_GTEST_PROP(Naming, AnyBytesMakeACleanId, (const std::string& file, const std::string& name)) {
  RC_ASSERT(is_clean(model_name(file, facts_of(0, name, name))));
  RC_ASSERT(is_clean(model_name(file + ".gguf", facts_of(3.3, name))));
  const std::string id = clean_id(file);
  RC_ASSERT(is_clean(id));
  RC_ASSERT(clean_id(id) == id);
}

RC_GTEST_PROP(Naming, IdsAreDistinctWhateverTheOrder, ()) {
  // Few names, so that most of them meet; some as long as an id may be.
  const auto words = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 3)));
  const std::string names[] = {"a:1b", "a:1b-q4_0", "a:1b-2", std::string(64, 'x')};
  const std::string quantisations[] = {"Q4_0", "", "Q4_K - Medium"};
  std::vector<Named> models;
  for (const auto& [name, quantisation] : words) {
    models.push_back(
        {names[name], quantisations[quantisation], "/" + std::to_string(models.size())});
  }
  const auto ids = distinct_ids(models);
  RC_ASSERT(std::set(ids.begin(), ids.end()).size() == models.size());
  for (const auto& id : ids) RC_ASSERT(is_clean(id.text));

  std::ranges::reverse(models);
  auto reversed = distinct_ids(models);
  std::ranges::reverse(reversed);
  RC_ASSERT(reversed == ids);
}

TEST(Naming, StarsInPatternsStandForAnyText) {
  EXPECT_TRUE(matches("gemma3:270m", "gemma3:270m"));
  EXPECT_TRUE(matches("gemma*", "gemma3:270m"));
  EXPECT_TRUE(matches("*:2*m", "gemma3:270m"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_FALSE(matches("", "x"));
  EXPECT_FALSE(matches("gemma", "gemma3:270m"));
  EXPECT_FALSE(matches("*:7b", "gemma3:270m"));
  EXPECT_FALSE(matches("gemma3:270m*x", "gemma3:270m"));
}

// The obvious form, exponential in the stars.
bool matches_naively(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return matches_naively(pattern.substr(1), text) ||
           (!text.empty() && matches_naively(pattern, text.substr(1)));
  }
  return !text.empty() && pattern[0] == text[0] &&
         matches_naively(pattern.substr(1), text.substr(1));
}

RC_GTEST_PROP(Naming, MatchesAsTheNaiveTwin, ()) {
  const auto pattern = *rc::gen::container<std::string>(8, rc::gen::elementOf(std::string("*ab")));
  const auto text = *rc::gen::container<std::string>(10, rc::gen::elementOf(std::string("ab")));
  RC_ASSERT(matches(pattern, text) == matches_naively(pattern, text));
}

}  // namespace
}  // namespace kai
