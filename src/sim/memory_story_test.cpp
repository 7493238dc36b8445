// Questions while another program takes the GPU's memory: whole stories on the reference PC.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/naive.h"
#include "sim/pc_testing.h"
#include "sim/pc_world.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Pc pc = reference_pc();
const DeviceId gpu("gpu0");
const DeviceId cpu("cpu");
constexpr Bytes everything(1'000'000'000'000);

PcWorldOptions watched(const std::vector<std::string>& names) {
  return {.members = *find_models(pc, names), .watch_memory = true};
}

// Of all members, by their names.
std::map<std::string, Answer> answers_of(const Outcome& outcome) {
  std::map<std::string, Answer> answers;
  for (const auto& answer : outcome.answers) answers.emplace(answer.member.text, answer);
  return answers;
}

std::vector<event::DeviceChanged> changes(const PcPlayed& played) {
  std::vector<event::DeviceChanged> found;
  for (const auto& event : played.events) {
    const auto* changed = std::get_if<event::DeviceChanged>(&event.what);
    if (changed != nullptr) found.push_back(*changed);
  }
  return found;
}

void expect_all_complete(const PcPlayed& played) {
  for (const auto& broken : played.broken) ADD_FAILURE() << broken;
  for (const auto& answer : played.outcomes.front().answers) {
    EXPECT_EQ(answer.ending, Ending::complete)
        << answer.member.text << (answer.error ? ": " + answer.error->message : "");
  }
}

TEST(MemoryStory, AFullGpuIsSeenBeforeThePlan) {
  PcWorld world(pc, watched({"mistral:7b"}));
  world.engine().steal(everything);
  const auto played = world.play(world.query_in_full());
  expect_all_complete(played);
  const Outcome& outcome = played.outcomes.front();
  EXPECT_EQ(outcome.plans.front().asks.front().device, cpu);
  ASSERT_EQ(outcome.device_changes.size(), 1u);
  EXPECT_EQ(outcome.device_changes[0], "gpu0: others have 7.4 GB, 0.0 GB are left for kai");
}

TEST(MemoryStory, WhatIsTakenBetweenPlanAndLoadCostsNoAnswer) {
  for (const bool seen : {true, false}) {
    PcWorldOptions options = watched({"mistral:7b"});
    options.watch_memory = seen;
    PcWorld world(pc, options);
    world.on_event([&](const Event& event) {
      if (std::holds_alternative<event::Started>(event.what)) world.engine().steal(everything);
    });
    const auto before = world.cards();
    const auto played = world.play(world.query_in_full());
    expect_all_complete(played);
    EXPECT_EQ(played.outcomes.front().plans.front().asks.front().device, gpu);
    EXPECT_EQ(played.outcomes.front().answers.front().device, cpu);
    ASSERT_FALSE(changes(played).empty());
    const auto told = changes(played).back();
    ASSERT_EQ(told.moves.size(), 1u);
    EXPECT_EQ(told.moves[0].device, cpu);
    EXPECT_TRUE(told.what.ends_with("; mistral:7b is asked on cpu")) << told.what;
    // What failed has taught the GPU's card nothing.
    const auto card = [](const std::vector<CostCard>& cards) {
      return *std::ranges::find(cards, gpu, &CostCard::device);
    };
    EXPECT_EQ(card(before).load, card(world.cards()).load);
    EXPECT_EQ(card(before).measured, card(world.cards()).measured);
  }
}

// The first of two that take turns runs when the rest of the memory goes.
TEST(MemoryStory, WhoWaitsIsPlannedAnewAndWhoRunsGoesOn) {
  PcWorld world(pc, watched({"mistral:7b", "llama3.1:8b", "gemma2:9b"}));
  std::string running;
  world.on_event([&](const Event& event) {
    const auto* token = std::get_if<event::Token>(&event.what);
    if (token == nullptr || !running.empty()) return;
    running = token->member.text;
    world.engine().steal(everything);
  });
  const auto played = world.play(world.query_in_full());
  expect_all_complete(played);
  const auto answers = answers_of(played.outcomes.front());
  ASSERT_EQ(answers.size(), 3u);
  ASSERT_FALSE(running.empty());
  EXPECT_FALSE(played.outcomes.front().device_changes.empty());
  int moved = 0;
  for (const auto& change : changes(played)) {
    for (const auto& move : change.moves) {
      EXPECT_NE(move.member.text, running);
      moved += move.device == cpu ? 1 : 0;
    }
  }
  EXPECT_GE(moved, 1);
}

TEST(MemoryStory, IdleModelsMakeRoomForOthers) {
  PcWorld world(pc, watched({"mistral:7b"}));
  expect_all_complete(world.play(world.query_in_full()));
  ASSERT_EQ(world.scheduler().ledger().residents(gpu).size(), 1u);
  world.engine().steal(everything);  // all that is free: kai keeps what it has
  const auto kept = world.play(world.query_in_full());
  EXPECT_EQ(kept.outcomes.front().answers.front().device, gpu);
  EXPECT_EQ(kept.outcomes.front().answers.front().timings.load, 0s);
}

TEST(MemoryStory, MemoryThatIsFreeAgainIsUsedAgain) {
  PcWorld world(pc, watched({"mistral:7b"}));
  const Bytes stolen = world.engine().steal(everything);
  EXPECT_EQ(world.play(world.query_in_full()).outcomes.front().answers.front().device, cpu);
  world.engine().give_back(stolen);
  // Not within the second in which it was given back.
  VirtualClock& clock = world.clock();
  Query later = world.query_in_full();
  later.asked = clock.now() + 10s;
  later.mode = Mode::adaptive;  // where one is loaded already does not decide
  const auto played = world.play(later);
  EXPECT_EQ(world.scheduler().ledger().capacity(gpu), pc.gpu_memory);
  EXPECT_TRUE(played.outcomes.front().answered());
}

TEST(MemoryStory, ALyingOrHangingGaugeChangesNothing) {
  PcWorldOptions options = watched({"mistral:7b", "llama3.1:8b"});
  PcWorldOptions failing = options;
  failing.readings_fail = 1;
  PcWorld well(pc, options), ill(pc, failing);
  const auto good = well.play(well.query_in_full());
  const auto bad = ill.play(ill.query_in_full());
  expect_all_complete(bad);
  // One look before the plan may hang as long as it may.
  EXPECT_LE(bad.makespan, good.makespan + 1s);
  EXPECT_EQ(bad.outcomes.front().device_changes.size(), 1u);
  EXPECT_NE(bad.outcomes.front().device_changes[0].find("cannot be watched"), std::string::npos);
  EXPECT_EQ(ill.scheduler().ledger().capacity(gpu), pc.gpu_memory);
}

}  // namespace
}  // namespace kai
