#include "api/mcp.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "api/stdio.h"
#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_api::ApiTest;

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

int count(const std::string& text, std::string_view words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

std::string ask(const std::string& id, const std::string& more = "") {
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"method":"tools/call","params":{"name":"ask_ensemble",)"
         R"("arguments":{"question":"Why?")" +
         more + R"(},"_meta":{"progressToken":1}}})";
}

class McpTest : public ApiTest {
 public:
  Task<std::string> message(std::string body, std::string headers = "") {
    return say("POST /mcp HTTP/1.1\r\nHost: localhost" + headers, std::move(body));
  }
};

TEST_F(McpTest, AnswersOverHttp) {
  serve_api();
  run([](McpTest& test) -> Task<void> {
    const auto whole = co_await test.message(ask("1"), "\r\nAccept: application/json");
    EXPECT_TRUE(has(whole, "HTTP/1.1 200 ") && has(whole, R"("answer":"Paris.")")) << whole;
    EXPECT_TRUE(has(whole, "Content-Type: application/json"));
    event::Started started{};
    started.plan.asks.resize(2);
    test.script = {started, event::Agreement{.verdict = {}, .asked = 2, .answered = 1},
                   event::Draft{MemberId("small:1b"), "Par", false}};
    const auto stream = co_await test.message(ask("2"), "\r\nAccept: text/event-stream");
    EXPECT_TRUE(has(stream, "Content-Type: text/event-stream")) << stream;
    EXPECT_EQ(count(stream, "notifications/progress"), 2);
    EXPECT_EQ(count(stream, R"("id":2,"result":)"), 1);
    EXPECT_EQ(count(stream, "Par"), 2) << "words come with the whole answer alone" << stream;
    const auto status = co_await test.message(
        R"({"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"ensemble_status"}})");
    EXPECT_TRUE(has(status, R"("ready":true)") && has(status, "the file is damaged")) << status;
  }(*this));
}

TEST_F(McpTest, AToolThatFailsIsNoFailureOfHttp) {
  serve_api();
  ending.error = Error{ErrorCode::deadline, "no answer in time"};
  run([](McpTest& test) -> Task<void> {
    for (const std::string accept : {"application/json", "text/event-stream"}) {
      const auto said = co_await test.message(ask("1"), "\r\nAccept: " + accept);
      EXPECT_TRUE(has(said, "HTTP/1.1 200 ") && has(said, R"("isError":true)")) << said;
      EXPECT_TRUE(has(said, "no answer in time"));
    }
  }(*this));
}

