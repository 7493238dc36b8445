// What a process that lives long does beside its questions, on a PC in virtual time.
#include "coordinator/housekeeper.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/naive.h"
#include "sim/pc_testing.h"
#include "sim/pc_world.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Pc pc = reference_pc();
const DeviceId gpu("gpu0"), cpu("cpu");

// Two small models, which fit the GPU together.
PcWorldOptions house_of(HouseOptions house) {
  return {.members = *find_models(pc, {"gemma:2b", "llama3.2:3b"}), .house = house};
}
Query simple(PcWorld& world) {
  Query query = world.query();
  query.tier = Tier::simple;
  return query;
}
std::size_t loaded(PcWorld& world) {
  return world.scheduler().ledger().residents(gpu).size() +
         world.scheduler().ledger().residents(cpu).size();
}
Duration longest_load(const Outcome& outcome) {
  Duration longest{};
  for (const auto& answer : outcome.answers) longest = std::max(longest, answer.timings.load);
  return longest;
}

TEST(House, UnloadsWhatNobodyAsksFor) {
  PcWorld world(pc, house_of({.idle_unload = 1min, .preload = {.on = false}}));
  const auto played = world.play(simple(world));
  EXPECT_TRUE(played.outcomes.front().answered());
  const auto there = loaded(world);
  ASSERT_GT(there, 0u);
  world.pass(50s);
  EXPECT_EQ(loaded(world), there);
  world.pass(20s);
  EXPECT_EQ(loaded(world), 0u);
  EXPECT_EQ(world.notices().size(), there);
  EXPECT_EQ(world.engine().taken(gpu) + world.engine().taken(cpu), Bytes(0));
}

TEST(House, WhoIsAskedAgainAndAgainStays) {
  PcWorld world(pc, house_of({.idle_unload = 1min, .preload = {.on = false}}));
  world.play(simple(world));
  for (int count = 0; count < 5; ++count) {
    world.pass(40s);
    const auto played = world.play(simple(world));
    EXPECT_EQ(longest_load(played.outcomes.front()), 0s) << count;
  }
}

TEST(House, ZeroKeepsThemForEver) {
  PcWorld world(pc, house_of({.idle_unload = 0s, .preload = {.on = false}}));
  world.play(simple(world));
  const auto there = loaded(world);
  world.pass(24h);
  EXPECT_EQ(loaded(world), there);
}

TEST(House, AQuestionFindsLoadedWhatWasOftenAsked) {
  for (const bool on : {false, true}) {
    PcWorldOptions options{.members = *find_models(pc, {"mistral:7b"})};
    options.house = HouseOptions{.preload = {.on = on, .memory_share = 1}};
    PcWorld world(pc, options);
    world.scheduler().remember_use(gpu, ModelId("mistral:7b"), 1s);
    world.pass(1min);
    const auto played = world.play(world.query_in_full());
    ASSERT_TRUE(played.outcomes.front().answered());
    EXPECT_TRUE(played.broken.empty());
    EXPECT_EQ(longest_load(played.outcomes.front()) == 0s, on);
  }
}

TEST(House, WhatWasLoadedAheadLeavesToo) {
  PcWorld world(pc, house_of({.idle_unload = 1min, .preload = {.on = true, .memory_share = 1}}));
  Query first = simple(world);
  first.time_limit = 2s;
  world.play(std::move(first));
  world.pass(30s);
  EXPECT_GT(loaded(world), 0u);
  world.pass(10min);
  EXPECT_EQ(loaded(world), 0u);  // and is not loaded again and again
  const auto told = world.notices().size();
  world.pass(1h);
  EXPECT_EQ(world.notices().size(), told);
}

TEST(House, LoadsAModelBecauseSomebodySaysSo) {
  PcWorld world(pc, house_of({.idle_unload = 10min, .preload = {.on = false}}));
  const ModelId model("gemma:2b");
  const auto there = world.load(model, 1min);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_GT(there->load, 0s);
  EXPECT_EQ(loaded(world), 1u);
  EXPECT_EQ(world.load(model, 1min).error().code, ErrorCode::overloaded);  // it is there
  EXPECT_EQ(world.load(ModelId("nobody"), 1min).error().code, ErrorCode::not_found);
  Query query = simple(world);
  query.models = {model};
  EXPECT_EQ(longest_load(world.play(std::move(query)).outcomes.front()), 0s);
  world.pass(15min);
  EXPECT_EQ(loaded(world), 0u);  // nobody has asked for it
}

TEST(House, NothingIsEvictedForWhatIsLoadedByHand) {
  const auto members = *find_models(pc, {"gemma:2b", "mistral:7b"});
  // Room for the large one alone.
  Pc small = pc;
  small.gpu_memory = pc.models[members[1]].file + pc.buffers + Bytes(500'000'000);
  small.memory = Bytes(1'000'000'000);
  PcWorld world(small, {.members = members, .house = HouseOptions{.preload = {.on = false}}});
  ASSERT_TRUE(world.load(ModelId("mistral:7b"), 1min));
  EXPECT_EQ(world.load(ModelId("gemma:2b"), 1min).error().code, ErrorCode::nothing_fits);
  EXPECT_EQ(loaded(world), 1u);
}

// A large model is being loaded ahead when a question to another comes.
TEST(House, WhoAsksNeedsNotWaitForALoadAhead) {
  const auto members = *find_models(pc, {"gemma:2b", "mistral:7b"});
  const auto ask = [](PcWorld& world, const char* name) {
    Query query = world.query();
    query.models = {ModelId(name)};
    return query;
  };
  std::vector<double> latencies;
  for (const bool on : {false, true}) {
    PcWorld world(
        pc, {.members = members, .house = HouseOptions{.preload = {.on = on, .memory_share = 1}}});
    Query first = ask(world, "mistral:7b");
    first.time_limit = 1s;  // over before it is loaded
    world.play(std::move(first));
    world.pass(700ms);
    const auto second = world.play(ask(world, "gemma:2b"));
    ASSERT_TRUE(second.outcomes.front().answered());
    EXPECT_TRUE(second.broken.empty());
    latencies.push_back(seconds(second.outcomes.front().latency));
  }
  EXPECT_LT(latencies[1], latencies[0] + 0.25);
}

}  // namespace
}  // namespace kai
