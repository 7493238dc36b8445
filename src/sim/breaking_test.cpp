// What breaks again and again: models that kill their workers, a device that is gone.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "sim/naive.h"
#include "sim/pc_testing.h"
#include "sim/pc_world.h"
#include "sim/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_sim::Stage;

constexpr Faults dies{.writing_dies = 1};
constexpr Faults dies_loading{.load_dies = 1};

std::string left_out(const Outcome& outcome, const std::string& model) {
  for (const auto& plan : outcome.plans) {
    for (const auto& one : plan.left_out) {
      if (one.model.text == model) return one.why;
    }
  }
  return {};
}

bool was_asked(const Outcome& outcome, const std::string& model) {
  return std::ranges::find(outcome.answers, ModelId(model), &Answer::model) !=
         outcome.answers.end();
}

TEST(Breaking, AModelThatKillsItsWorkersIsOutAndTriedAgain) {
  for (const Faults& faults : {dies, dies_loading}) {
    Stage stage;
    stage.model("bad", "It is Paris", 0.9, faults).model("good", "Paris");
    EXPECT_TRUE(was_asked(stage.ask(), "bad"));
    EXPECT_EQ(stage.deaths, 2);
    const Outcome next = stage.ask();
    EXPECT_TRUE(next.answered());
    EXPECT_FALSE(was_asked(next, "bad"));
    EXPECT_TRUE(left_out(next, "bad").starts_with("killed its worker on cpu 2 times in a row"))
        << left_out(next, "bad");
    // Tried again after a minute, once, since one more death is one too many.
    const Outcome later = stage.ask({.later = 1min});
    EXPECT_TRUE(was_asked(later, "bad"));
    EXPECT_FALSE(was_asked(stage.ask({.later = 1min}), "bad"));
    stage.heal();
    const Outcome healed = stage.ask({.later = 1h});
    EXPECT_EQ(Stage::answer_of(healed, "bad").ending, Ending::complete);
    ASSERT_FALSE(stage.store.deaths_kept.empty());
    EXPECT_EQ(stage.store.deaths_kept.back().in_a_row, 0);
    EXPECT_TRUE(was_asked(stage.ask(), "bad"));
  }
}

TEST(Breaking, WhatIsRememberedCountsAndAPlanTellsIt) {
  Stage stage;
  stage.model("bad", "Paris", 0.9).model("good", "Paris");
  const WallTime now = VirtualClock().wall();
  stage.remember_deaths({{ModelId("bad"), DeviceId("cpu"), 3, now, "died"}});
  const auto forecast = stage.forecast();
  ASSERT_TRUE(forecast) << forecast.error().message;
  ASSERT_EQ(forecast->plan.left_out.size(), 1u);
  EXPECT_TRUE(forecast->plan.left_out[0].why.contains("is tried again in 2 min"))
      << forecast->plan.left_out[0].why;
}

TEST(Breaking, AQuestionThatKillsWhoeverReadsItIsNotHeldAgainstThem) {
  Stage stage;
  stage.model("a", "It is Paris", 0.9, dies).model("b", "It is Paris", 0.8, dies);
  stage.model("c", "It is Paris", 0.7, dies);
  const Outcome outcome = stage.ask();
  EXPECT_FALSE(outcome.answered());
  // Two tries each at most: dying at the same moment counts once.
  EXPECT_LE(stage.deaths, 6);
  stage.heal();
  const Outcome next = stage.ask();
  EXPECT_TRUE(next.answered());
  EXPECT_EQ(next.answers.size(), 3u);
}

TEST(Breaking, TheOnlyModelIsAskedWhateverItDid) {
  Stage stage;
  stage.model("bad", "It is Paris", 0.9, dies);
  stage.ask();
  stage.heal();
  EXPECT_TRUE(stage.ask().answered());
}

const Pc pc = reference_pc();
const DeviceId gpu("gpu0"), cpu("cpu");

