#include "sim/world.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/random.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

// New seeds at every run, printed; KAI_SEED replays one.
std::uint64_t first_seed() {
  const char* given = std::getenv("KAI_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : fresh_seed() % 1'000'000;
}

WorldOptions troubled(std::uint64_t seed, double chance) {
  WorldOptions options;
  options.seed = seed;
  options.models = 1 + static_cast<int>(derive_seed(seed, "models") % 12);
  options.cpu_lanes = 1 + static_cast<int>(derive_seed(seed, "lanes") % 3);
  options.faults = {chance, chance, chance, chance, chance, chance, chance, chance, chance};
  return options;
}

TEST(World, AnswersWhatItsModelsKnow) {
  World world({.seed = 3, .models = 3});
  const auto played = world.play(world.query("What is the capital of France?"));
  ASSERT_TRUE(played.outcome.answered()) << played.outcome.error->message;
  EXPECT_TRUE(played.broken.empty());
  EXPECT_GE(played.outcome.verdict.voters, 1);
  EXPECT_LT(played.outcome.latency, 30s);
}

TEST(World, KeepsItsPromisesWhateverBreaks) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 20; ++seed) {
    SCOPED_TRACE("replay with: make sim SEED=" + std::to_string(seed));
    World world(troubled(seed, 0.05));
    for (int question = 0; question < 50; ++question) {
      for (const auto& broken : world.play_next().broken) ADD_FAILURE() << broken;
    }
  }
}

TEST(World, KeepsItsPromisesWhenNearlyEverythingBreaks) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(troubled(seed, 0.5));
    for (int question = 0; question < 20; ++question) {
      for (const auto& broken : world.play_next().broken) ADD_FAILURE() << broken;
    }
  }
}

TEST(World, AnswersAgainOnceEverythingIsHealed) {
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    World world(troubled(seed, 0.5));
    for (int question = 0; question < 10; ++question) world.play_next();
    world.heal();
    const auto played = world.play(world.query("What is the capital of France?"));
    EXPECT_TRUE(played.outcome.answered()) << "seed " << seed;
  }
}

TEST(World, TheSameSeedTellsTheSameStory) {
  const std::uint64_t seed = first_seed();
  std::uint64_t digests[2];
  for (auto& digest : digests) {
    World world(troubled(seed, 0.1));
    for (int question = 0; question < 50; ++question) world.play_next();
    digest = world.digest();
  }
  EXPECT_EQ(digests[0], digests[1]) << "seed " << seed;
  World other(troubled(seed + 1, 0.1));
  for (int question = 0; question < 50; ++question) other.play_next();
  EXPECT_NE(other.digest(), digests[0]);
}

TEST(World, AUserWhoLeavesEndsTheQuestionAtOnce) {
  World world({.seed = 5, .models = 6});
  const Time start = world.clock().now();
  const auto played = world.play(world.query("Explain how machine learning works"), 300ms);
  ASSERT_FALSE(played.outcome.answered());
  EXPECT_EQ(played.outcome.error->code, ErrorCode::cancelled);
  EXPECT_EQ(world.clock().now() - start, 300ms);
  EXPECT_TRUE(played.broken.empty());
}

TEST(World, AHangNeverOutlastsTheDeadline) {
  WorldOptions options{.seed = 9, .models = 4};
  options.faults.hangs = 1;
  options.faults.hang_found = 1h;
  World world(options);
  auto query = world.query("What is the capital of France?");
  query.time_limit = 5s;
  const auto played = world.play(query);
  ASSERT_FALSE(played.outcome.answered());
  EXPECT_EQ(played.outcome.error->code, ErrorCode::deadline);
  EXPECT_LE(played.outcome.latency, 6s);
}

TEST(World, AllModelsRefusedIsAnHonestError) {
  WorldOptions options{.seed = 4, .models = 3};
  options.faults.load_refused = 1;
  World world(options);
  const auto played = world.play(world.query("What is the capital of France?"));
  ASSERT_FALSE(played.outcome.answered());
  EXPECT_NE(played.outcome.error->message.find("is damaged"), std::string::npos)
      << played.outcome.error->message;
}

}  // namespace
}  // namespace kai
