#include "bench/load/mock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/clock.h"
#include "bench/load/until_stdin_ends.h"
#include "http/http.h"

namespace kai::bench {

namespace {

using Reply = std::optional<http::Response>;

class Mock {
 public:
  Mock(Clock& clock, Pace pace) : clock_(clock), pace_(pace) {}

  Task<Reply> handle(http::Exchange& exchange) {
    const std::string& target = exchange.request.target;
    if (target == "/v1/models") co_return http::Response{.body = models()};
    if (target == "/open") co_return http::Response{.body = std::to_string(open_)};
    exchange.leaving_cancels = true;
    ++open_;
    const bool stream = exchange.request.body.contains("\"stream\":true");
    Reply reply;
    if (stream) {
      co_await write(exchange);
    } else {
      const int words = pace_.tokens - 1;
      co_await pause(pace_.first_ms + words * pace_.token_ms);
      reply = http::Response{.body = whole()};
    }
    --open_;
    co_return reply;
  }

 private:
  Task<void> pause(int ms) {
    if (ms > 0) co_await clock_.sleep_until(clock_.now() + std::chrono::milliseconds(ms));
  }

  // As engines do: a chunk a token.
  Task<void> write(http::Exchange& exchange) {
    auto stream = co_await exchange.stream({"text/event-stream"});
    for (int token = 0; token < pace_.tokens; ++token) {
      co_await pause(token == 0 ? pace_.first_ms : pace_.token_ms);
      if (!co_await stream->write(chunk(token == 0 ? "Paris" : " is", "null"))) co_return;
    }
    co_await stream->write(chunk("", R"("stop")") +
                           fmt::format("data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\","
                                       "\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":"
                                       "{{\"prompt_tokens\":9,\"completion_tokens\":{},"
                                       "\"total_tokens\":{}}}}}\n\ndata: [DONE]\n\n",
                                       pace_.tokens, pace_.tokens + 9));
  }

  static std::string chunk(std::string_view text, std::string_view finish) {
    return fmt::format(
        "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
        "\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}},\"finish_reason\":{}}}]}}\n\n",
        text, finish);
  }

  std::string whole() const {
    std::string text = "Paris";
    for (int token = 1; token < pace_.tokens; ++token) text += " is";
    return fmt::format(
        R"({{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,)"
        R"("message":{{"role":"assistant","content":"{}"}},"finish_reason":"stop"}}],)"
        R"("usage":{{"prompt_tokens":9,"completion_tokens":{},"total_tokens":{}}}}})",
        text, pace_.tokens, pace_.tokens + 9);
  }

  static std::string models() {
    std::string rows;
    for (int model = 1; model <= 5; ++model) {
      rows += fmt::format(R"({}{{"id":"m{}","object":"model","created":1,"owned_by":"mock"}})",
                          model > 1 ? "," : "", model);
    }
    return fmt::format(R"({{"object":"list","data":[{}]}})", rows);
  }

  Clock& clock_;
  Pace pace_;
  int open_ = 0;
};

}  // namespace

int run_mock(Pace pace) {
  boost::asio::io_context io{1};
  const auto clock = make_real_clock(io.get_executor());
  Mock mock(*clock, pace);
  http::Limits limits;
  limits.connections_max = 4096;
  const auto server = http::serve(
      io.get_executor(), *clock, http::Address("127.0.0.1", 0),
      [&mock](http::Exchange& exchange) { return mock.handle(exchange); }, limits);
  if (!server) {
    fmt::print(stderr, "mock: {}\n", server.error().message);
    return 1;
  }
  fmt::print("{}\n", (*server)->port());
  run_until_stdin_ends(io);
  return 0;
}

}  // namespace kai::bench
