// The one stream of everything that happens: snapshot, then events; slow and many readers.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Watching : public testing_api::ApiTest {
 public:
  void run_and_settle(Task<void> steps) {
    run([](Watching& test, Task<void> task) -> Task<void> {
      co_await std::move(task);
      test.api->close();
      co_await test.api->settle(test.clock->now());
    }(*this, std::move(steps)));
  }
  Task<std::unique_ptr<http::Socket>> watch(std::string more = "") {
    auto client = co_await connect();
    co_await client->write(
        *clock, "GET /api/v1/events" + more + " HTTP/1.1\r\nHost: localhost\r\n\r\n", soon());
    co_return client;
  }
  // Reads until the words came, or 10 s.
  Task<std::string> until(http::Socket& client, std::string words) {
    std::string all;
    const Time end = soon();
    while (!all.contains(words)) {
      auto bytes = co_await client.read(*clock, end);
      if (!bytes || bytes->empty()) break;
      all += *bytes;
    }
    EXPECT_TRUE(all.contains(words)) << all;
    co_return all;
  }
  Task<void> ask() { co_await post("/api/v1/queries", R"({"question":"Why?"})"); }
};

TEST_F(Watching, BeginsWithWhereThingsStand) {
  gated = true;
  script = {event::Started{}, event::Token{MemberId("a"), "The "},
            event::Token{MemberId("a"), "sea"}};
  serve_api();
  run_and_settle([](Watching& test) -> Task<void> {
    co_await test.ask();
    co_await test.clock->sleep_until(test.clock->now() + 200ms);
    const auto client = co_await test.watch();
    const auto first = co_await test.until(*client, "\"events\":[");
    EXPECT_TRUE(first.contains(R"("type":"snapshot")") && first.contains("small:1b"));
    EXPECT_TRUE(first.contains(R"("type":"query.asked")") &&
                first.contains(R"("type":"query.started")") &&
                first.contains(R"("text":"The sea")"))
        << first;
    test.gate.resume();
    const auto rest = co_await test.until(*client, "query.completed");
    EXPECT_FALSE(rest.contains("query.asked"));
  }(*this));
}

TEST_F(Watching, GoesOnWhereItWasCut) {
  serve_api();
  run_and_settle([](Watching& test) -> Task<void> {
    auto client = co_await test.watch();
    const auto first = co_await test.until(*client, "snapshot");
    const auto at = first.find("id: ") + 4;
    const std::string id = first.substr(at, first.find('\n', at) - at);
    client.reset();
    co_await test.ask();
    const auto again = co_await test.watch("?after=" + id);
    const auto rest = co_await test.until(*again, "query.completed");
    EXPECT_TRUE(rest.contains("query.asked") && !rest.contains("snapshot")) << rest;
    const auto stranger = co_await test.watch("?after=7");
    co_await test.until(*stranger, "snapshot");
  }(*this));
}

TEST_F(Watching, TellsWhichModelsAreLoaded) {
  serve_api();
  run_and_settle([](Watching& test) -> Task<void> {
    const auto client = co_await test.watch();
    co_await test.until(*client, "snapshot");
    test.resident = {{ModelId("small:1b"), DeviceId("cpu"), Bytes(7)}};
    test.api->look_at_models();
    test.api->look_at_models();
    const auto told = co_await test.until(*client, "models.changed");
    EXPECT_TRUE(told.contains(R"("loaded":[{"device":"cpu","bytes":7}])")) << told;
    co_await test.ask();
    EXPECT_FALSE((co_await test.until(*client, "query.completed")).contains("models.changed"));
  }(*this));
}

TEST_F(Watching, WhoReadsNothingHoldsNobodyUp) {
  script.assign(40, event::EarlyStop{std::string(20'000, 'x')});
  serve_api();
  run_and_settle([](Watching& test) -> Task<void> {
    const auto deaf = co_await test.watch();
    const auto client = co_await test.watch();
    for (int question = 0; question < 8; ++question) {
      co_await test.ask();
      co_await test.until(*client, "query.completed");
    }
    EXPECT_EQ(test.begun, 8);
    // It is told again from where it was, or anew where that is no longer held.
    co_await test.until(*deaf, "query.completed");
  }(*this));
}

TEST_F(Watching, EndsWithTheServer) {
  serve_api();
  run([](Watching& test) -> Task<void> {
    const auto client = co_await test.watch();
    co_await test.until(*client, "snapshot");
    test.api->close();
    co_await test.api->settle(test.clock->now());
    co_await test.until(*client, "0\r\n\r\n");
  }(*this));
}

}  // namespace
}  // namespace kai
