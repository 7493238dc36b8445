#include "sim/pc_world.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/naive.h"
#include "sim/ordered.h"
#include "sim/pc_testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Pc pc = reference_pc();
const DeviceId gpu("gpu0");
const DeviceId cpu("cpu");

std::vector<std::size_t> models(const std::vector<std::string>& names) {
  return *find_models(pc, names);
}

TEST(PcWorld, AModelAloneTakesWhatItsCardSays) {
  PcWorld world(pc, {.members = models({"mistral:7b"})});
  const auto card = *std::ranges::find(world.cards(), gpu, &CostCard::device);
  const auto played = world.play(world.query_in_full());
  EXPECT_TRUE(played.broken.empty());
  ASSERT_EQ(played.outcomes.front().answers.size(), 1u);
  const Answer& answer = played.outcomes.front().answers.front();
  EXPECT_EQ(answer.device, gpu);
  EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_EQ(answer.usage.answer, Tokens(256));
  EXPECT_NEAR(seconds(answer.timings.load), seconds(card.load), 1e-6);
  EXPECT_NEAR(200 / seconds(answer.timings.prefill), card.prefill_rate, 1e-3);
  EXPECT_NEAR(256 / seconds(answer.timings.decode), card.decode_rate, 1e-3);
  const Seconds ordered =
      run_ordered(pc, {.gpu = models({"mistral:7b"}), .cpu = {}}, {}, Tokens(640)).makespan;
  EXPECT_NEAR(seconds(played.makespan), ordered.count(), 1e-6);
}

TEST(PcWorld, StepsOfAnyLengthTakeTheSameTime) {
  std::vector<double> makespans, busy;
  for (const std::size_t step : {1, 7, 1000}) {
    PcWorld world(pc,
                  {.members = models({"gemma:2b", "llama3.2:3b", "codellama:13b"}), .step = step});
    const auto played = world.play(world.query_in_full());
    makespans.push_back(seconds(played.makespan));
    busy.push_back(played.gpu_busy);
  }
  EXPECT_NEAR(makespans[1], makespans[0], 1e-5);
  EXPECT_NEAR(makespans[2], makespans[0], 1e-5);
  EXPECT_NEAR(busy[2], busy[0], 1e-5);
}

TEST(PcWorld, AllModelsAnswerWithinTheMemory) {
  for (const auto& known : pc.known) {
    SCOPED_TRACE(known.name);
    PcWorld world(pc, {.members = models(known.models), .coordinator = without_timeouts()});
    const auto played = world.play(world.query_in_full());
    EXPECT_TRUE(played.broken.empty());
    const Outcome& outcome = played.outcomes.front();
    EXPECT_EQ(outcome.answers.size(), known.models.size());
    for (const auto& answer : outcome.answers) {
      EXPECT_EQ(answer.ending, Ending::complete) << answer.member.text;
    }
    EXPECT_EQ(world.engine().loads_without_memory(), 0);
    EXPECT_GT(world.engine().peak(gpu), Bytes(0));
    EXPECT_LE(world.engine().peak(gpu), pc.gpu_memory);
    EXPECT_LE(world.engine().peak(cpu), pc.memory);
    EXPECT_GE(Seconds(played.makespan), bound(pc, models(known.models), {}));
    EXPECT_LE(played.gpu_busy, 1);
    EXPECT_TRUE(std::holds_alternative<event::Completed>(played.events.back().what));
  }
}

// R32: kai's own plan, played by its own scheduler, is about as fast as the best order that splits
// no model, and takes as long as it says.
TEST(PcWorld, NoRowIsMuchSlowerThanItsBestOrderOrItsPrediction) {
  constexpr Tokens context{640};
  for (const auto& known : pc.known) {
    SCOPED_TRACE(known.name);
    const auto members = models(known.models);
    PcWorld world(pc, {.members = members, .coordinator = without_timeouts()});
    const auto played = world.play(world.query_in_full());
    const PcOrder best = best_order(pc, members, {}, context, Splitting::never);
    const double least = run_ordered(pc, best, {}, context).makespan.count();
    EXPECT_LE(seconds(played.makespan), 1.03 * least);
    const double predicted = seconds(played.outcomes.front().plans.front().predicted);
    EXPECT_NEAR(predicted / seconds(played.makespan), 1, 0.05);
  }
}

