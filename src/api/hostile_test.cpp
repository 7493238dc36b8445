// What broken and hostile clients send: each of these is refused in the error form of the protocol
// that its path belongs to, says what to do, and reaches no model. What is wrong with HTTP itself
// is in src/http/server_test.cpp and src/http/connection_test.cpp.
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_api::ApiTest;

// A protocol: where it takes questions, one that is right, and how its errors begin.
struct Protocol {
  std::string name, path, question, error;
};

void PrintTo(const Protocol& protocol, std::ostream* out) {
  *out << protocol.name;
}

const std::string user = R"([{"role":"user","content":"Why?"}])";
const std::vector<Protocol> protocols{
    {"OpenAi", "/v1/chat/completions", R"({"model":"kai","messages":)" + user + "}",
     R"({"error":{"message":")"},
    {"Responses", "/v1/responses", R"({"model":"kai","input":"Why?"})", R"({"error":{"message":")"},
    {"Embeddings", "/v1/embeddings", R"({"model":"minilm","input":"Why?"})",
     R"({"error":{"message":")"},
    {"OllamaChat", "/api/chat", R"({"model":"kai","messages":)" + user + "}", R"({"error":")"},
    {"OllamaGenerate", "/api/generate", R"({"model":"kai","prompt":"Why?"})", R"({"error":")"},
    {"OllamaEmbed", "/api/embed", R"({"model":"minilm","input":"Why?"})", R"({"error":")"},
    {"Native", "/api/v1/queries", R"({"question":"Why?"})", R"({"error":{"code":")"}};

std::string body_of(const std::string& answer) {
  const auto at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "" : answer.substr(at + 4);
}

class Hostile : public ApiTest, public testing::WithParamInterface<Protocol> {
 protected:
  void SetUp() override { serve_api(); }

 public:
  // Whether an answer is a refusal with `status` in the protocol's own form.
  void expect_refused(const std::string& answer, const std::string& status) const {
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status + " ")) << answer.substr(0, 500);
    EXPECT_TRUE(body_of(answer).starts_with(GetParam().error)) << answer.substr(0, 500);
  }
  Task<void> refuses(std::string body) {
    expect_refused(co_await post(GetParam().path, std::move(body)), "400");
    EXPECT_EQ(asked, 0);
  }
};

TEST_P(Hostile, InvalidJson) {
  run([](Hostile& test) -> Task<void> {
    for (const std::string body : {"{", "nonsense", "{}{}", "{\"model\":}", "null", "[]", "7"}) {
      co_await test.refuses(body);
    }
  }(*this));
}

TEST_P(Hostile, NoBody) {
  run([](Hostile& test) -> Task<void> { co_await test.refuses(""); }(*this));
}

TEST_P(Hostile, InvalidUtf8) {
  run([](Hostile& test) -> Task<void> {
    std::string body = GetParam().question;
    co_await test.refuses(body.replace(body.find("Why?"), 4, "\xff\xfe"));
  }(*this));
}

