#include <array>

#include "http/fixture.h"

namespace kai::http {
namespace {

using namespace std::chrono_literals;

class ClientTest : public HttpTest {
 public:
  // A listener that speaks only as the test says.
  std::unique_ptr<Socket> listen() {
    auto socket = listen_at(io.get_executor(), path);
    EXPECT_TRUE(socket);
    return socket ? std::move(*socket) : nullptr;
  }
};

// Takes one request, answers with these bytes, and closes.
Task<int> answer(ClientTest& test, Socket& listener, std::string bytes) {
  const auto peer = co_await listener.accept(*test.clock);
  co_await peer->read(*test.clock, test.soon());
  co_await peer->write(*test.clock, std::move(bytes), test.soon());
  co_return 0;
}

// The lines of one request's answer, and how they ended: "end" or an error's name.
Task<std::vector<std::string>> ask(ClientTest& test, Time until, Limits limits) {
  auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, until, limits);
  if (!lines) co_return std::vector{std::string(to_string(lines.error().code))};
  std::vector<std::string> seen;
  for (;;) {
    auto line = co_await (*lines)->next(until);
    if (!line) {
      seen.push_back(std::string(to_string(line.error().code)));
    } else if (*line) {
      seen.push_back(std::move(**line));
      continue;
    } else {
      seen.push_back("end");
    }
    co_return seen;
  }
}

const std::string by_length = "HTTP/1.1 200 OK\r\nContent-Length: ";
const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Answered {
  const char* name;
  std::string bytes;
  std::vector<std::string> lines;
};

class Answers : public ClientTest, public testing::WithParamInterface<Answered> {};

TEST_P(Answers, AreReadAsLines) {
  run([](ClientTest& test, Answered row) -> Task<void> {
    const auto listener = test.listen();
    TaskGroup<int> group(test.io.get_executor());
    group.start(answer(test, *listener, row.bytes));
    const Limits limits{.header_max = Bytes(2000), .line_max = Bytes(1000)};
    EXPECT_EQ(co_await ask(test, test.soon(), limits), row.lines);
    co_await group.join();
  }(*this, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(
    Http, Answers,
    testing::Values(
        Answered{"WithLength", by_length + "4\r\n\r\na\nb\n", {"a", "b", "end"}},
        Answered{"UntilClose", "HTTP/1.1 200 OK\r\n\r\na\n\nb", {"a", "", "b", "end"}},
        Answered{"LinesAcrossChunks",
                 chunked + "2\r\na\n\r\n1\r\nb\r\n2\r\nc\n\r\n0\r\n\r\n",
                 {"a", "bc", "end"}},
        Answered{"CarriageReturnsStay", by_length + "3\r\n\r\na\r\n", {"a\r", "end"}},
        Answered{"LongestLine",
                 by_length + "1001\r\n\r\n" + std::string(1000, 'x') + "\n",
                 {std::string(1000, 'x'), "end"}},
        Answered{"TooLongALine",
                 by_length + "1004\r\n\r\na\n" + std::string(1001, 'x') + "\n",
                 {"a", "lane_lost"}},
        Answered{"TooLongALineUnended",
                 by_length + "9999\r\n\r\n" + std::string(1001, 'x'),
                 {"lane_lost"}},
        Answered{"WildLength", by_length + "18446744073709551615\r\n\r\na\nb", {"a", "lane_lost"}},
        Answered{"ClosedMidLine", chunked + "3\r\na\nb\r\n", {"a", "lane_lost"}},
        Answered{"ClosedMidHead", "HTTP/1.1 200 OK\r\nContent-", {"lane_lost"}},
        Answered{"ClosedUnanswered", "", {"lane_lost"}},
        Answered{"Garbage", "what is this\r\n\r\n", {"lane_lost"}},
        Answered{"BadChunk", chunked + "2\r\na\n\r\nzz\r\n", {"a", "lane_lost"}},
        Answered{"EndlessHead", "HTTP/1.1 200 OK\r\na: " + std::string(5000, 'x'), {"lane_lost"}},
        Answered{"EndlessChunkHead", chunked + "1;" + std::string(5000, 'x'), {"lane_lost"}}),
    [](const auto& row) { return row.param.name; });

TEST_F(ClientTest, RefusesABodyBeyondTheLimit) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    for (const auto& [length, fits] : {std::pair{1000, true}, {1001, false}}) {
      TaskGroup<int> group(test.io.get_executor());
      group.start(answer(test, *listener,
                         by_length + std::to_string(length) + "\r\n\r\n" +
                             std::string(static_cast<std::size_t>(length), 'x')));
      const auto got = co_await fetch(*test.clock, test.path, {"GET", "/", ""}, test.soon(),
                                      {.body_max = Bytes(1000)});
      EXPECT_EQ(got.has_value(), fits);
      co_await group.join();
    }
  }(*this));
}

TEST_F(ClientTest, HearsARefusalBeforeItHasSentAll) {
  start([](Exchange&) -> Task<std::optional<Response>> { co_return Response{}; },
        {.body_max = 1_MiB});
  run([](ClientTest& test) -> Task<void> {
    const Request large{"POST", "/", std::string(8 << 20, 'x')};
    const auto got = co_await fetch(*test.clock, test.path, large, test.soon());
    EXPECT_TRUE(got && got->status == 413);
  }(*this));
}

TEST_F(ClientTest, ASilentServerCostsNoMoreThanTheDeadline) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    const Time begun = test.clock->now();
    EXPECT_EQ(co_await ask(test, begun + 50ms, {}), std::vector<std::string>{"deadline"});
    EXPECT_GE(test.clock->now(), begun + 50ms);
    EXPECT_LT(test.clock->now(), begun + 1s);
  }(*this));
}

