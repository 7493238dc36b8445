#include <sys/stat.h>

#include <fstream>

#include "http/fixture.h"

namespace kai::http {
namespace {

using namespace std::chrono_literals;
using MaybeResponse = std::optional<Response>;

Task<MaybeResponse> echo(Exchange& exchange) {
  co_return Response{.status = 201,
                     .content_type = "text/plain",
                     .body = exchange.request.method + " " + exchange.request.target + " " +
                             exchange.request.body};
}

TEST_F(HttpTest, AnswersWithTheHandlersResponse) {
  start(echo);
  run([](HttpTest& test) -> Task<void> {
    const auto got = co_await fetch(*test.clock, test.path, {"GET", "/status", ""}, test.soon());
    EXPECT_TRUE(got) << got.error().message;
    if (!got) co_return;
    EXPECT_EQ(got->status, 201);
    EXPECT_EQ(got->content_type, "text/plain");
    EXPECT_EQ(got->body, "GET /status ");
  }(*this));
}

TEST_F(HttpTest, CarriesEveryByteBothWays) {
  start(echo);
  run([](HttpTest& test) -> Task<void> {
    std::string body = "äöü 漢字 \xff\xfe \r\n\r\n";
    for (int byte = 0; byte < 256; ++byte) body += static_cast<char>(byte);
    for (int doubling = 0; doubling < 12; ++doubling) body += body;  // beyond a socket's buffer
    const auto got = co_await fetch(*test.clock, test.path, {"POST", "/x", body}, test.soon());
    EXPECT_TRUE(got && got->body == "POST /x " + body);
  }(*this));
}

TEST_F(HttpTest, ServesManyAtOnce) {
  start(echo);
  run([](HttpTest& test) -> Task<void> {
    TaskGroup<Result<Response>> group(test.io.get_executor());
    for (int i = 0; i < 20; ++i) {
      group.start(fetch(*test.clock, test.path, {"POST", "/", std::to_string(i)}, test.soon()));
    }
    int seen = 0;
    while (const auto done = co_await group.next(*test.clock, test.soon())) {
      EXPECT_TRUE(done->value && done->value->body == "POST / " + std::to_string(done->index));
      ++seen;
    }
    EXPECT_EQ(seen, 20);
    co_await group.join();
  }(*this));
}

struct Turns {
  Wait next_wanted;
  int sent = 0;
};

Task<MaybeResponse> one_line_a_turn(Turns& turns, Exchange& exchange) {
  auto stream = co_await exchange.stream({"application/x-ndjson"});
  for (turns.sent = 1; turns.sent <= 3; ++turns.sent) {
    EXPECT_TRUE(co_await stream->write("line " + std::to_string(turns.sent) + "\n"));
    co_await turns.next_wanted.until_resumed();
  }
  EXPECT_TRUE(co_await stream->write(""));
  EXPECT_TRUE(co_await stream->write("tail"));
  co_return std::nullopt;
}

TEST_F(HttpTest, StreamsEachLineAsItIsWritten) {
  Turns turns;
  start([&](Exchange& exchange) { return one_line_a_turn(turns, exchange); });
  run([](HttpTest& test, Turns& state) -> Task<void> {
    auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(lines);
    if (!lines) co_return;
    EXPECT_EQ((*lines)->status(), 200);
    for (int turn = 1; turn <= 3; ++turn) {
      const auto line = co_await (*lines)->next(test.soon());
      EXPECT_TRUE(line && *line == "line " + std::to_string(turn));
      EXPECT_EQ(state.sent, turn) << "the line came together with a later one";
      state.next_wanted.resume();
    }
    const auto tail = co_await (*lines)->next(test.soon());
    EXPECT_TRUE(tail && *tail == "tail");
    for (int again = 0; again < 2; ++again) {
      const auto end = co_await (*lines)->next(test.soon());
      EXPECT_TRUE(end && !*end);
    }
  }(*this, turns));
}

Task<MaybeResponse> empty_stream(Exchange& exchange) {
  const auto stream = co_await exchange.stream({"text/plain"});
  co_return std::nullopt;
}

TEST_F(HttpTest, AStreamWithoutChunksIsAnEmptyBody) {
  start(empty_stream);
  run([](HttpTest& test) -> Task<void> {
    const auto got = co_await fetch(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(got && got->status == 200 && got->body.empty());
  }(*this));
}

struct Departure {
  bool gone = false;
  bool wrote = true;
  Wait seen;
};

Task<MaybeResponse> until_gone(Departure& departure, Exchange& exchange) {
  auto stream = co_await exchange.stream({"text/plain"});
  co_await stream->write("hello\n");
  co_await exchange.gone->until_resumed();
  departure.gone = !co_await cancelled();
  departure.wrote = co_await stream->write("anybody?\n");
  departure.seen.resume();
  co_return std::nullopt;
}

TEST_F(HttpTest, AHandlerAsleepSeesTheClientLeave) {
  Departure departure;
  start([&](Exchange& exchange) { return until_gone(departure, exchange); });
  run([](HttpTest& test, Departure& state) -> Task<void> {
    {
      auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon());
      EXPECT_TRUE(lines && co_await (*lines)->next(test.soon()));
    }
    co_await test.clock->sleep_on(state.seen, test.soon());
    EXPECT_TRUE(state.gone);
    EXPECT_FALSE(state.wrote);
  }(*this, departure));
}

Task<MaybeResponse> flood(Departure& departure, Exchange& exchange) {
  auto stream = co_await exchange.stream({"text/plain"});
  while (co_await stream->write(std::string(100'000, 'x') + "\n")) {
  }
  departure.wrote = false;
  departure.seen.resume();
  co_return std::nullopt;
}

TEST_F(HttpTest, AWriterThatWaitsSeesTheClientLeave) {
  Departure departure;
  start([&](Exchange& exchange) { return flood(departure, exchange); });
  run([](HttpTest& test, Departure& state) -> Task<void> {
    {
      auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon());
      EXPECT_TRUE(lines && co_await (*lines)->next(test.soon()));
    }
    co_await test.clock->sleep_on(state.seen, test.soon());
    EXPECT_FALSE(state.wrote);
  }(*this, departure));
}

TEST_F(HttpTest, AClientThatTakesNothingCountsAsGone) {
  Departure departure;
  start([&](Exchange& exchange) { return flood(departure, exchange); }, {.write_timeout = 50ms});
  run([](HttpTest& test, Departure& state) -> Task<void> {
    const auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    co_await test.clock->sleep_on(state.seen, test.soon());
    EXPECT_FALSE(state.wrote);
  }(*this, departure));
}

TEST_F(HttpTest, BytesAfterTheRequestAreNoDeparture) {
  Departure departure;
  start([&](Exchange& exchange) { return until_gone(departure, exchange); });
  run([](HttpTest& test, Departure& state) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock, "GET / HTTP/1.1\r\n\r\n", test.soon());
    co_await client->read(*test.clock, test.soon());
    // More than the connection holds, so that this returns once the server has taken some.
    co_await client->write(*test.clock, std::string(2 << 20, 'x'), test.soon());
    EXPECT_FALSE(state.gone);
    client->close();
    co_await test.clock->sleep_on(state.seen, test.soon());
    EXPECT_TRUE(state.gone);
  }(*this, departure));
}

struct Refused {
  const char* name;
  std::string request;
  std::string status_line;  // how the answer starts
};

class Refusals : public HttpTest, public testing::WithParamInterface<Refused> {};

TEST_P(Refusals, AreAnsweredAndClosed) {
  start(echo, {.body_max = Bytes(1000), .header_max = Bytes(2000), .head_timeout = 50ms});
  run([](HttpTest& test, Refused row) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock, row.request, test.soon());
    const auto answer = co_await test.read_all(*client);
    EXPECT_EQ(answer.substr(0, row.status_line.size()), row.status_line);
  }(*this, GetParam()));
}