TEST_P(Hostile, NestingOf64) {
  run([](Hostile& test) -> Task<void> {
    std::string body = GetParam().question;
    body.pop_back();
    co_await test.refuses(body + ",\"x\":" + std::string(64, '[') + std::string(64, ']') + "}");
    // So many that a parser which calls itself would run out of stack.
    co_await test.refuses(std::string(100'000, '['));
  }(*this));
}

TEST_P(Hostile, WrongTypes) {
  run([](Hostile& test) -> Task<void> {
    for (const std::string value : {"7", "{}", "[7]", "true"}) {
      for (const std::string field : {"model", "messages", "input", "prompt", "question"}) {
        const auto at = GetParam().question.find("\"" + field + "\":");
        if (at == std::string::npos) continue;
        const auto from = at + field.size() + 3;
        const auto end =
            field == "model" ? GetParam().question.find(',', from) : GetParam().question.size() - 1;
        std::string body = GetParam().question;
        co_await test.refuses(body.replace(from, end - from, value));
      }
    }
  }(*this));
}

// Readers of JSON differ in which of two values counts (RFC 8259, 4).
TEST_P(Hostile, AKeySaidTwice) {
  run([](Hostile& test) -> Task<void> {
    std::string body = GetParam().question;
    body.pop_back();
    for (const std::string more : {R"("model":"kai")", R"("question":"Why?")"}) {
      const std::string key = more.substr(0, more.find(':'));
      if (!body.contains(key + ":")) continue;
      const auto said = co_await test.post(GetParam().path, body + "," + more + "}");
      test.expect_refused(said, "400");
      const std::string named = key == "\"model\"" ? "model" : "question";
      EXPECT_TRUE(said.contains("field \\\"" + named + "\\\" stands twice")) << said;
      EXPECT_EQ(test.asked, 0);
    }
    const auto at = body.find("\"role\":");
    if (at != std::string::npos) co_await test.refuses(body.insert(at, R"("role":"user",)") + "}");
  }(*this));
}

TEST_P(Hostile, AHugeBody) {
  run([](Hostile& test) -> Task<void> {
    const auto client = co_await test.connect();
    const std::string head =
        "POST " + GetParam().path +
        "?x=y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n";
    co_await client->write(*test.clock, head, test.soon());
    // It goes on sending, as clients do, for a while.
    bool sent = true;
    for (int megabyte = 0; megabyte < 5 && sent; ++megabyte) {
      sent = (co_await client->write(*test.clock, std::string(1'000'000, ' '), test.soon()))
                 .has_value();
    }
    test.expect_refused(co_await test.read_all(*client), "413");
  }(*this));
}

TEST_P(Hostile, AHugeHead) {
  run([](Hostile& test) -> Task<void> {
    const std::string start = "POST " + GetParam().path + " HTTP/1.1\r\nHost: localhost";
    test.expect_refused(co_await test.say(start + "\r\nX: " + std::string(40'000, 'x')), "431");
    std::string many = start;
    for (int line = 0; line < 70; ++line) many += "\r\na: b";
    test.expect_refused(co_await test.say(many), "431");
  }(*this));
}

TEST_P(Hostile, ChunkedNonsenseAndConflictingLengths) {
  run([](Hostile& test) -> Task<void> {
    const std::string start = "POST " + GetParam().path + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const std::string rest :
         {"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
          "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "Content-Length: -1\r\n\r\n"}) {
      const auto client = co_await test.connect();
      co_await client->write(*test.clock, start + rest, test.soon());
      test.expect_refused(co_await test.read_all(*client), "400");
    }
    EXPECT_EQ(test.asked, 0);
  }(*this));
}

TEST_P(Hostile, ForeignHostAndOrigin) {
  run([](Hostile& test) -> Task<void> {
    const std::string start = "POST " + GetParam().path + " HTTP/1.1\r\n";
    for (const std::string headers :
         {"Host: evil.example", "Host: localhost\r\nOrigin: http://evil.example",
          "Host: localhost\r\nSec-Fetch-Site: cross-site"}) {
      test.expect_refused(co_await test.say(start + headers, GetParam().question), "403");
    }
    test.expect_refused(
        co_await test.say(start + "Host: localhost\r\nHost: localhost", GetParam().question),
        "400");
    EXPECT_EQ(test.asked, 0);
  }(*this));
}

TEST_P(Hostile, AnotherMethod) {
  run([](Hostile& test) -> Task<void> {
    test.expect_refused(co_await test.send("PATCH", GetParam().path), "405");
  }(*this));
}

// No path leads anywhere but to its own route.
TEST_P(Hostile, PathTricks) {
  run([](Hostile& test) -> Task<void> {
    const std::string folder = GetParam().path.substr(0, GetParam().path.rfind('/'));
    for (const std::string& trick :
         {folder + "/../../etc/passwd", folder + "/%2e%2e/%2e%2e/etc/passwd", folder + "//etc",
          folder + "/..%2f..%2fetc", folder + "/x%00.json",
          folder + "/" + std::string(9000, 'a')}) {
      const auto said = co_await test.post(trick, GetParam().question);
      EXPECT_TRUE(said.starts_with("HTTP/1.1 404 ") || said.starts_with("HTTP/1.1 405 ")) << said;
      EXPECT_TRUE(body_of(said).starts_with(R"({"error":)")) << said;
    }
    EXPECT_EQ(test.asked, 0);
  }(*this));
}

INSTANTIATE_TEST_SUITE_P(Protocols, Hostile, testing::ValuesIn(protocols),
                         [](const auto& row) { return row.param.name; });

class SlowHead : public ApiTest, public testing::WithParamInterface<Protocol> {};

TEST_P(SlowHead, IsRefusedInTheProtocolsForm) {
  api = std::make_unique<Api>(io.get_executor(), *clock, ServeOptions{}, "1.2.3");
  api->open(backend(), native());
  start_tcp([this](http::Exchange& exchange) { return api->handle(exchange); },
            {.head_timeout = 50ms}, Api::refuse);
  run([](SlowHead& test) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock, "POST " + GetParam().path + " HTTP/1.1\r\nHo", test.soon());
    const auto said = co_await test.read_all(*client);
    EXPECT_TRUE(said.starts_with("HTTP/1.1 408 ")) << said;
    EXPECT_TRUE(body_of(said).starts_with(GetParam().error)) << said;
  }(*this));
}

INSTANTIATE_TEST_SUITE_P(Protocols, SlowHead, testing::ValuesIn(protocols),
                         [](const auto& row) { return row.param.name; });

// Requests sent ahead are answered in their order, also behind one that is refused.
TEST_F(ApiTest, Pipelining) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const std::string bad =
        "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{";
    const auto client = co_await test.connect();
    co_await client->write(
        *test.clock,
        bad + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + bad +
            "GET /v1/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        test.soon());
    const auto said = co_await test.read_all(*client);
    std::vector<std::string> statuses;
    for (auto at = said.find("HTTP/1.1 "); at != std::string::npos;
         at = said.find("HTTP/1.1 ", at + 1)) {
      statuses.push_back(said.substr(at + 9, 3));
    }
    EXPECT_EQ(statuses, (std::vector<std::string>{"400", "200", "400", "404"})) << said;
  }(*this));
}

// A client that closes its sending half counts as gone: its question is cancelled.
TEST_F(ApiTest, AHalfClosedSocketCancelsItsQuestion) {
  gated = true;
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const std::string body = protocols[0].question;
    const auto client = co_await test.connect();
    co_await client->write(*test.clock,
                           "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Length: " +
                               std::to_string(body.size()) + "\r\n\r\n" + body,
                           test.soon());
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    client->end_sending();
    co_await test.clock->sleep_on(test.left, test.soon());
    EXPECT_EQ(test.cancellations, 1);
  }(*this));
}

}  // namespace
}  // namespace kai
