// Several requests on one connection, in the ways that clients send them; over TCP unless a test
// is about both kinds.
#include <sys/socket.h>

#include "http/fixture.h"
#include "http/peer.h"

namespace kai::http {
namespace {

using namespace std::chrono_literals;
using MaybeResponse = std::optional<Response>;

Task<MaybeResponse> echo(Exchange& exchange) {
  const Request& request = exchange.request;
  co_return Response{.content_type = "text/plain",
                     .body = request.method + " " + request.target + " " + request.body + ";"};
}

class Connection : public HttpTest {
 public:
  // What arrives until `words` of it have come `times` times, or the end.
  Task<std::string> read_until(Socket& socket, std::string words, int times = 1) {
    std::string all;
    for (;;) {
      int seen = 0;
      for (auto at = all.find(words); at != std::string::npos; at = all.find(words, at + 1)) ++seen;
      if (seen >= times) co_return all;
      auto bytes = co_await socket.read(*clock, soon());
      if (!bytes || bytes->empty()) co_return all;
      all += *bytes;
    }
  }
};

TEST_F(Connection, ServesOneRequestAfterTheOther) {
  for (const bool tcp : {true, false}) {
    tcp_port = 0;
    tcp ? start_tcp(echo) : start(echo);
    run([](Connection& test) -> Task<void> {
      const auto client = co_await test.connect();
      for (int turn = 0; turn < 3; ++turn) {
        co_await client->write(*test.clock, "GET /a HTTP/1.1\r\n\r\n", test.soon());
        const std::string answer = co_await test.read_until(*client, ";");
        EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /a ;")) << answer;
        EXPECT_EQ(answer.find("Connection:"), std::string::npos) << answer;
      }
    }(*this));
    io.restart();
  }
}

TEST_F(Connection, AnswersWhatWasSentAheadInItsOrder) {
  start_tcp(echo);
  run([](Connection& test) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(
        *test.clock,
        "POST /1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\n\r\n"
        "POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        "GET /4 HTTP/1.1\r\nConnection: close\r\n\r\nGET /5 HTTP/1.1\r\n\r\n",
        test.soon());
    std::string answers = co_await test.read_all(*client);
    std::string bodies;
    for (auto at = answers.find("\r\n\r\n"); at != std::string::npos;
         at = answers.find("\r\n\r\n", at + 4)) {
      bodies += answers.substr(at + 4, answers.find(';', at) - at - 3);
    }
    EXPECT_EQ(bodies, "POST /1 ab;GET /2 ;POST /3 x;GET /4 ;");
  }(*this));
}

struct Gate {
  Wait open;
  bool entered = false;
};

Task<MaybeResponse> behind_gate(Gate& gate, Exchange& exchange) {
  gate.entered = true;
  if (exchange.request.target == "/wait") co_await gate.open.until_resumed();
  co_return co_await echo(exchange);
}

TEST_F(Connection, KeepsWhatArrivesWhileItAnswers) {
  Gate gate;
  start_tcp([&](Exchange& exchange) { return behind_gate(gate, exchange); });
  run([](Connection& test, Gate& wall) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock, "GET /wait HTTP/1.1\r\n\r\n", test.soon());
    while (!wall.entered) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    co_await client->write(*test.clock, "GET /next HTTP/1.1\r\n\r\n", test.soon());
    co_await test.clock->sleep_until(test.clock->now() + 5ms);
    wall.open.resume();
    const std::string answers = co_await test.read_until(*client, ";", 2);
    EXPECT_NE(answers.find("GET /wait ;"), std::string::npos);
    EXPECT_TRUE(answers.ends_with("GET /next ;")) << answers;
  }(*this, gate));
}

TEST_F(Connection, WhoSendsTooMuchAheadIsClosedBehindTheAnswer) {
  Gate gate;
  start_tcp([&](Exchange& exchange) { return behind_gate(gate, exchange); });
  run([](Connection& test, Gate& wall) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock, "GET /wait HTTP/1.1\r\n\r\n", test.soon());
    while (!wall.entered) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    std::string ahead;
    while (ahead.size() < 200'000) ahead += "GET /next HTTP/1.1\r\n\r\n";
    co_await client->write(*test.clock, std::move(ahead), test.soon());
    co_await test.clock->sleep_until(test.clock->now() + 20ms);
    wall.open.resume();
    const std::string answers = co_await test.read_all(*client);
    EXPECT_TRUE(answers.ends_with("GET /wait ;")) << answers.size();
    EXPECT_NE(answers.find("Connection: close"), std::string::npos);
  }(*this, gate));
}