const std::string closing = "Connection: close\r\n";
const std::string chunked_post =
    "POST / HTTP/1.1\r\n" + closing + "Transfer-Encoding: chunked\r\n\r\n";

std::string many_headers(int count) {
  std::string lines;
  for (int line = 0; line < count; ++line) lines += "a: b\r\n";
  return lines;
}

INSTANTIATE_TEST_SUITE_P(
    Http, Refusals,
    testing::Values(
        Refused{"Garbage", "\x16\x03\x01 what is this\r\n\r\n", "HTTP/1.1 400 "},
        Refused{"BadHeader", "GET / HTTP/1.1\r\nno colon here\r\n\r\n", "HTTP/1.1 400 "},
        Refused{"BadLength", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
        Refused{"BadChunk", chunked_post + "zz\r\n", "HTTP/1.1 400 "},
        Refused{"HugeClaim", "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n",
                "HTTP/1.1 413 "},
        Refused{"LongBody",
                "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
                "HTTP/1.1 413 "},
        Refused{"LongChunk", chunked_post + "3e9\r\n", "HTTP/1.1 413 "},
        Refused{"EndlessChunkHead", chunked_post + "1;" + std::string(5000, 'x'), "HTTP/1.1 431 "},
        Refused{"LongHeader", "GET / HTTP/1.1\r\na: " + std::string(3000, 'x') + "\r\n\r\n",
                "HTTP/1.1 431 "},
        Refused{"LongTarget", "GET /" + std::string(3000, 'x'), "HTTP/1.1 431 "},
        Refused{"HalfHead", "GET / HTTP/1.1\r\nHo", "HTTP/1.1 408 "},
        Refused{"HalfBody", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 408 "},
        Refused{"Silence", "", "HTTP/1.1 408 "},
        Refused{"TwoLengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 400 "},
        Refused{
            "LengthAndChunks",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 400 "},
        Refused{
            "ChunksTwice",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 400 "},
        Refused{"OtherCoding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 501 "},
        Refused{"HiddenCoding", "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
                "HTTP/1.1 501 "},
        Refused{"ChunksInOldHttp", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 400 "},
        Refused{"BareLineFeeds", "GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 "},
        Refused{"SpaceBeforeColon", "GET / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc",
                "HTTP/1.1 400 "},
        Refused{"OtherVersion", "GET / HTTP/3.0\r\n\r\n", "HTTP/1.1 400 "},
        Refused{"Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 400 "},
        Refused{"OtherExpectation", "POST / HTTP/1.1\r\nExpect: tea\r\n\r\n", "HTTP/1.1 417 "},
        Refused{"TooManyHeaders", "GET / HTTP/1.1\r\n" + many_headers(65) + "\r\n",
                "HTTP/1.1 431 "},
        Refused{"MostHeaders", "GET / HTTP/1.1\r\n" + closing + many_headers(63) + "\r\n",
                "HTTP/1.1 201 "},
        Refused{"LargestBody",
                "POST / HTTP/1.1\r\n" + closing + "Content-Length: 1000\r\n\r\n" +
                    std::string(1000, 'x'),
                "HTTP/1.1 201 "}),
    [](const auto& row) { return row.param.name; });

TEST_F(HttpTest, ARequestMayComeByteByByte) {
  start(echo);
  run([](HttpTest& test) -> Task<void> {
    const auto client = co_await test.connect();
    for (const char byte : chunked_post + "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n") {
      co_await client->write(*test.clock, std::string(1, byte), test.soon());
      co_await test.clock->sleep_until(test.clock->now());  // a turn for the server
    }
    const auto answer = co_await test.read_all(*client);
    EXPECT_TRUE(answer.ends_with("\r\n\r\nPOST / hello!")) << answer;
  }(*this));
}

TEST_F(HttpTest, ClosesConnectionsBeyondTheLimit) {
  start(echo, {.connections_max = 2});
  run([](HttpTest& test) -> Task<void> {
    auto first = co_await test.connect();
    const auto second = co_await test.connect();
    const auto third = co_await test.connect();
    EXPECT_EQ(co_await test.read_all(*third), "");
    // One that ends makes room.
    co_await first->write(*test.clock, "GET / HTTP/1.1\r\n" + closing + "\r\n", test.soon());
    EXPECT_TRUE((co_await test.read_all(*first)).ends_with("GET / "));
    co_await test.clock->sleep_until(test.clock->now());
    const auto got = co_await fetch(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(got);
  }(*this));
}

TEST_F(HttpTest, OnlyItsUserMayEnter) {
  start(echo);
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  run([]() -> Task<void> { co_return; }());
}

TEST_F(HttpTest, TakesThePlaceOfAnOldSocket) {
  start(echo);
  start(echo);
  run([](HttpTest& test) -> Task<void> {
    EXPECT_TRUE(co_await fetch(*test.clock, test.path, {"GET", "/", ""}, test.soon()));
  }(*this));
}

TEST_F(HttpTest, RefusesPathsItMustNotOrCannotBind) {
  std::ofstream(path) << "a user's file";
  const std::string longest(107 - folder.size() - 1, 'x');
  struct Row {
    std::string path;
    std::string hint;  // in the message; "" for a path that is fine
  };
  for (const auto& [at, hint] : {Row{path, "not a socket"}, Row{folder, "not a socket"},
                                 Row{folder + "/none/s", "Cannot listen"},
                                 Row{folder + "/" + longest + "x", "choose a shorter folder"},
                                 Row{"", "empty"}, Row{folder + "/" + longest, ""}}) {
    const auto made = serve(io.get_executor(), *clock, at, echo);
    EXPECT_EQ(made.has_value(), hint.empty()) << at;
    if (made) continue;
    EXPECT_EQ(made.error().code, ErrorCode::storage);
    EXPECT_NE(made.error().message.find(hint), std::string::npos) << made.error().message;
  }
  EXPECT_EQ(std::filesystem::file_size(path), 13u);
  run([]() -> Task<void> { co_return; }());
}

struct Stopping {
  Wait begun;
  bool cancelled = false;
};

Task<MaybeResponse> until_cancelled(Stopping& state, Exchange& exchange) {
  auto stream = co_await exchange.stream({"text/plain"});
  co_await stream->write("hello\n");
  state.begun.resume();
  Wait never;
  co_await never.until_resumed();
  state.cancelled = co_await cancelled();
  co_return std::nullopt;
}

TEST_F(HttpTest, StoppingEndsHandlersAndBreaksTheirStreams) {
  Stopping stopping;
  start([&](Exchange& exchange) { return until_cancelled(stopping, exchange); });
  run([](HttpTest& test, Stopping& state) -> Task<void> {
    auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(lines && co_await (*lines)->next(test.soon()));
    const auto idle = co_await test.connect();
    co_await test.server->stop();
    EXPECT_TRUE(state.cancelled);
    const auto line = co_await (*lines)->next(test.soon());
    EXPECT_TRUE(!line && line.error().code == ErrorCode::lane_lost);
    EXPECT_EQ(co_await test.read_all(*idle), "");
    const auto late = co_await fetch(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(!late && late.error().code == ErrorCode::lane_lost);
  }(*this, stopping));
}

TEST_F(HttpTest, AHandlerMayOutliveTheServerObject) {
  Stopping stopping;
  start([&](Exchange& exchange) { return until_cancelled(stopping, exchange); });
  run([](HttpTest& test, Stopping& state) -> Task<void> {
    auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(lines);
    test.server.reset();
    EXPECT_FALSE(state.cancelled);
  }(*this, stopping));
  EXPECT_TRUE(stopping.cancelled);
}

}  // namespace
}  // namespace kai::http