TEST_F(ClientTest, ALineLateOnceMayStillBeAskedFor) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    TaskGroup<Result<std::unique_ptr<Lines>>> group(test.io.get_executor());
    group.start(open(*test.clock, test.path, {"GET", "/", ""}, test.soon(), {}));
    const auto peer = co_await listener->accept(*test.clock);
    co_await peer->write(*test.clock, chunked + "1\r\na\r\n", test.soon());
    const auto opened = co_await group.next(*test.clock, test.soon());
    const auto& lines = opened->value;
    for (int again = 0; again < 3; ++again) {
      const auto early = co_await (*lines)->next(test.clock->now() + 5ms);
      EXPECT_TRUE(!early && early.error().code == ErrorCode::deadline);
    }
    co_await peer->write(*test.clock, "1\r\n\n\r\n", test.soon());
    const auto line = co_await (*lines)->next(test.soon());
    EXPECT_TRUE(line && *line == "a");
    co_await group.join();
  }(*this));
}

TEST_F(ClientTest, ACancelledReaderStopsAtOnce) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    for (const bool answered : {false, true}) {
      TaskGroup<std::vector<std::string>> group(test.io.get_executor());
      const auto reader = group.start(ask(test, test.soon(), {}));
      const auto peer = co_await listener->accept(*test.clock);
      co_await peer->read(*test.clock, test.soon());
      if (answered) co_await peer->write(*test.clock, chunked, test.soon());
      co_await test.clock->sleep_until(test.clock->now() + 5ms);
      const Time begun = test.clock->now();
      group.cancel(reader);
      const auto done = co_await group.next(*test.clock, test.soon());
      EXPECT_EQ(done->value, std::vector<std::string>{"cancelled"});
      EXPECT_LT(test.clock->now() - begun, 1s);
      EXPECT_EQ(co_await test.read_all(*peer), "") << "the connection was not closed";
      co_await group.join();
    }
  }(*this));
}

// Reads one line, and once cancelled asks for the second, which is there.
Task<int> read_after_cancel(ClientTest& test, Wait& has_one) {
  auto lines = co_await open(*test.clock, test.path, {"GET", "/", ""}, test.soon(), {});
  EXPECT_TRUE(lines && co_await (*lines)->next(test.soon()));
  has_one.resume();
  co_await test.clock->sleep_until(test.soon());
  const auto line = co_await (*lines)->next(test.soon());
  EXPECT_TRUE(!line && line.error().code == ErrorCode::cancelled);
  co_return 0;
}

TEST_F(ClientTest, ACancelledTaskGetsNoFurtherLine) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    TaskGroup<int> group(test.io.get_executor());
    group.start(answer(test, *listener, chunked + "4\r\na\nb\n\r\n"));
    Wait has_one;
    group.start(read_after_cancel(test, has_one));
    co_await test.clock->sleep_on(has_one, test.soon());
    co_await group.join();
  }(*this));
}

TEST_F(ClientTest, ATaskCancelledBeforeItAsksIsToldSo) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    TaskGroup<std::vector<std::string>> group(test.io.get_executor());
    group.cancel(group.start(ask(test, test.soon(), {})));
    const auto done = co_await group.next(*test.clock, test.soon());
    EXPECT_EQ(done->value, std::vector<std::string>{"cancelled"});
    co_await group.join();
  }(*this));
}

TEST_F(ClientTest, SaysHowTheAnswerBroke) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    TaskGroup<int> group(test.io.get_executor());
    group.start(answer(test, *listener, "what is this\r\n\r\n"));
    const auto got = co_await fetch(*test.clock, test.path, {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(!got && got.error().message.find("broke off: bad version") != std::string::npos)
        << got.error().message;
    co_await group.join();
  }(*this));
}

TEST_F(ClientTest, NobodyListeningIsKnownAtOnce) {
  run([](ClientTest& test) -> Task<void> {
    const Time begun = test.clock->now();
    EXPECT_EQ(co_await ask(test, test.soon(), {}), std::vector<std::string>{"lane_lost"});
    test.listen()->close();  // the file stays, as after a crash
    EXPECT_EQ(co_await ask(test, test.soon(), {}), std::vector<std::string>{"lane_lost"});
    EXPECT_LT(test.clock->now() - begun, 1s);
  }(*this));
}

TEST_F(ClientTest, RefusesAPathOrATargetThatCannotBeSent) {
  run([](ClientTest& test) -> Task<void> {
    const auto listener = test.listen();
    const auto path =
        co_await fetch(*test.clock, std::string(200, 'x'), {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(!path && path.error().message.find("shorter folder") != std::string::npos);
    for (const char* target : {"", "/a b", "/a\r\nX: y"}) {
      const auto got = co_await fetch(*test.clock, test.path, {"GET", target, ""}, test.soon());
      EXPECT_TRUE(!got && got.error().code == ErrorCode::invalid_request);
    }
  }(*this));
}

}  // namespace
}  // namespace kai::http
