// People's clocks jump: set back or forward by an hour, in the middle of a question. What waits
// goes by the monotonic clock and notices nothing.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "coordinator/coordinator.h"
#include "sim/forgetful_store.h"
#include "sim/player.h"
#include "sim/script_engine.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// Virtual time whose wall clock is set now and then.
class SteppedClock final : public Clock {
 public:
  Time now() const override { return time.now(); }
  WallTime wall() const override { return time.wall() + step; }
  std::unique_ptr<Alarm> ring_at(Time when, Wait& wait) override {
    return time.ring_at(when, wait);
  }
  VirtualClock time;
  Duration step{};
};

struct Told {
  Outcome outcome;
  std::vector<Duration> at;  // of its events
};

// Two models answer one question; the clock is set by `step` at each event.
Told tell(Duration step) {
  boost::asio::io_context io{1};
  SteppedClock clock;
  Fleet fleet;
  fleet.devices.push_back(
      {DeviceId("cpu"), DeviceKind::cpu, "simulated", Bytes(4'000'000'000), 1, 1});
  ForgetfulStore store;
  MachineLock lock("", clock);
  ScriptEngine engine(clock, 7, {});
  std::vector<CostCard> cards;
  for (const char* name : {"a", "b"}) {
    Model& model = fleet.models.emplace_back();
    model.id = ModelId(name);
    model.facts.context_max = Tokens(8192);
    Script script;
    script.answer = [](const std::string&, Random&) {
      return std::vector<std::string>(20, " Paris");
    };
    cards.push_back({model.id, DeviceId("cpu"), Bytes(100'000'000), Bytes(1000), Bytes(1000),
                     script.load, script.prefill_rate, script.decode_rate, 0});
    engine.add(model.id, std::move(script));
  }
  Scheduler scheduler(fleet.devices, engine, clock);
  Coordinator coordinator({io.get_executor(), clock, fleet, scheduler, engine, store, lock}, {},
                          cards);
  Query query;
  query.id = QueryId("q_1");
  query.messages = {{Role::user, "What is the capital of France?"}};
  query.asked = clock.now();
  query.mode = Mode::all;
  query.hear_all = true;
  query.time_limit = 30s;
  Told told;
  auto outcomes = Player(io, clock.time).play(coordinator, {query}, [&](const Event& event) {
    told.at.push_back(event.at);
    clock.step += step;
  });
  told.outcome = std::move(outcomes.front());
  return told;
}

TEST(ClockSteps, ChangeNeitherDeadlinesNorTimes) {
  const Told calm = tell(0s);
  ASSERT_TRUE(calm.outcome.answered()) << calm.outcome.error->message;
  for (const Duration step : {Duration(-1h), Duration(1h), Duration(-24h * 365)}) {
    const Told told = tell(step);
    ASSERT_TRUE(told.outcome.answered()) << told.outcome.error->message;
    EXPECT_EQ(told.at, calm.at);
    EXPECT_EQ(told.outcome.latency, calm.outcome.latency);
    EXPECT_EQ(told.outcome.asked, calm.outcome.asked);
    for (const auto& answer : told.outcome.answers) {
      EXPECT_EQ(answer.ending, Ending::complete);
      EXPECT_GE(answer.timings.total, 0s);
    }
  }
}

}  // namespace
}  // namespace kai
