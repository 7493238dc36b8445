#include "wire/embeddings.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kai::wire {
namespace {

Embedded embedded() {
  return {.vectors = {{0.6F, 0.8F, 0.0F}, {0.0F, 0.0F, 1.0F}},
          .read = Tokens(7),
          .load = std::chrono::milliseconds(2)};
}

TEST(Embeddings, ReadsWhatClientsSend) {
  const auto one = decode_openai_embeddings(
      R"({"model":"minilm","input":"Why?","encoding_format":"base64","dimensions":2,"user":"u"})");
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->texts, std::vector<std::string>{"Why?"});
  EXPECT_TRUE(one->base64);
  EXPECT_EQ(one->dimensions, 2);
  const auto two = decode_ollama_embed(
      R"({"model":"minilm","input":["a","b"],"truncate":true,"options":{},"keep_alive":"5m"})");
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(two->texts.size(), 2u);
}

TEST(Embeddings, RefusesByName) {
  for (const auto& [body, named] :
       {std::pair{R"({"model":"m"})", "input"}, std::pair{R"({"model":"m","input":[]})", "input"},
        std::pair{R"({"model":"m","input":""})", "input"},
        std::pair{R"({"model":"m","input":[1,2]})", "input"},
        std::pair{R"({"model":"m","input":"a","dimensions":0})", "dimensions"},
        std::pair{R"({"model":"m","input":"a","encoding_format":"int8"})", "encoding_format"},
        std::pair{R"({"model":"m","input":"a","colour":1})", "colour"}}) {
    const auto refused = decode_openai_embeddings(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_NE(refused.error().message.find(named), std::string::npos) << refused.error().message;
  }
  EXPECT_FALSE(decode_ollama_embed(R"({"model":"m","input":"a","truncate":false})"));
  EXPECT_FALSE(decode_ollama_embed(R"({"model":"m","input":"a","options":{"top_k":1}})"));
  EXPECT_FALSE(
      decode_openai_embeddings(R"({"model":"m","input":")" + std::string(70'000, 'a') + "\"}"));
}

TEST(Embeddings, AreTheGoldenLines) {
  EmbeddingRequest request{.model = "minilm", .texts = {"a", "b"}};
  EXPECT_EQ(encode_openai_embeddings(request, embedded()),
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.6,0.8,0]},)"
            R"({"object":"embedding","index":1,"embedding":[0,0,1]}],"model":"minilm",)"
            R"("usage":{"prompt_tokens":7,"total_tokens":7}})");
  EXPECT_EQ(encode_ollama_embed(request, embedded(), std::chrono::milliseconds(3)),
            R"({"model":"minilm","embeddings":[[0.6,0.8,0],[0,0,1]],"total_duration":3000000,)"
            R"("load_duration":2000000,"prompt_eval_count":7})");
  request.base64 = true;
  const std::string text = encode_openai_embeddings(request, embedded());
  // python3: base64.b64encode(struct.pack("<3f", 0.6, 0.8, 0))
  EXPECT_NE(text.find("mpkZP83MTD8AAAAA"), std::string::npos) << text;
}

TEST(Embeddings, ShorterVectorsHaveLengthOneAgain) {
  const auto less = shortened(embedded(), 1);
  ASSERT_TRUE(less);
  EXPECT_EQ(less->vectors[0], std::vector<float>{1.0F});
  EXPECT_EQ(less->vectors[1], std::vector<float>{0.0F}) << "nothing is left of it";
  EXPECT_EQ(shortened(embedded(), std::nullopt)->vectors[0].size(), 3u);
  const auto more = shortened(embedded(), 4);
  ASSERT_FALSE(more);
  EXPECT_NE(more.error().message.find("\"dimensions\""), std::string::npos);
}

}  // namespace
}  // namespace kai::wire
