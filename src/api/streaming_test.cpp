// What a client sees of an answer while it comes (R33), and what becomes of one that leaves.
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_api::ApiTest;

std::string chat(const std::string& more = "") {
  return R"({"model":"kai:auto","stream":true,"messages":[{"role":"user","content":"Why?"}])" +
         more + "}";
}

// The words of all events or lines of a stream, in their order.
std::string words_of(const std::string& stream) {
  std::string words;
  const std::string key = R"("content":")";
  for (auto at = stream.find(key); at != std::string::npos; at = stream.find(key, at + 1)) {
    const auto begin = at + key.size();
    words += stream.substr(begin, stream.find('"', begin) - begin);
  }
  return words;
}

int count(const std::string& text, const std::string& words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

event::Draft draft(std::string member, std::string text, bool anew = false) {
  return {MemberId(std::move(member)), std::move(text), anew};
}

TEST_F(ApiTest, AnOpenAnswerStreamsAsItIsWritten) {
  script = {event::Started{.plan = {.tier = Tier::medium}}, draft("small:1b", "Pa"),
            draft("small:1b", "ris.")};
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto openai = co_await test.post("/v1/chat/completions", chat());
    EXPECT_EQ(words_of(openai), "Paris.") << openai;
    EXPECT_EQ(count(openai, R"("content":)"), 2);
    EXPECT_EQ(count(openai, R"("role":"assistant")"), 1);
    EXPECT_EQ(count(openai, "data: [DONE]"), 1);
    EXPECT_EQ(count(openai, R"("choices":[])"), 0) << "breaks clients that asked for no usage";
    EXPECT_NE(openai.find("x-kai-tier: medium"), std::string::npos);
    EXPECT_NE(openai.find("Content-Type: text/event-stream"), std::string::npos);
    const auto ollama = co_await test.post("/api/chat", chat());
    EXPECT_EQ(words_of(ollama), "Paris.") << ollama;
    EXPECT_EQ(count(ollama, R"("done":true)"), 1);
  }(*this));
}

TEST_F(ApiTest, AClosedAnswerComesOnceItIsSettled) {
  script = {event::Started{}, event::Token{MemberId("small:1b"), "Lyon"}};
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto said = co_await test.post("/v1/chat/completions",
                                         chat(R"(,"stream_options":{"include_usage":true})"));
    EXPECT_EQ(words_of(said), "Paris.") << said;
    EXPECT_EQ(count(said, R"("choices":[])"), 1);
    EXPECT_EQ(count(said, R"("usage":null)"), 2);
  }(*this));
}

// A request whose reply is read later.
Task<std::unique_ptr<http::Socket>> begin(ApiTest* test, std::string path, std::string body) {
  auto client = co_await test->connect();
  co_await client->write(*test->clock,
                         "POST " + path +
                             " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                             "Content-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body,
                         test->soon());
  co_return client;
}

// Nobody takes it for dead: neither while it is asked nor while it waits for its turn.
TEST_F(ApiTest, ACallOfAToolComesWholeAndNoWordsWithIt) {
  ending.verdict.text = R"({"tool": "f", "arguments": {"x": 1}})";
  Answer author;
  author.member = ending.verdict.author;
  author.ending = Ending::complete;
  author.text = ending.verdict.text;
  author.document = R"({"arguments":{"x":1},"tool":"f"})";
  ending.answers = {author};
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"f"}}])";
    const auto openai = co_await test.post("/v1/chat/completions", chat(tools));
    EXPECT_EQ(words_of(openai), "") << openai;
    EXPECT_EQ(count(openai, R"("tool_calls":[)"), 1) << openai;
    EXPECT_EQ(count(openai, R"("finish_reason":"tool_calls")"), 1) << openai;
    const auto ollama = co_await test.post("/api/chat", chat(tools));
    EXPECT_EQ(words_of(ollama), "") << ollama;
    EXPECT_EQ(count(ollama, R"("tool_calls":[{"function":{"name":"f")"), 1) << ollama;
  }(*this));
}

TEST_F(ApiTest, LogprobsComeWithTheSettledWords) {
  script = {event::Started{}, draft("small:1b", "Lyon")};
  Answer author;
  author.member = ending.verdict.author;
  author.ending = Ending::complete;
  author.text = ending.verdict.text;
  ending.answers = {author};
  ending.tokens = {{{" Paris", -0.5}, {}}, {{".", -0.25}, {}}};
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto said = co_await test.post("/v1/chat/completions", chat(R"(,"logprobs":true)"));
    EXPECT_EQ(words_of(said), "Paris.") << said;
    EXPECT_EQ(count(said, R"("token":" Paris","logprob":-0.5)"), 1) << said;
    EXPECT_EQ(test.last.top_logprobs, 0);
    const auto reply = co_await test.post(
        "/v1/responses", R"({"model":"kai","input":"Why?","stream":true,"top_logprobs":2,)"
                         R"("include":["message.output_text.logprobs"]})");
    EXPECT_EQ(count(reply, R"("delta":"Paris.")"), 1) << reply;
    EXPECT_EQ(test.last.top_logprobs, 2);
    co_await test.post("/v1/chat/completions", chat());
    EXPECT_FALSE(test.last.top_logprobs);
  }(*this));
}