TEST_F(McpTest, IsStrictAboutItsTransport) {
  serve_api();
  run([](McpTest& test) -> Task<void> {
    const std::string ping = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
    EXPECT_TRUE(has(co_await test.message(ping, "\r\nMCP-Protocol-Version: 2025-06-18"), "200 OK"));
    const auto old = co_await test.message(ping, "\r\nMCP-Protocol-Version: 2024-11-05");
    EXPECT_TRUE(has(old, "HTTP/1.1 400 ") && has(old, "2025-11-25")) << old;
    EXPECT_TRUE(has(co_await test.message("[" + ping + "]"), "HTTP/1.1 400 "));
    const auto foreign = co_await test.message(ping, "\r\nOrigin: http://evil.example");
    EXPECT_TRUE(has(foreign, "HTTP/1.1 403 ") && has(foreign, R"("jsonrpc":"2.0")")) << foreign;
    const auto got = co_await test.get("/mcp");
    EXPECT_TRUE(has(got, "HTTP/1.1 405 ") && has(got, "Allow: POST")) << got;
    const auto noted =
        co_await test.message(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    EXPECT_TRUE(has(noted, "HTTP/1.1 202 ") && noted.ends_with("\r\n\r\n")) << noted;
  }(*this));
}

// The same over two pipes.
class StdioTest : public McpTest {
 protected:
  StdioTest() {
    EXPECT_EQ(::pipe(to_), 0);
    EXPECT_EQ(::pipe(from_), 0);
    api = std::make_unique<Api>(io.get_executor(), *clock, ServeOptions(), "1.2.3");
    api->open(backend());
  }
  ~StdioTest() override {
    for (const int file : {to_[0], to_[1], from_[0], from_[1]}) {
      if (file >= 0) ::close(file);
    }
  }

 public:
  std::unique_ptr<Stdio> stdio(StdioOptions options = {}) {
    options.input = to_[0];
    options.output = from_[1];
    return std::make_unique<Stdio>(
        io.get_executor(), *clock,
        [this](http::Exchange& exchange, wire::mcp::Message message) {
          return api->call(exchange, std::move(message));
        },
        options);
  }
  void send(const std::string& line) {
    const std::string bytes = line + "\n";
    EXPECT_EQ(::write(to_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void hang_up() { ::close(std::exchange(to_[1], -1)); }
  // What was said so far.
  std::string said() {
    std::string text;
    ::close(std::exchange(from_[1], -1));
    char bytes[4096];
    for (ssize_t size = 0; (size = ::read(from_[0], bytes, sizeof bytes)) > 0;) {
      text.append(bytes, static_cast<std::size_t>(size));
    }
    return text;
  }
  Task<void> shortly() { co_await clock->sleep_until(clock->now() + 20ms); }

  int to_[2] = {-1, -1}, from_[2] = {-1, -1};
};

Task<bool> served(Stdio* stdio) {
  co_await stdio->run();
  co_return true;
}

TEST_F(StdioTest, AnswersLineByLine) {
  run([](StdioTest& test) -> Task<void> {
    auto stdio = test.stdio();
    TaskGroup<bool> group(test.io.get_executor());
    group.start(served(stdio.get()));
    event::Started started{};
    started.plan.asks.resize(2);
    test.script = {started};
    test.send(R"({"jsonrpc":"2.0","id":1,"method":"initialize"})");
    test.send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
    test.send(ask("2"));
    test.send("nonsense");
    co_await test.shortly();
    test.hang_up();
    co_await group.next(*test.clock, test.soon());
    stdio.reset();
    const std::string said = test.said();
    EXPECT_EQ(count(said, "\n"), 4) << said;
    EXPECT_EQ(count(said, R"({"jsonrpc":"2.0",)"), 4) << said;
    EXPECT_TRUE(has(said, R"("id":1,"result":{"protocolVersion")")) << said;
    EXPECT_TRUE(has(said, "notifications/progress") && has(said, R"("answer":"Paris.")")) << said;
    EXPECT_TRUE(has(said, "-32700")) << said;
    co_await group.join();
  }(*this));
}

TEST_F(StdioTest, ACancelledRequestHasNoReply) {
  gated = true;
  run([](StdioTest& test) -> Task<void> {
    auto stdio = test.stdio({.calls_max = 1});
    TaskGroup<bool> group(test.io.get_executor());
    group.start(served(stdio.get()));
    test.send(ask("\"a\""));
    while (test.running == 0) co_await test.shortly();
    test.send(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");  // one at once
    test.send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
    while (test.cancellations == 0) co_await test.shortly();
    test.send(R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
    co_await test.shortly();
    test.hang_up();
    co_await group.next(*test.clock, test.soon());
    stdio.reset();
    const std::string said = test.said();
    EXPECT_FALSE(has(said, R"("id":"a")")) << said;
    EXPECT_TRUE(has(said, R"("id":2,"error")") && has(said, R"("id":3,"result")")) << said;
    co_await group.join();
  }(*this));
}

TEST_F(StdioTest, WhoHangsUpCancelsWhatIsAsked) {
  gated = true;
  run([](StdioTest& test) -> Task<void> {
    auto stdio = test.stdio();
    TaskGroup<bool> group(test.io.get_executor());
    group.start(served(stdio.get()));
    test.send(ask("1"));
    while (test.running == 0) co_await test.shortly();
    test.hang_up();
    EXPECT_TRUE((co_await group.next(*test.clock, test.soon())).has_value());
    EXPECT_EQ(test.cancellations, 1);
    co_await group.join();
  }(*this));
}

TEST_F(StdioTest, WhoReadsNothingLeavesNothingBehind) {
  run([](StdioTest& test) -> Task<void> {
    auto stdio = test.stdio();
    TaskGroup<bool> group(test.io.get_executor());
    group.start(served(stdio.get()));
    std::string pings;
    for (int i = 0; i < 100; ++i)
      pings += R"({"jsonrpc":"2.0","id":7,"method":"initialize"})"
               "\n";
    for (int i = 0; i < 10; ++i) {  // more is said than a pipe holds
      test.send(pings);
      co_await test.shortly();
    }
    test.hang_up();
    EXPECT_TRUE((co_await group.next(*test.clock, test.soon())).has_value());
    stdio.reset();
    EXPECT_GE(test.said().size(), 32u * 1024);  // and nobody is told that there is room again
    co_await test.shortly();
    co_await group.join();
  }(*this));
}

TEST_F(StdioTest, AFaultIsAnErrorOfItsRequestAlone) {
  run([](StdioTest& test) -> Task<void> {
    auto stdio = test.stdio();
    TaskGroup<bool> group(test.io.get_executor());
    group.start(served(stdio.get()));
    test.throws = true;
    test.send(ask("1"));
    while (test.begun == 0) co_await test.shortly();
    test.send(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
    co_await test.shortly();
    test.hang_up();
    co_await group.next(*test.clock, test.soon());
    stdio.reset();
    const std::string said = test.said();
    EXPECT_TRUE(has(said, R"("id":1,"result")") && has(said, "a fault of kai's own")) << said;
    EXPECT_TRUE(has(said, R"("id":2,"result":{})")) << said;
    co_await group.join();
  }(*this));
}

TEST_F(StdioTest, ALineTooLongIsSkipped) {
  run([](StdioTest& test) -> Task<void> {
    auto stdio = test.stdio({.line_max = Bytes(1000)});
    TaskGroup<bool> group(test.io.get_executor());
    group.start(served(stdio.get()));
    test.send(std::string(5000, 'x'));
    test.send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
    co_await test.shortly();
    test.hang_up();
    co_await group.next(*test.clock, test.soon());
    stdio.reset();
    const std::string said = test.said();
    EXPECT_EQ(count(said, "\n"), 2) << said;
    EXPECT_TRUE(has(said, R"("id":1,"result":{})")) << said;
    co_await group.join();
  }(*this));
}

}  // namespace
}  // namespace kai
