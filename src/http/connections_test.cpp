// Connections that stay open between two requests.
#include "http/fixture.h"

namespace kai::http {
namespace {

using namespace std::chrono_literals;

// A clock that can be set forward.
class Ahead final : public Clock {
 public:
  explicit Ahead(Clock& real) : real_(real) {}
  Time now() const override { return real_.now() + by; }
  WallTime wall() const override { return real_.wall() + by; }
  std::unique_ptr<Alarm> ring_at(Time when, Wait& wait) override {
    return real_.ring_at(when - by, wait);
  }
  Duration by{};

 private:
  Clock& real_;
};

Task<std::optional<Response>> hello(Exchange&) {
  co_return Response{.body = "{}"};
}

TEST_F(HttpTest, AnIdleConnectionIsClosedWithoutAnotherRequest) {
  start_tcp(hello);
  Ahead clock_ahead(*clock);
  Connections connections(clock_ahead);
  run([](HttpTest& test, Ahead& ahead, Connections& kept) -> Task<void> {
    {
      auto reply = co_await kept.open(test.address(), {"GET", "/", ""}, ahead.now() + 10s);
      EXPECT_TRUE(reply);
      if (!reply) co_return;
      const auto line = co_await (*reply)->next(ahead.now() + 10s);
      EXPECT_TRUE(line);
      (*reply)->leave();
    }
    EXPECT_EQ(kept.idle(), 1u);
    ahead.by = 29s;
    kept.sweep();
    EXPECT_EQ(kept.idle(), 1u);
    ahead.by = 31s;
    kept.sweep();
    EXPECT_EQ(kept.idle(), 0u);
  }(*this, clock_ahead, connections));
}

}  // namespace
}  // namespace kai::http