TEST_F(ApiTest, ASilentStreamSaysThatItLives) {
  gated = true;
  serve_api({.questions_max = 1, .silence_max = 5ms});
  run([](ApiTest& test) -> Task<void> {
    const auto asked = co_await begin(&test, "/api/chat", chat());
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    const auto waits = co_await begin(&test, "/v1/chat/completions", chat());
    std::string early;
    while (!early.contains(": kai is thinking")) {
      const auto bytes = co_await waits->read(*test.clock, test.soon());
      EXPECT_TRUE(bytes && !bytes->empty()) << early;
      if (!bytes || bytes->empty()) break;
      early += *bytes;
    }
    EXPECT_EQ(test.begun, 1) << "the second has its turn still before it";
    test.gate.resume();
    const auto first = co_await test.read_all(*asked);
    EXPECT_GE(count(first, R"("content":""},"done":false)"), 1) << first;
    EXPECT_EQ(words_of(first), "Paris.");
    while (test.begun == 1 || test.running == 0) {
      co_await test.clock->sleep_until(test.clock->now() + 1ms);
    }
    test.gate.resume();
    EXPECT_EQ(words_of(co_await test.read_all(*waits)), "Paris.");
  }(*this));
}

// What was sent cannot be taken back in these protocols.
TEST_F(ApiTest, ARevisionIsSaidInTheText) {
  script = {event::Started{}, draft("big:7b", "Lyo"), draft("small:1b", "Paris.", true)};
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    EXPECT_EQ(words_of(co_await test.post("/api/chat", chat())),
              R"(Lyo\n\n[revised: small:1b answers in place of big:7b]\n\nParis.)");
    EXPECT_EQ(words_of(co_await test.post("/api/chat", chat(R"(,"kai":{"stream":"settled"})"))),
              "Paris.");
  }(*this));
}

TEST_F(ApiTest, AFailureInTheMiddleEndsTheStreamWithAnError) {
  script = {event::Started{}, draft("small:1b", "Par")};
  ending.error = Error{ErrorCode::internal, "all died"};
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto openai = co_await test.post("/v1/chat/completions", chat());
    EXPECT_NE(openai.find(R"(data: {"error":{"message":"all died")"), std::string::npos) << openai;
    EXPECT_EQ(openai.find("[DONE]"), std::string::npos);
    const auto ollama = co_await test.post("/api/chat", chat());
    EXPECT_NE(ollama.find("{\"error\":\"all died\"}\n"), std::string::npos) << ollama;
  }(*this));
}

TEST_F(ApiTest, WhoLeavesCancelsItsQuestion) {
  gated = true;
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    for (const std::string stream : {"true", "false"}) {
      test.script = {event::Started{}, draft("small:1b", "Par")};
      const int before = test.cancellations;
      const auto client = co_await test.connect();
      const std::string body = R"({"model":"kai","stream":)" + stream +
                               R"(,"messages":[{"role":"user","content":"Why?"}]})";
      co_await client->write(*test.clock,
                             "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                             "Content-Length: " +
                                 std::to_string(body.size()) + "\r\n\r\n" + body,
                             test.soon());
      while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
      co_await test.clock->sleep_until(test.clock->now() + 10ms);
      const Time left = test.clock->now();
      client->close();
      co_await test.clock->sleep_on(test.left, test.soon());
      EXPECT_EQ(test.cancellations, before + 1);
      EXPECT_LT(test.clock->now() - left, 500ms);
      co_await test.clock->sleep_until(test.clock->now() + 1ms);  // for its turn to be given back
      EXPECT_EQ(test.api->questions(), 0);
    }
  }(*this));
}

TEST_F(ApiTest, WhoLeavesTheQueueIsNotAnswered) {
  gated = true;
  serve_api({.questions_max = 1});
  run([](ApiTest& test) -> Task<void> {
    const std::string request =
        "POST /api/chat HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: close\r\nContent-Length: " +
        std::to_string(chat().size()) + "\r\n\r\n" + chat();
    const auto first = co_await test.connect();
    co_await first->write(*test.clock, request, test.soon());
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    const auto second = co_await test.connect();
    co_await second->write(*test.clock, request, test.soon());
    co_await test.clock->sleep_until(test.clock->now() + 10ms);
    second->close();
    co_await test.clock->sleep_until(test.clock->now() + 10ms);
    test.gate.resume();
    EXPECT_EQ(words_of(co_await test.read_all(*first)), "Paris.");
    co_await test.clock->sleep_until(test.clock->now() + 10ms);
    EXPECT_EQ(test.begun, 1) << "the second was never begun";
    EXPECT_EQ(test.api->questions(), 0);
  }(*this));
}

}  // namespace
}  // namespace kai
