// A host that speaks Ollama's protocol.
#include <gtest/gtest.h>

#include "engines/host.h"
#include "engines/host_testing.h"

namespace kai {
namespace {

using namespace testing_hosts;

class OllamaHost : public HostTest {
 protected:
  OllamaHost() {
    options_.kind = wire::HostKind::ollama;
    options_.base = "";
  }
};

// As Ollama's docs/api.md shows them.
TEST_F(OllamaHost, AnswersLineByLine) {
  there_.on(
      "POST /api/chat",
      {lines + R"({"model":"m","created_at":"2026-01-01T00:00:00Z",)"
               R"("message":{"role":"assistant","content":"Pa"},"done":false})"
               "\n"
               R"({"model":"m","message":{"role":"assistant","content":"ris"},"done":false})"
               "\n"
               R"({"model":"m","message":{"role":"assistant","content":""},"done":true,)"
               R"("done_reason":"stop","total_duration":5,"prompt_eval_count":26,"eval_count":2})"
               "\n"});
  const Answer answer = ask();
  EXPECT_EQ(answer.text, "Paris");
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_EQ(answer.usage.prompt, Tokens(26));
  EXPECT_EQ(answer.usage.answer, Tokens(2));
}

TEST_F(OllamaHost, LoadsOnceWithTheContextOfEveryAsk) {
  there_.on("GET /api/ps", {reply("200 OK", "application/json", R"({"models":[]})")});
  there_.on("GET /api/ps",
            {reply("200 OK", "application/json", R"({"models":[{"name":"m","model":"m"}]})")});
  there_.on("GET /api/tags", {reply("200 OK", "application/json", R"({"models":[]})")});
  // It blocks for longer than a host that hangs would be waited for.
  there_.on("POST /api/chat",
            {"", 400ms,
             lines + R"({"model":"m","message":{"role":"assistant","content":""},)"
                     R"("done_reason":"load","done":true})"
                     "\n"});
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_GE(loaded->load, 400ms);
  EXPECT_GE(there_.count("GET /api/tags"), 2);
  const std::string sent = there_.last("POST /api/chat");
  EXPECT_TRUE(sent.contains(R"("options":{"num_ctx":4096})")) << sent;
  EXPECT_TRUE(sent.contains(R"("keep_alive":300)")) << sent;
  ASSERT_TRUE(load());
  EXPECT_EQ(there_.count("POST /api/chat"), 1);  // it is there already
  ask();
  EXPECT_TRUE(there_.last("POST /api/chat").contains(R"("num_ctx":4096)"));
}

TEST_F(OllamaHost, ALoadThatHangsIsTold) {
  for (const auto* target : {"GET /api/ps", "GET /api/tags", "POST /api/chat"}) {
    there_.on(target, {"", {}, "", true});
  }
  const auto loaded = load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::device_lost) << loaded.error().message;
}

TEST_F(OllamaHost, KnowsWhichModelsWrite) {
  there_.on("GET /api/tags",
            {reply("200 OK", "application/json",
                   R"({"models":[{"name":"nomic-embed-text:latest","digest":"a","size":5},)"
                   R"({"name":"llama3.2:3b","digest":"b","details":{"parameter_size":"3.2B",)"
                   R"("quantization_level":"Q4_K_M"}}]})")});
  there_.on("POST /api/show",
            {reply("200 OK", "application/json", R"({"capabilities":["embedding"]})")});
  there_.on("POST /api/show",
            {reply("200 OK", "application/json",
                   R"({"capabilities":["completion","tools"],"model_info":)"
                   R"({"general.architecture":"llama","llama.context_length":131072}})")});
  look();
  const auto& models = host().view().models;
  ASSERT_EQ(models.size(), 2u);
  EXPECT_FALSE(models[0].writes);
  EXPECT_TRUE(models[1].writes);
  EXPECT_EQ(models[1].parameters, 3'200'000'000);
  // It loads what it is asked for with as much context as it is told to, no more.
  EXPECT_EQ(models[1].context_max, Tokens(4096));
  look();
  EXPECT_EQ(there_.count("POST /api/show"), 2);  // each once
}

}  // namespace
}  // namespace kai
