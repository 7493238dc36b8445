// Texts as vectors, as clients ask for them.
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using testing_api::ApiTest;

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST_F(ApiTest, TextsAsVectors) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto openai =
        co_await test.post("/v1/embeddings", R"({"model":"minilm","input":["a","b"]})");
    EXPECT_TRUE(has(openai, "HTTP/1.1 200 ") && has(openai, R"("index":1,"embedding":[0.6,0.8])"))
        << openai;
    const auto ollama = co_await test.post("/api/embed", R"({"model":"minilm","input":"a"})");
    EXPECT_TRUE(has(ollama, R"("embeddings":[[0.6,0.8]])")) << ollama;
    const auto less =
        co_await test.post("/api/embed", R"({"model":"minilm","input":"a","dimensions":1})");
    EXPECT_TRUE(has(less, R"("embeddings":[[1]])")) << less;
    EXPECT_EQ(test.api->questions(), 0);
  }(*this));
}

TEST_F(ApiTest, RefusesTextsInTheProtocolsOwnForm) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto none = co_await test.post("/v1/embeddings", R"({"model":"kai","input":"a"})");
    EXPECT_TRUE(has(none, "HTTP/1.1 404 ") && has(none, R"("code":"not_found")")) << none;
    const auto wide =
        co_await test.post("/v1/embeddings", R"({"model":"minilm","input":"a","dimensions":3})");
    EXPECT_TRUE(has(wide, "HTTP/1.1 400 ") && has(wide, R"("param":"dimensions")")) << wide;
    const auto wrong = co_await test.post("/api/embed", R"({"model":"minilm","input":[]})");
    EXPECT_TRUE(has(wrong, "HTTP/1.1 400 ") && has(wrong, R"({"error":")")) << wrong;
  }(*this));
}

}  // namespace
}  // namespace kai