TEST(PcWorld, TheCpuAnswersBesideASplitModel) {
  const auto members = models(std::ranges::find(pc.known, "all 11", &PcKnown::name)->models);
  PcWorld world(pc, {.members = members, .coordinator = without_timeouts()});
  const auto played = world.play(world.query_in_full());
  EXPECT_TRUE(played.broken.empty());
  const Outcome& outcome = played.outcomes.front();
  EXPECT_EQ(std::ranges::count(outcome.answers, Ending::complete, &Answer::ending), 11);
  EXPECT_EQ(world.engine().running_most(cpu), 1);
  EXPECT_NEAR(seconds(outcome.plans.front().predicted) / seconds(played.makespan), 1, 0.05);
  // 70 s where one of them had to wait for the other.
  EXPECT_LT(played.makespan, 64s);
}

TEST(PcWorld, ADeadlineStopsItsModelsAtOnce) {
  PcWorld world(pc, {.members = models({"phi3:14b"})});
  Query query = world.query_in_full();
  query.time_limit = 10s;
  const auto played = world.play(std::move(query));
  EXPECT_TRUE(played.broken.empty());
  EXPECT_EQ(played.makespan, 10s);
  const Seconds used = world.engine().used(Part::cpu);
  world.play(world.query(""));
  EXPECT_EQ(world.engine().used(Part::cpu), used);
  EXPECT_EQ(played.outcomes.front().answers.front().ending, Ending::deadline);
}

TEST(PcWorld, WhoFindsNoFreeMemoryIsAskedElsewhere) {
  PcWorld world(pc, {.members = models({"gemma:2b", "mistral:7b", "codellama:13b"})});
  const Bytes stolen = world.engine().steal(Bytes(5'000'000'000));
  EXPECT_EQ(stolen, Bytes(5'000'000'000));
  const auto played = world.play(world.query_in_full());
  EXPECT_TRUE(played.broken.empty());
  EXPECT_GT(world.engine().loads_without_memory(), 0);
  EXPECT_LE(world.engine().peak(gpu) + stolen, pc.gpu_memory);
  EXPECT_TRUE(played.outcomes.front().answered());
  for (const auto& answer : played.outcomes.front().answers) {
    EXPECT_EQ(answer.ending, Ending::complete)
        << answer.member.text << (answer.error ? ": " + answer.error->message : "");
  }
  ASSERT_FALSE(played.outcomes.front().device_changes.empty());
  EXPECT_TRUE(played.outcomes.front().device_changes[0].contains("not enough memory on gpu0; "))
      << played.outcomes.front().device_changes[0];
  // What was stolen is there again once it is given back.
  world.engine().give_back(stolen);
  const int refusals = world.engine().loads_without_memory();
  EXPECT_EQ(world.play(world.query_in_full()).outcomes.front().verdict.voters, 3);
  EXPECT_EQ(world.engine().loads_without_memory(), refusals);
}

TEST(PcWorld, QuestionsComeWhenTheyAreAsked) {
  PcWorld world(pc, {.members = models({"gemma:2b"})});
  Query first = world.query_in_full(), second = world.query_in_full();
  second.asked += 60s;
  const auto played = world.play({first, second});
  EXPECT_TRUE(played.broken.empty());
  ASSERT_EQ(played.outcomes.size(), 2u);
  EXPECT_LT(played.outcomes[1].latency, played.outcomes[0].latency);  // it is loaded by then
  EXPECT_EQ(played.makespan, 60s + played.outcomes[1].latency);
}

}  // namespace
}  // namespace kai
