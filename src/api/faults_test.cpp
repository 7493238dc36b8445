// Faults of kai's own: an exception where none should be.
#include <gtest/gtest.h>

#include <stdexcept>

#include "api/testing.h"

namespace kai {
namespace {

using testing_api::ApiTest;

const std::string open_chat =
    R"({"model":"kai:auto","messages":[{"role":"user","content":"Why?"}])";

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

class OwnFaults : public ApiTest {
 public:
  void listen() {
    serve_api();
    api->on_fault([this](std::string sentence) { log.push_back(std::move(sentence)); });
  }
  std::vector<std::string> log;
};

TEST_F(OwnFaults, AQuestionThatThrowsIsAnsweredInItsProtocolAndTheServerGoesOn) {
  listen();
  run([](OwnFaults& test) -> Task<void> {
    test.throws = true;
    struct Asked {
      const char *path, *rest, *form;
    };
    const std::vector<Asked> all{
        {"/v1/chat/completions", "}", R"({"error":{"message":"a fault of kai's own)"},
        {"/v1/chat/completions", R"(,"stream":true})",
         R"({"error":{"message":"a fault of kai's own)"},
        {"/api/chat", R"(,"stream":false})", R"({"error":"a fault of kai's own)"},
        {"/api/chat", "}", R"({"error":"a fault of kai's own)"},
    };
    for (const auto& [path, rest, form] : all) {
      test.log.clear();
      const auto said = co_await test.post(path, open_chat + rest);
      EXPECT_TRUE(said.starts_with("HTTP/1.1 500 ")) << said;
      EXPECT_TRUE(has(said, form)) << said;
      EXPECT_FALSE(has(said, "secret")) << said;
      EXPECT_EQ(test.log.size(), 1u);
      if (!test.log.empty()) EXPECT_TRUE(has(test.log[0], "a secret fault")) << test.log[0];
    }
    test.throws = false;
    EXPECT_TRUE(has(co_await test.post("/api/chat", open_chat + "}"), "Paris."));
    EXPECT_EQ(test.api->questions(), 0);
  }(*this));
}

TEST_F(OwnFaults, InTheMiddleOfAStreamItEndsWithAnError) {
  listen();
  throws = true;
  script = {event::Started{}, event::Draft{MemberId("small:1b"), "Par", false}};
  run([](OwnFaults& test) -> Task<void> {
    const auto said = co_await test.post("/api/chat", open_chat + "}");
    EXPECT_TRUE(said.starts_with("HTTP/1.1 200 ") && has(said, "Par")) << said;
    EXPECT_TRUE(has(said, R"({"error":"a fault of kai's own)")) << said;
    test.throws = false;
    EXPECT_TRUE(has(co_await test.get("/healthz"), "HTTP/1.1 200 "));
  }(*this));
}

TEST_F(OwnFaults, AQuestionWithoutItsClientEndsToo) {
  listen();
  throws = true;
  run([](OwnFaults& test) -> Task<void> {
    const auto taken = co_await test.post("/api/v1/queries", R"({"question":"Why?"})");
    EXPECT_TRUE(taken.starts_with("HTTP/1.1 202 ")) << taken;
    const auto events = co_await test.get("/api/v1/queries/q_1/events");
    EXPECT_TRUE(has(events, "a fault of kai's own")) << events;
    EXPECT_EQ(test.log.size(), 1u);
  }(*this));
}

TEST_F(OwnFaults, AHandlerThatThrowsIs500InTheFormOfItsPath) {
  listen();
  api->watch({.metrics = []() -> std::string { throw std::runtime_error("a secret fault"); },
              .history = {},
              .alerts = []() -> AlertList { throw std::runtime_error("a secret fault"); },
              .silence = {}});
  run([](OwnFaults& test) -> Task<void> {
    for (const auto* path : {"/metrics", "/api/v1/alerts"}) {
      const auto said = co_await test.get(path);
      EXPECT_TRUE(said.starts_with("HTTP/1.1 500 ")) << said;
      EXPECT_TRUE(has(said, "a fault of kai's own") && !has(said, "secret")) << said;
    }
    EXPECT_TRUE(has(co_await test.get("/api/v1/alerts"), R"("code":"internal")"));
    EXPECT_EQ(test.log.size(), 3u);
  }(*this));
}

}  // namespace
}  // namespace kai
