#include "export/webhook.h"

#include <gtest/gtest.h>

#include "http/fixture.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

TEST(WebhookTarget, TakesNumbersAlone) {
  const auto good = webhook_target("http://127.0.0.1:9095/kai?team=a");
  ASSERT_TRUE(good);
  EXPECT_EQ(to_string(good->address), "127.0.0.1:9095");
  EXPECT_EQ(good->path, "/kai?team=a");
  EXPECT_EQ(to_string(webhook_target("http://localhost")->address), "127.0.0.1:80");
  EXPECT_EQ(webhook_target("http://[::1]:81")->path, "/");
  EXPECT_EQ(to_string(webhook_target("http://[::1]:81")->address), "[::1]:81");
  for (const char* bad : {"", "nonsense", "https://127.0.0.1/", "http://example.org/",
                          "http://a:b@127.0.0.1/", "http://127.0.0.1/#here", "http://127.0.0.1:0/",
                          "http://127.0.0.1:99999/", "ftp://1.2.3.4"}) {
    const auto refused = webhook_target(bad);
    EXPECT_FALSE(refused) << bad;
    if (!refused) EXPECT_EQ(refused.error().code, ErrorCode::invalid_config) << bad;
  }
}

class WebhookTest : public http::HttpTest {
 public:
  // Answers with `statuses` in turn, the last again and again.
  void listen(std::vector<int> statuses) {
    start_tcp([this, statuses](http::Exchange& exchange) {
      const std::size_t index = std::min(bodies.size(), statuses.size() - 1);
      bodies.push_back(exchange.request.body);
      return reply(statuses[index]);
    });
  }
  static Task<std::optional<http::Response>> reply(int status) {
    http::Response response{.status = status};
    if (status == 302) response.headers.push_back({"Location", "http://127.0.0.1:1/"});
    co_return response;
  }
  WebhookOptions options() const {
    WebhookOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(tcp_port) + "/hook";
    options.pause = 1ms;
    return options;
  }
  // Tells `alerts` of them and waits until each was sent or given up.
  Task<Webhook::Counts> tell(WebhookOptions how, int alerts) {
    Webhook webhook(*clock, std::move(how));
    TaskGroup<bool> group(io.get_executor());
    for (int i = 0; i < alerts; ++i) {
      Alert alert;
      alert.name = "ModelDown" + std::to_string(i);
      webhook.tell(alert);
    }
    group.start(webhook.run());
    const auto done = [&] {
      const auto& counts = webhook.counts();
      return counts.sent + counts.failed + counts.dropped == alerts;
    };
    while (!done() && clock->now() < begun + 20s) co_await clock->sleep_until(clock->now() + 1ms);
    co_await group.join();
    co_return webhook.counts();
  }

  std::vector<std::string> bodies;
  Time begun = clock->now();
};

TEST_F(WebhookTest, TellsEachAlertOnce) {
  listen({200});
  run([](WebhookTest& test) -> Task<void> {
    const auto counts = co_await test.tell(test.options(), 2);
    EXPECT_EQ(counts.sent, 2);
    EXPECT_EQ(test.bodies.size(), 2u);
    EXPECT_TRUE(test.bodies.at(0).contains(R"("alertname":"ModelDown0")"));
  }(*this));
}

TEST_F(WebhookTest, TriesAgainWhatMayPass) {
  listen({500, 429, 204});
  run([](WebhookTest& test) -> Task<void> {
    EXPECT_EQ((co_await test.tell(test.options(), 1)).sent, 1);
    EXPECT_EQ(test.bodies.size(), 3u);
  }(*this));
}

TEST_F(WebhookTest, GivesUpAfterItsTries) {
  listen({503});
  run([](WebhookTest& test) -> Task<void> {
    EXPECT_EQ((co_await test.tell(test.options(), 1)).failed, 1);
    EXPECT_EQ(test.bodies.size(), 3u);
  }(*this));
}

TEST_F(WebhookTest, FollowsNoRedirectAndRepeatsNoRefusal) {
  for (const int status : {302, 404}) {
    bodies.clear();
    listen({status});
    run([](WebhookTest& test) -> Task<void> {
      EXPECT_EQ((co_await test.tell(test.options(), 1)).failed, 1);
      EXPECT_EQ(test.bodies.size(), 1u);
    }(*this));
    io.restart();
  }
}

TEST_F(WebhookTest, NobodyThereIsAFailureInTime) {
  run([](WebhookTest& test) -> Task<void> {
    WebhookOptions how = test.options();
    how.url = "http://127.0.0.1:1/hook";
    EXPECT_EQ((co_await test.tell(how, 1)).failed, 1);
  }(*this));
}

TEST_F(WebhookTest, WhatWaitsIsBounded) {
  listen({200});
  run([](WebhookTest& test) -> Task<void> {
    WebhookOptions how = test.options();
    how.waiting_max = 3;
    const auto counts = co_await test.tell(how, 10);
    EXPECT_EQ(counts.sent, 3);
    EXPECT_EQ(counts.dropped, 7);
  }(*this));
}

TEST_F(WebhookTest, WithoutAnAddressNobodyIsTold) {
  run([](WebhookTest& test) -> Task<void> {
    Webhook webhook(*test.clock, {});
    webhook.tell({});
    EXPECT_EQ(webhook.counts().dropped, 0);
    co_return;
  }(*this));
}

}  // namespace
}  // namespace kai
