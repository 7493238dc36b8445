#include "export/otlp.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "http/fixture.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

TEST(OtlpTarget, IsAnAddressWithoutAPath) {
  EXPECT_EQ(to_string(*otlp_target("http://127.0.0.1:4318")), "127.0.0.1:4318");
  EXPECT_EQ(to_string(*otlp_target("http://localhost:4318/")), "127.0.0.1:4318");
  for (const char* bad : {"", "127.0.0.1:4318", "https://127.0.0.1", "http://collector:4318",
                          "http://127.0.0.1:4318/v1/traces"}) {
    const auto refused = otlp_target(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_config);
  }
}

Outcome outcome(int number) {
  Outcome outcome;
  outcome.query.id = QueryId("q_" + std::to_string(number));
  outcome.query.messages = {{Role::user, "a secret question"}};
  outcome.verdict.text = "a secret answer";
  outcome.asked = WallTime(1'700'000'000s);
  outcome.latency = 3s;
  Answer answer;
  answer.model = ModelId("small:1b");
  answer.device = DeviceId("cpu");
  answer.ending = Ending::complete;
  answer.text = "a secret answer";
  answer.timings.total = 2s;
  answer.timings.ttft = 500ms;
  answer.timings.decode = 1s;
  answer.usage = {Tokens(10), Tokens(20)};
  outcome.answers = {answer, answer};
  outcome.answers[1].model = ModelId("vllm/big");
  outcome.answers[1].device = DeviceId("vllm");
  return outcome;
}

class OtlpTest : public http::HttpTest {
 public:
  // A collector that answers with `statuses` in turn, the last again and again.
  void collect(std::vector<int> statuses) {
    start_tcp([this, statuses](http::Exchange& exchange) {
      const std::size_t index = std::min(got.size(), statuses.size() - 1);
      got.push_back(exchange.request);
      return reply(statuses[index]);
    });
  }
  static Task<std::optional<http::Response>> reply(int status) {
    co_return http::Response{.status = status, .body = "{}"};
  }
  OtlpOptions options() const {
    OtlpOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(tcp_port);
    options.every = 1ms;
    options.metrics_every = 1ms;
    options.pause = 1ms;
    return options;
  }
  // Tells of questions until `done(counts)`, at most 20 s.
  template <class Done>
  Task<Otlp::Counts> tell(OtlpOptions how, int questions, Done done) {
    Otlp otlp(*clock, std::move(how), "1.2.3");
    TaskGroup<bool> group(io.get_executor());
    for (int i = 0; i < questions; ++i) otlp.tell(outcome(i));
    group.start(otlp.run());
    const Time until = clock->now() + 20s;
    while (!done(otlp.counts()) && clock->now() < until) {
      co_await clock->sleep_until(clock->now() + 1ms);
    }
    EXPECT_TRUE(done(otlp.counts()));
    co_await group.join();
    co_return otlp.counts();
  }
  int posts(const std::string& target) const {
    return static_cast<int>(std::ranges::count(got, target, &http::Request::target));
  }

  std::vector<http::Request> got;
};

TEST_F(OtlpTest, TellsTracesAndMetricsAndNoWords) {
  collect({200});
  run([](OtlpTest& test) -> Task<void> {
    const auto counts = co_await test.tell(test.options(), 2, [&](const auto& now) {
      return now.sent == 2 && test.posts("/v1/metrics") > 0;
    });
    EXPECT_EQ(counts.failed + counts.dropped, 0);
    EXPECT_EQ(test.posts("/v1/traces"), 1) << "both in one message";
    for (const auto& request : test.got) {
      EXPECT_FALSE(request.body.contains("secret")) << request.body;
      EXPECT_EQ(http::header_of(request.headers, "content-type"), "application/json");
    }
  }(*this));
}

TEST_F(OtlpTest, OfItsOwnModelsItIsTheServer) {
  collect({200});
  run([](OtlpTest& test) -> Task<void> {
    co_await test.tell(test.options(), 1,
                       [&](const auto&) { return test.posts("/v1/metrics") > 0; });
    const auto said = std::ranges::find(test.got, "/v1/metrics", &http::Request::target);
    for (const std::string name :
         {"request.duration", "time_to_first_token", "time_per_output_token"}) {
      const auto at = said->body.find("\"gen_ai.server." + name + "\"");
      if (at == std::string::npos) {
        ADD_FAILURE() << name << " is missing: " << said->body;
        continue;
      }
      const std::string metric = said->body.substr(at, said->body.find("\"name\"", at) - at);
      EXPECT_TRUE(metric.contains("small:1b")) << metric;
      EXPECT_FALSE(metric.contains("vllm/big")) << metric;
    }
  }(*this));
}

TEST_F(OtlpTest, TriesAgainWhatMayPassAndNotWhatIsRefused) {
  collect({503, 429, 200});
  run([](OtlpTest& test) -> Task<void> {
    co_await test.tell(test.options(), 1, [](const auto& now) { return now.sent == 1; });
    EXPECT_EQ(test.posts("/v1/traces"), 3);
  }(*this));
  io.restart();
  got.clear();
  collect({400});
  run([](OtlpTest& test) -> Task<void> {
    co_await test.tell(test.options(), 1, [](const auto& now) { return now.failed == 1; });
    EXPECT_EQ(test.posts("/v1/traces"), 1);
  }(*this));
}

TEST_F(OtlpTest, WhatWaitsIsBoundedAndCounted) {
  run([](OtlpTest& test) -> Task<void> {
    OtlpOptions how;
    how.url = "http://127.0.0.1:1";
    how.waiting_max = 3;
    const auto counts =
        co_await test.tell(how, 10, [](const auto& now) { return now.dropped == 7; });
    EXPECT_EQ(counts.sent, 0);
  }(*this));
}

TEST_F(OtlpTest, SendsInBatches) {
  collect({200});
  run([](OtlpTest& test) -> Task<void> {
    OtlpOptions how = test.options();
    how.batch_max = 4;
    how.metrics_every = 1h;
    co_await test.tell(how, 10, [](const auto& now) { return now.sent == 10; });
    EXPECT_EQ(test.posts("/v1/traces"), 3);
  }(*this));
}

TEST_F(OtlpTest, WithoutAnAddressItIsOff) {
  run([](OtlpTest& test) -> Task<void> {
    const auto counts = co_await test.tell({}, 5, [](const auto&) { return true; });
    EXPECT_EQ(counts.sent + counts.failed + counts.dropped, 0);
  }(*this));
}

}  // namespace
}  // namespace kai