TEST_F(Connection, OldHttpIsClosedUnlessItAsks) {
  start_tcp(echo);
  run([](Connection& test) -> Task<void> {
    const auto first = co_await test.connect();
    co_await first->write(*test.clock, "GET / HTTP/1.0\r\n\r\n", test.soon());
    EXPECT_TRUE((co_await test.read_all(*first)).ends_with("GET / ;"));
    const auto second = co_await test.connect();
    co_await second->write(*test.clock, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                           test.soon());
    const auto answer = co_await test.read_until(*second, ";");
    EXPECT_NE(answer.find("Connection: keep-alive"), std::string::npos) << answer;
    co_await second->write(*test.clock, "GET /2 HTTP/1.0\r\n\r\n", test.soon());
    EXPECT_TRUE((co_await test.read_all(*second)).ends_with("GET /2 ;"));
  }(*this));
}

TEST_F(Connection, HeadHasTheLengthAndNoBody) {
  start_tcp(echo);
  run([](Connection& test) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock,
                           "HEAD /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n",
                           test.soon());
    const auto answers = co_await test.read_all(*client);
    EXPECT_NE(answers.find("Content-Length: 9\r\n\r\nHTTP/1.1 200"), std::string::npos) << answers;
  }(*this));
}

TEST_F(Connection, WhoWaitsForContinueIsTold) {
  start_tcp(echo, {.body_max = Bytes(10)});
  run([](Connection& test) -> Task<void> {
    const auto client = co_await test.connect();
    const std::string head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: ";
    co_await client->write(*test.clock, head + "2\r\n\r\n", test.soon());
    const auto told = co_await test.read_until(*client, "\r\n\r\n");
    EXPECT_EQ(told, "HTTP/1.1 100 Continue\r\n\r\n");
    co_await client->write(*test.clock, "ab", test.soon());
    EXPECT_TRUE((co_await test.read_until(*client, ";")).ends_with("POST / ab;"));
    co_await client->write(*test.clock, head + "11\r\n\r\n", test.soon());
    const auto refused = co_await test.read_all(*client);
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 ")) << refused;
  }(*this));
}

TEST_F(Connection, AHugeBodyIsRefusedInWords) {
  start_tcp(echo, {.body_max = Bytes(1000)},
            [](int status, std::string_view, std::string_view sentence) {
              return Response{.status = status,
                              .content_type = "application/json",
                              .body = "{\"error\":\"" + std::string(sentence) + "\"}"};
            });
  run([](Connection& test) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock, "POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n",
                           test.soon());
    // It goes on sending, as clients do, and still reads the answer.
    bool sent = true;
    for (int megabyte = 0; megabyte < 100 && sent; ++megabyte) {
      sent = (co_await client->write(*test.clock, std::string(1'000'000, 'x'), test.soon()))
                 .has_value();
    }
    EXPECT_TRUE(sent);
    const auto answer = co_await test.read_all(*client);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
    EXPECT_TRUE(answer.ends_with("{\"error\":\"The request's body is too large.\"}")) << answer;
  }(*this));
}

TEST_F(Connection, AnIdleOneIsClosedInSilenceAndAHalfHeadIsNot) {
  start_tcp(echo, {.head_timeout = 50ms, .idle_timeout = 50ms});
  run([](Connection& test) -> Task<void> {
    const auto idle = co_await test.connect();
    co_await idle->write(*test.clock, "GET / HTTP/1.1\r\n\r\n", test.soon());
    EXPECT_TRUE((co_await test.read_all(*idle)).ends_with("GET / ;"));
    const auto slow = co_await test.connect();
    co_await slow->write(*test.clock, "GET / HTTP/1.1\r\n\r\nGET /2 HT", test.soon());
    const auto answers = co_await test.read_all(*slow);
    EXPECT_NE(answers.find("HTTP/1.1 408 "), std::string::npos) << answers;
  }(*this));
}