TEST(Breaking, ADeviceThatIsGoneIsOutAndTriedAgain) {
  PcWorld world(pc, {.members = *find_models(pc, {"gemma:2b", "llama3.2:3b"})});
  bool lost = false;
  world.on_event([&](const Event& event) {
    if (!std::holds_alternative<event::Token>(event.what) || std::exchange(lost, true)) return;
    world.engine().lose_device(gpu);
  });
  const auto played = world.play(world.query_in_full());
  for (const auto& broken : played.broken) ADD_FAILURE() << broken;
  const Outcome& outcome = played.outcomes.front();
  ASSERT_EQ(outcome.answers.size(), 2u);
  for (const auto& answer : outcome.answers) {
    EXPECT_EQ(answer.ending, Ending::complete) << answer.member.text;
    EXPECT_EQ(answer.device, cpu) << answer.member.text;
  }
  ASSERT_FALSE(outcome.device_changes.empty());
  EXPECT_TRUE(
      outcome.device_changes[0].starts_with("gpu0 is out, and tried again in 30 s: the "
                                            "worker gpu0."))
      << outcome.device_changes[0];
  // Out for the next question too; back after the pause.
  EXPECT_EQ(world.scheduler().ledger().capacity(gpu), Bytes(0));
  world.engine().restore_device(gpu);
  Query later = world.query_in_full();
  later.asked = world.clock().now() + 60s;
  const auto again = world.play(later);
  EXPECT_EQ(world.scheduler().ledger().capacity(gpu), pc.gpu_memory);
  EXPECT_TRUE(again.outcomes.front().answered());
}

// A load found too little memory, so that the device is thought smaller for a while; meanwhile its
// workers do not start. It comes back as large as it was.
TEST(Breaking, ADeviceThatIsGoneWhileItIsDoubtedComesBackWhole) {
  PcWorld world(pc, {.members = *find_models(pc, {"tinyllama:1.1b", "mistral:7b"})});
  const auto to = [&](const char* model) {
    Query query = world.query_in_full();
    query.mode = Mode::adaptive;
    query.models = {ModelId(model)};
    return query;
  };
  const Bytes stolen = world.engine().steal(Bytes(4'000'000'000));
  world.play(to("mistral:7b"));
  EXPECT_LT(world.scheduler().ledger().capacity(gpu), pc.gpu_memory);
  world.engine().give_back(stolen);
  world.engine().lose_device(gpu);
  const auto played = world.play(to("tinyllama:1.1b"));
  ASSERT_FALSE(played.outcomes.front().device_changes.empty());
  EXPECT_EQ(world.scheduler().ledger().capacity(gpu), Bytes(0));
  world.engine().restore_device(gpu);
  Query later = to("mistral:7b");
  later.asked = world.clock().now() + 120s;
  world.play(later);
  EXPECT_EQ(world.scheduler().ledger().capacity(gpu), pc.gpu_memory);
}

TEST(Breaking, WithoutAnotherDeviceItsReasonIsSaid) {
  PcWorld world(pc, {.members = *find_models(pc, {"gemma:2b"})});
  world.engine().lose_device(gpu);
  world.engine().lose_device(cpu);
  const auto played = world.play(world.query_in_full());
  const Outcome& outcome = played.outcomes.front();
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_TRUE(outcome.error->message.contains("did not start")) << outcome.error->message;
}

// What somebody throws who hears of a question's steps: a bug, or memory that is not there.
TEST(Faults, AnExceptionAtAnyStepEndsThatQuestionAlone) {
  Stage stage;
  stage.model("a", "Paris").model("b", "Rome").model("c", "Paris");
  std::size_t at = 0;
  std::size_t seen = 0;
  stage.on_event = [&](const Event& event) {
    const bool last = std::holds_alternative<event::Completed>(event.what);
    if (seen++ == at && !last) throw std::runtime_error("a fault");
  };
  // Until no step is left at which it could be.
  for (bool through = false; !through && at < 1000; ++at) {
    seen = 0;
    stage.store.outcomes.clear();
    try {
      const Outcome outcome = stage.ask();
      through = outcome.answered();
      EXPECT_TRUE(through) << at << ": " << outcome.error->message;
    } catch (const std::runtime_error&) {
      ASSERT_EQ(stage.store.outcomes.size(), 1u) << at;
      EXPECT_EQ(stage.store.outcomes[0].error->code, ErrorCode::internal);
      EXPECT_EQ(stage.store.outcomes[0].error->message, "a fault");
    }
  }
  EXPECT_GT(at, 10u);
  EXPECT_LT(at, 1000u);
}

}  // namespace
}  // namespace kai
