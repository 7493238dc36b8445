// A user who leaves just while those are stopped that are not needed any more.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "coordinator/coordinator.h"
#include "sim/forgetful_store.h"
#include "sim/player.h"
#include "sim/script_engine.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr Duration last_step = 200ms;

// Whoever is stopped finishes a step before it ends.
class Sluggish final : public ScriptEngine {
 public:
  Sluggish(VirtualClock& clock) : ScriptEngine(clock, 7, {}), clock_(clock) {}
  Task<Answer> ask(std::vector<Message> messages, Ask ask, const Model& model, const Lease& lease,
                   OnStep on_step) override {
    Answer answer = co_await ScriptEngine::ask(std::move(messages), std::move(ask), model, lease,
                                               std::move(on_step));
    if (answer.ending != Ending::cancelled) co_return answer;
    co_await shield();
    co_await clock_.sleep_until(clock_.now() + last_step);
    co_await unshield();
    co_return answer;
  }

 private:
  VirtualClock& clock_;
};

// Two agree at once, the third would go on for long. patience 0: nobody leaves.
Outcome ask(Duration patience) {
  boost::asio::io_context io{1};
  VirtualClock clock;
  Fleet fleet;
  fleet.devices.push_back(
      {DeviceId("cpu"), DeviceKind::cpu, "simulated", Bytes(4'000'000'000), 3, 1});
  ForgetfulStore store;
  MachineLock lock("", clock);
  Sluggish engine(clock);
  std::vector<CostCard> cards;
  for (const std::string name : {"a", "b", "slow"}) {
    Model& model = fleet.models.emplace_back();
    model.id = ModelId(name);
    model.facts.context_max = Tokens(8192);
    Script script;
    if (name == "slow") script.decode_rate = 1;
    script.answer = [](const std::string&, Random&) {
      return std::vector<std::string>{"It", " is", " Paris"};
    };
    cards.push_back({model.id, DeviceId("cpu"), Bytes(100'000'000), Bytes(1000), Bytes(1000),
                     script.load, script.prefill_rate, 100, 0});
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
  query.synthesize = true;
  query.time_limit = 30s;
  return std::move(Player(io, clock).play(coordinator, {query}, {}, patience).front());
}

TEST(Leaving, IsSeenWhileTheRestIsStopped) {
  const Outcome stayed = ask({});
  ASSERT_TRUE(stayed.answered());
  ASSERT_FALSE(stayed.stop_why.empty());
  ASSERT_TRUE(stayed.synthesis.has_value());
  const Duration made = stayed.synthesis->answer.timings.total;
  ASSERT_GT(made, 0s);
  // In the middle of the slow one's last step.
  const Outcome left = ask(stayed.latency - made - last_step / 2);
  EXPECT_TRUE(left.answered());  // it was settled
  EXPECT_FALSE(left.synthesis.has_value());
  EXPECT_LT(left.latency, stayed.latency);
}

}  // namespace
}  // namespace kai