TEST_F(Connection, AHeadThatComesByteByByteIsGivenUp) {
  start_tcp(echo, {.head_timeout = 60ms});
  run([](Connection& test) -> Task<void> {
    const auto client = co_await test.connect();
    const Time begun = test.clock->now();
    std::string answer;
    for (int byte = 0; byte < 1000 && answer.empty(); ++byte) {
      const bool sent =
          (co_await client->write(*test.clock, byte == 0 ? "G" : "x", test.soon())).has_value();
      const auto heard = co_await client->read(*test.clock, test.clock->now() + 10ms);
      if (heard) answer = *heard;
      if (!sent) break;
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
    EXPECT_LT(test.clock->now() - begun, 5s);
  }(*this));
}

struct Left {
  bool cancelled = false;
  Wait seen;
};

Task<MaybeResponse> until_cancelled(Left& left, Exchange& exchange) {
  exchange.leaving_cancels = true;
  Wait never;
  co_await never.until_resumed();
  left.cancelled = co_await cancelled();
  left.seen.resume();
  co_return Response{};
}

TEST_F(Connection, LeavingCancelsTheHandlerThatWantsIt) {
  Left left;
  start_tcp([&](Exchange& exchange) { return until_cancelled(left, exchange); });
  run([](Connection& test, Left& state) -> Task<void> {
    auto client = co_await test.connect();
    co_await client->write(*test.clock, "GET / HTTP/1.1\r\n\r\n", test.soon());
    co_await test.clock->sleep_until(test.clock->now() + 5ms);
    // As a process that is killed: the peer gets a reset.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client->descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    client->close();
    co_await test.clock->sleep_on(state.seen, test.soon());
    EXPECT_TRUE(state.cancelled);
  }(*this, left));
}

TEST_F(Connection, DrainingLetsAnswersEndAndNothingNewIn) {
  Gate gate;
  start_tcp([&](Exchange& exchange) { return behind_gate(gate, exchange); });
  run([](Connection& test, Gate& wall) -> Task<void> {
    const auto idle = co_await test.connect();
    co_await idle->write(*test.clock, "GET / HTTP/1.1\r\n\r\n", test.soon());
    co_await test.read_until(*idle, ";");
    wall.entered = false;
    const auto busy = co_await test.connect();
    co_await busy->write(*test.clock, "GET /wait HTTP/1.1\r\n\r\n", test.soon());
    while (!wall.entered) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    EXPECT_FALSE(co_await test.server->drain(test.clock->now() + 20ms)) << "one still runs";
    EXPECT_EQ(co_await test.read_all(*idle), "");
    const auto late = co_await connect_to(*test.clock, test.address(), test.soon());
    EXPECT_FALSE(late);
    wall.open.resume();
    EXPECT_TRUE(co_await test.server->drain(test.soon()));
    const auto answer = co_await test.read_all(*busy);
    EXPECT_TRUE(answer.ends_with("GET /wait ;")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }(*this, gate));
}

Task<MaybeResponse> tell_headers(Exchange& exchange) {
  const auto word = header_of(exchange.request.headers, "x-word");
  co_return Response{.body = std::string(word.value_or("none")),
                     .headers = {{"x-kai", "yes"}, {"Retry-After", "3"}}};
}

TEST_F(Connection, ARequestSaysWhoSentItAndClientsCannot) {
  const auto whose = [](Exchange& exchange) -> Task<MaybeResponse> {
    const auto peer = header_of(exchange.request.headers, peer_header);
    co_return Response{.content_type = "text/plain", .body = std::string(peer.value_or("none"))};
  };
  for (const bool tcp : {true, false}) {
    tcp_port = 0;
    tcp ? start_tcp(whose) : start(whose);
    run([](Connection& test, bool by_tcp) -> Task<void> {
      const auto got =
          co_await fetch(*test.clock, test.address(), {"GET", "/", "", {}}, test.soon());
      EXPECT_TRUE(got && got->body == (by_tcp ? "127.0.0.1" : "none"));
      const auto client = co_await test.connect();
      co_await client->write(*test.clock, "GET / HTTP/1.1\r\n:peer: 10.0.0.1\r\n\r\n", test.soon());
      EXPECT_TRUE((co_await test.read_all(*client)).starts_with("HTTP/1.1 400 "));
    }(*this, tcp));
    io.restart();
  }
}

TEST_F(Connection, HeadersGoBothWays) {
  start_tcp(tell_headers);
  run([](Connection& test) -> Task<void> {
    const auto got = co_await fetch(*test.clock, test.address(),
                                    {"GET", "/", "", {{"X-Word", "hello"}}}, test.soon());
    EXPECT_TRUE(got) << got.error().message;
    if (!got) co_return;
    EXPECT_EQ(got->body, "hello");
    EXPECT_EQ(header_of(got->headers, "x-kai"), "yes");
    EXPECT_EQ(header_of(got->headers, "retry-after"), "3");
  }(*this));
}

// What follows a body was not there when the request was judged.
TEST_F(Connection, TrailersAreNoHeaders) {
  start_tcp(tell_headers);
  run([](Connection& test) -> Task<void> {
    const auto client = co_await test.connect();
    co_await client->write(*test.clock,
                           "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
                           "X-Word: late\r\nConnection: close\r\n\r\n"
                           "GET / HTTP/1.1\r\nX-Word: early\r\nConnection: close\r\n\r\n",
                           test.soon());
    const auto said = co_await test.read_all(*client);
    EXPECT_NE(said.find("\r\n\r\nnoneHTTP/1.1 200 "), std::string::npos) << said;
    EXPECT_TRUE(said.ends_with("\r\n\r\nearly")) << said;
  }(*this));
}

TEST_F(Connection, SaysWhyAPortCannotBeHad) {
  start_tcp(echo);
  const auto taken = serve(io.get_executor(), *clock, address(), echo);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::storage);
  EXPECT_NE(taken.error().message.find("choose another port"), std::string::npos);
  const auto name = serve(io.get_executor(), *clock, Address("localhost", 0), echo);
  ASSERT_FALSE(name);
  EXPECT_NE(name.error().message.find("in numbers"), std::string::npos);
  run([](Connection& test) -> Task<void> {
    const auto nobody =
        co_await fetch(*test.clock, Address("127.0.0.1", 1), {"GET", "/", ""}, test.soon());
    EXPECT_TRUE(!nobody && nobody.error().code == ErrorCode::lane_lost);
  }(*this));
}

}  // namespace
}  // namespace kai::http
