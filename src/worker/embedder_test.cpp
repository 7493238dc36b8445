// Real vectors of the real embedding model, ordered from the runner.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "worker/inspect.h"
#include "worker/runner.h"
#include "worker/testing.h"

namespace kai {
namespace {

using testing_worker::StarterModels;
using Vector = std::vector<float>;

double cosine(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at) sum += double{a[at]} * b[at];
  return sum;
}

class EmbedderTest : public StarterModels {
 protected:
  // What was told of one order.
  struct Told {
    std::vector<Vector> vectors;
    std::optional<wire::Done> done;
    std::optional<Error> error;
    bool loaded = false;
    bool over() const { return done || error || loaded; }
  };

  void SetUp() override {
    StarterModels::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists(minilm)) {
      GTEST_SKIP() << minilm << " is missing; run setup/models.sh embedding";
    }
    runner_ = std::make_unique<Runner>(
        *runtime_device("cpu"), 1,
        [this](Runner::Id id, wire::WorkerEvent event) { take(id, std::move(event)); });
  }

  void take(Runner::Id id, wire::WorkerEvent event) {
    const std::scoped_lock lock(mutex_);
    Told& told = told_[id];
    if (auto* one = std::get_if<wire::Embedding>(&event)) {
      told.vectors.push_back(std::move(one->vector));
    } else if (const auto* done = std::get_if<wire::Done>(&event)) {
      told.done = *done;
    } else if (const auto* failed = std::get_if<wire::Failed>(&event)) {
      told.error = failed->error;
    } else if (std::holds_alternative<wire::Loaded>(event)) {
      told.loaded = true;
    }
    arrived_.notify_all();
  }

  // What was told of an order when `is_enough`, at most a minute later.
  Told wait(Runner::Id id, const std::function<bool(const Told&)>& is_enough) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(
        arrived_.wait_for(lock, std::chrono::minutes(1), [&] { return is_enough(told_[id]); }));
    return told_[id];
  }
  Told finish(Runner::Id id) { return wait(id, &Told::over); }

  Told load(const std::string& name, const std::string& path) {
    return finish(runner_->load({ModelId(name), path, Tokens(4096), 4}));
  }
  Told embed(std::vector<std::string> texts, const std::string& name = "e") {
    return finish(runner_->embed({ModelId(name), std::move(texts)}));
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<Runner::Id, Told> told_;
  std::unique_ptr<Runner> runner_;
};

TEST_F(EmbedderTest, ParaphrasesAreNearAndOtherMattersFar) {
  ASSERT_TRUE(load("e", minilm).loaded);
  const auto told = embed({"What is the capital of France?", "Tell me the capital city of France.",
                           "How do I bake sourdough bread?"});
  ASSERT_TRUE(told.done) << told.error->message;
  EXPECT_EQ(told.done->ending, Ending::complete);
  ASSERT_EQ(told.vectors.size(), 3u);
  for (const auto& vector : told.vectors) {
    EXPECT_EQ(vector.size(), 384u);
    EXPECT_NEAR(cosine(vector, vector), 1, 1e-4);
  }
  // As sentence-transformers gives for the model's own weights.
  EXPECT_NEAR(cosine(told.vectors[0], told.vectors[1]), 0.918, 0.01);
  EXPECT_NEAR(cosine(told.vectors[0], told.vectors[2]), 0.133, 0.01);
}

TEST_F(EmbedderTest, AVectorTellsNeitherNegationNorOrder) {
  ASSERT_TRUE(load("e", minilm).loaded);
  const auto told = embed({"Paris is the capital of France.", "Paris is not the capital of France.",
                           "Is 9.11 larger or 9.9?", "Is 9.9 larger or 9.11?"});
  ASSERT_EQ(told.vectors.size(), 4u);
  EXPECT_GT(cosine(told.vectors[0], told.vectors[1]), 0.8);
  EXPECT_GT(cosine(told.vectors[2], told.vectors[3]), 0.98);
}

TEST_F(EmbedderTest, OfALongTextTheBeginningIsRead) {
  ASSERT_TRUE(load("e", minilm).loaded);
  std::string text;
  while (text.size() < 60'000) text += "The river passes towns, bridges and mills. ";
  const auto told = embed({text, text + "A dog barks.", "", text});
  ASSERT_EQ(told.vectors.size(), 4u);
  EXPECT_EQ(told.vectors[0], told.vectors[1]);
  EXPECT_EQ(told.vectors[0], told.vectors[3]);
  EXPECT_EQ(told.done->usage.prompt, Tokens(3 * 256 + 2));
}

TEST_F(EmbedderTest, WhoLeavesIsDroppedBetweenTexts) {
  ASSERT_TRUE(load("e", minilm).loaded);
  std::string text;
  while (text.size() < 2'000) text += "The river passes towns, bridges and mills. ";
  const auto left = runner_->embed({ModelId("e"), std::vector<std::string>(256, text)});
  wait(left, [](const Told& told) { return !told.vectors.empty(); });
  const auto stays = runner_->embed({ModelId("e"), {"a"}});
  runner_->cancel(left);
  const auto told = finish(left);
  ASSERT_TRUE(told.done);
  EXPECT_EQ(told.done->ending, Ending::cancelled);
  EXPECT_LT(told.vectors.size(), 256u);
  EXPECT_EQ(finish(stays).vectors.size(), 1u);
}

TEST_F(EmbedderTest, RefusesWhatTheModelIsNotFor) {
  ASSERT_TRUE(load("e", minilm).loaded);
  ASSERT_TRUE(load("writer", smollm2).loaded);
  const auto written = embed({"a"}, "writer");
  ASSERT_TRUE(written.error);
  EXPECT_EQ(written.error->code, ErrorCode::model_refused);
  EXPECT_EQ(embed({"a"}, "nobody").error->code, ErrorCode::not_found);
  wire::GenerateRequest question;
  question.model = ModelId("e");
  question.messages = {{Role::user, "What is the capital of France?"}};
  question.answer_max = Tokens(8);
  const auto asked = finish(runner_->generate(question));
  ASSERT_TRUE(asked.error);
  EXPECT_NE(asked.error->message.find("embedding model"), std::string::npos);
}

TEST_F(EmbedderTest, IsRefusedAsAMemberByInspect) {
  const auto facts = inspect(minilm);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::model_refused);
  EXPECT_NE(facts.error().message.find("is an embedding model (bert)"), std::string::npos);
}

}  // namespace
}  // namespace kai
