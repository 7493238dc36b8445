// Several questions at once on one PC: none waits for ever, short ones do not stand behind all of a
// long one, and those that want different models do not disturb each other.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/pc_testing.h"
#include "sim/pc_world.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Pc pc = reference_pc();

std::vector<std::size_t> all_models() {
  std::vector<std::size_t> all;
  for (std::size_t model = 0; model < 10; ++model) all.push_back(model);
  return all;
}

Query at(PcWorld& world, Tier tier, Duration after) {
  Query query = world.query();
  query.tier = tier;
  query.asked += after;
  return query;
}

Query to(PcWorld& world, const std::vector<std::string>& names) {
  Query query = world.query_in_full();
  query.mode = Mode::adaptive;
  for (const auto& name : names) query.models.emplace_back(name);
  return query;
}

double latency(const PcPlayed& played, std::size_t question) {
  return seconds(played.outcomes[question].latency);
}

TEST(PcCrowd, AShortQuestionDoesNotStandBehindAllOfALongOne) {
  PcWorld alone(pc, {.members = all_models()});
  const double expert_alone = latency(alone.play(at(alone, Tier::expert, 0s)), 0);
  PcWorld world(pc, {.members = all_models()});
  const auto played = world.play({at(world, Tier::expert, 0s), at(world, Tier::simple, 2s)});
  EXPECT_TRUE(played.broken.empty());
  for (const auto& outcome : played.outcomes) EXPECT_TRUE(outcome.answered());
  EXPECT_LT(latency(played, 1), expert_alone - 4);
  // It costs the long one no more than what it took itself.
  EXPECT_LT(latency(played, 0), expert_alone + latency(played, 1));
}

TEST(PcCrowd, ALongQuestionIsNotStarvedByShortOnes) {
  PcWorld world(pc, {.members = all_models()});
  std::vector<Query> queries{at(world, Tier::expert, 0s)};
  for (int second = 1; second < 120; second += 3) {
    queries.push_back(at(world, Tier::simple, std::chrono::seconds(second)));
  }
  const auto played = world.play(std::move(queries));
  EXPECT_TRUE(played.broken.empty());
  const auto expert = std::ranges::find_if(played.outcomes, [](const Outcome& outcome) {
    return outcome.plans.front().tier == Tier::expert;
  });
  ASSERT_NE(expert, played.outcomes.end());
  EXPECT_TRUE(expert->answered());
  EXPECT_GE(expert->verdict.voters, 5);
}

TEST(PcCrowd, AQuestionThatComesIntoACrowdAsksFewer) {
  PcWorld world(pc, {.members = all_models()});
  std::vector<Query> queries;
  for (int count = 0; count < 6; ++count) {
    queries.push_back(at(world, Tier::medium, std::chrono::milliseconds(100 * count)));
  }
  const auto played = world.play(std::move(queries));
  EXPECT_TRUE(played.broken.empty());
  const auto asked = [&](std::size_t question) {
    return played.outcomes[question].plans.front().asks.size();
  };
  EXPECT_EQ(asked(0), 6u);
  EXPECT_LT(asked(5), asked(0));
  for (const auto& outcome : played.outcomes) EXPECT_TRUE(outcome.answered());
}

TEST(PcCrowd, QuestionsToDisjointHalvesOfTheFleetShareTheMachine) {
  const std::vector<std::string> one{"llama3.2:3b", "mistral:7b", "phi3:3.8b"};
  const std::vector<std::string> other{"gemma:2b", "llama3.1:8b", "qwen:4b"};
  double apart = 0;
  for (const auto& names : {one, other}) {
    PcWorld world(pc, {.members = all_models(), .coordinator = without_timeouts()});
    apart += seconds(world.play(to(world, names)).makespan);
  }
  PcWorld world(pc, {.members = all_models(), .coordinator = without_timeouts()});
  const auto played = world.play({to(world, one), to(world, other)});
  EXPECT_TRUE(played.broken.empty());
  for (const auto& outcome : played.outcomes) {
    for (const auto& answer : outcome.answers) {
      EXPECT_EQ(answer.ending, Ending::complete) << answer.member.text;
    }
  }
  EXPECT_LT(seconds(played.makespan), 1.05 * apart);
}

TEST(PcCrowd, QuestionsToOneModelAreWrittenTogether) {
  double alone = 0;
  {
    PcWorld world(pc, {.members = all_models()});
    alone = seconds(world.play(to(world, {"llama3.1:8b"})).makespan);
  }
  PcWorld world(pc, {.members = all_models()});
  std::vector<Query> queries;
  for (int count = 0; count < 4; ++count) queries.push_back(to(world, {"llama3.1:8b"}));
  const auto played = world.play(std::move(queries));
  EXPECT_TRUE(played.broken.empty());
  for (const auto& outcome : played.outcomes) EXPECT_TRUE(outcome.answered());
  // The first one is loaded alone; the other three are one batch.
  EXPECT_LT(seconds(played.makespan), 2.6 * alone);
}

}  // namespace
}  // namespace kai
