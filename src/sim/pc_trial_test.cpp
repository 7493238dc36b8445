#include "sim/pc_trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "consensus/consensus.h"
#include "sim/naive.h"
#include "sim/pc_testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const Pc pc = reference_pc();

PcFleet fleet_of(const std::vector<std::string>& names) {
  return kai::fleet_of(pc, *find_models(pc, names));
}

Query every_model() {
  Query how;
  how.mode = Mode::all;
  how.answer_max = Tokens(512);
  return how;
}

std::string joined(const std::vector<std::string>& words) {
  return std::accumulate(words.begin(), words.end(), std::string());
}

TEST(PcTrial, AKnownRunTakesWhatIsKnown) {
  for (const auto& known : pc.known) {
    SCOPED_TRACE(known.name);
    if (known.models.size() > 9) continue;  // the large ones are split, or not kai's best
    const PcFleet fleet = fleet_of(known.models);
    // About 200 tokens to read.
    const std::string text(static_cast<std::size_t>(200 * PlannerOptions{}.chars_per_token), 'x');
    const auto question = written_question(fleet, text, {.tokens = Tokens(256)});
    const PcTrial trial = try_question(fleet, question, every_model(), without_timeouts()).trial;
    ASSERT_EQ(trial.error, "");
    EXPECT_EQ(trial.asked, static_cast<int>(known.models.size()));
    EXPECT_NEAR(seconds(trial.original.time) / seconds(known.naive), 1, 0.05);
    EXPECT_NEAR(seconds(trial.kai_all.time) / seconds(known.best), 1, 0.05);
    EXPECT_EQ(trial.same.time, trial.original.time);
    EXPECT_LE(trial.same_settled, trial.same.time);
    Bytes files{};
    for (const std::size_t member : fleet.members) files += pc.models[member].file;
    EXPECT_EQ(trial.original.loaded, files);
    EXPECT_LE(trial.kai_all.loaded, files);
    for (const PcUse* use : {&trial.kai, &trial.kai_all, &trial.same, &trial.original}) {
      EXPECT_GT(use->gpu_busy, 0.3);
      EXPECT_LE(use->gpu_busy, 1);
      EXPECT_GT(use->gpu_peak, Bytes(0));
      EXPECT_LE(use->gpu_peak, pc.gpu_memory);
    }
  }
}

TEST(PcTrial, WithoutTimeSaysWhyThereIsNoAnswer) {
  const PcFleet fleet = fleet_of({"mistral:7b"});
  Query how;
  how.time_limit = 100ms;
  const auto question = written_question(fleet, "What is Python?");
  const PcTrial trial = try_question(fleet, question, how).trial;
  EXPECT_FALSE(trial.answered());
  EXPECT_FALSE(forecast_question(fleet, question, how).has_value());
}

TEST(PcTrial, ThePlanIsTheForecasts) {
  const PcFleet fleet = fleet_of({"gemma:2b", "llama3.2:3b", "mistral:7b"});
  const auto question = written_question(fleet, "Explain how machine learning works");
  const auto forecast = forecast_question(fleet, question, {});
  ASSERT_TRUE(forecast.has_value());
  const PcTrial trial = try_question(fleet, question, {}).trial;
  EXPECT_EQ(trial.predicted, forecast->plan.predicted);
  EXPECT_EQ(trial.tier, Tier::medium);
}

TEST(PcTrial, HearsNoMoreThanWereAskedThoughItTriesAgain) {
  const PcFleet fleet = fleet_of({"gemma:2b", "llama3.2:3b", "phi3:3.8b"});
  CoordinatorOptions options;
  for (auto& tier : options.planner.tiers) tier.answer_max = Tokens(2);  // too few to say anything
  const auto question = written_question(fleet, "How much is 7 + 5?", {.tokens = Tokens(50)});
  const PcTrial trial = try_question(fleet, question, {}, options).trial;
  EXPECT_LE(trial.heard, trial.asked);
  EXPECT_GE(trial.asked, 2);
}

TEST(PcTrial, SaysWhereTheDeadlineCutWhoShouldAllBeHeard) {
  const PcFleet fleet = fleet_of({"gemma:2b", "codellama:13b", "phi3:14b"});
  Query how;
  how.mode = Mode::all;
  how.time_limit = std::chrono::seconds(10);
  const auto question = written_question(fleet, "Explain how machine learning works");
  EXPECT_TRUE(try_question(fleet, question, how).trial.all_cut);
  how.time_limit = std::chrono::hours(1);
  EXPECT_FALSE(try_question(fleet, question, how).trial.all_cut);
}

TEST(PcCast, WhatIsWrittenIsUnderstoodAsOneOfFourAnswers) {
  PcFleet sure = fleet_of({"gemma:2b", "llama3.2:3b", "phi3:3.8b", "mistral:7b"});
  PcFleet unsure = sure;
  sure.priors.assign(4, 1);
  unsure.priors.assign(4, 0);
  for (const auto text : sample_questions()) {
    SCOPED_TRACE(text);
    const Shape shape = shape_of(text);
    std::vector<std::string> right, wrong;
    for (const auto& [fleet, said] : {std::pair(&sure, &right), std::pair(&unsure, &wrong)}) {
      for (const auto& words : written_question(*fleet, std::string(text)).words) {
        if (shape == Shape::open) {
          said->push_back(joined(words));
        } else {
          const auto form = canonical(shape, text, joined(words));
          ASSERT_TRUE(form.has_value()) << joined(words);
          said->push_back(*form);
        }
      }
    }
    if (shape != Shape::open) {
      EXPECT_EQ(std::ranges::count(right, right.front()), 4);
      EXPECT_EQ(std::ranges::count(wrong, right.front()), 0);
    }
  }
}

TEST(PcCast, WritesAsManyTokensAsItIsTold) {
  const PcFleet fleet = fleet_of({"gemma:2b", "llama3.2:3b"});
  const auto question =
      written_question(fleet, "Explain how machine learning works", {.tokens = Tokens(300)});
  for (const auto& words : question.words) EXPECT_EQ(words.size(), 300u);
  const auto drawn = written_question(fleet, "Explain how machine learning works");
  for (const auto& words : drawn.words) {
    EXPECT_GE(words.size(), 64u);
    EXPECT_LE(words.size(), 192u);
  }
}

TEST(PcCast, TheSameSeedWritesTheSame) {
  const PcFleet fleet = fleet_of({"gemma:2b", "llama3.2:3b"});
  const auto once = written_question(fleet, "What is Python?", {.seed = 5});
  EXPECT_EQ(once.words, written_question(fleet, "What is Python?", {.seed = 5}).words);
  EXPECT_NE(once.words, written_question(fleet, "What is Python?", {.seed = 6}).words);
}

TEST(PcCast, SamplesAreOfEveryTierAndOfEveryShape) {
  std::set<Tier> tiers;
  std::set<Shape> shapes;
  for (const auto text : sample_questions()) {
    tiers.insert(assess(text).tier);
    shapes.insert(shape_of(text));
  }
  EXPECT_EQ(tiers.size(), 4u);
  EXPECT_EQ(shapes.size(), 5u);
}

TEST(PcFile, ThatCannotBeReadIsNamed) {
  for (const std::string path : {KAI_SOURCE "/nowhere.json", KAI_SOURCE "/examples"}) {
    const auto read = read_pc(path);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().code, ErrorCode::not_found);
    EXPECT_NE(read.error().message.find(path), std::string::npos);
  }
  const auto wrong = read_pc(KAI_SOURCE "/examples/easy-100.csv");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_request);
}

}  // namespace
}  // namespace kai
