#include "cli/skill_sheets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "consensus/consensus.h"
#include "wire/skills.h"

namespace kai {
namespace {

namespace fs = std::filesystem;

class SkillSheetsTest : public testing::Test {
 protected:
  SkillSheetsTest() {
    std::string name = (fs::temp_directory_path() / "kai-sheets-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    options_.folder = (folder_ / "data").string();
    for (const auto& [id, prior] : {std::pair{"strong", 0.7}, {"weak", 0.4}}) add_model(id, prior);
  }
  ~SkillSheetsTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void add_model(const std::string& id, double prior) {
    Model model;
    model.id = ModelId(id);
    model.facts.digest = "digest of " + id;
    model.prior = prior;
    models_.push_back(std::move(model));
  }

  // Questions answered by all models, with as many words as wanted.
  void answer(Store& store, int count, const std::string& words = {}) {
    for (int at = 0; at < count; ++at) {
      Outcome outcome;
      outcome.query.id = QueryId(fmt::format("q_{:06}", ++asked_));
      outcome.query.messages = {{Role::user, "How much is 7 + 5?"}};
      Plan& plan = outcome.plans.emplace_back();
      for (const auto& model : models_) {
        Ask& ask = plan.asks.emplace_back();
        ask.member = MemberId(model.id.text);
        ask.model = model.id;
        ask.weight = model.prior;
        Answer& answer = outcome.answers.emplace_back();
        answer.member = ask.member;
        answer.model = ask.model;
        answer.digest = model.facts.digest;
        answer.ending = Ending::complete;
        answer.text = words + fmt::format("The answer is {}.", asked_ % 3 == 0 ? 12 : 13);
      }
      outcome.verdict = decide(Shape::number, outcome.query.question(), plan.asks, outcome.answers);
      store.record(outcome);
    }
  }

  fs::path folder_;
  StoreOptions options_;
  std::vector<Model> models_;
  int asked_ = 0;
};

TEST_F(SkillSheetsTest, LearnAgainAfterTwentyQuestionsAndNotBefore) {
  const auto store = open_store(options_);
  SkillSheet sheet = skill_sheets(models_, *store).by_shape.at(Shape::number);
  answer(*store, learned_every - 1);
  EXPECT_FALSE(learn_more(sheet, models_, *store));
  answer(*store, 1);
  auto more = learn_more(sheet, models_, *store);
  ASSERT_TRUE(more);
  EXPECT_EQ(more->sheet.lessons, learned_every);
  EXPECT_EQ(more->sheet.full, learned_every);
  EXPECT_FALSE(more->sheet.learned.stop.learned);
  EXPECT_FALSE(learn_more(more->sheet, models_, *store));  // not again at once
  answer(*store, learned_every);
  more = learn_more(more->sheet, models_, *store);
  ASSERT_TRUE(more);
  EXPECT_TRUE(more->sheet.learned.stop.learned);  // without a word of the user
  // It is kept for the next kai.
  EXPECT_EQ(skill_sheets(models_, *store).by_shape.at(Shape::number), more->sheet);
}

TEST_F(SkillSheetsTest, StayFrozenAndSaySoOnce) {
  const auto store = open_store(options_);
  answer(*store, learned_every);
  ASSERT_TRUE(store->put_feedback("q_000001", {Feedback::Kind::good, {}}));
  const auto before = learn_again(Shape::number, models_, *store);
  ASSERT_TRUE(before);
  std::swap(models_[0].prior, models_[1].prior);  // another table of priors
  answer(*store, learned_every);
  const auto frozen = learn_more(*before, models_, *store);
  ASSERT_TRUE(frozen);
  EXPECT_TRUE(frozen->sheet.frozen);
  EXPECT_EQ(frozen->sheet.models, before->models);
  ASSERT_EQ(frozen->notes.size(), 1u);
  EXPECT_NE(frozen->notes[0].find("stays as it was"), std::string::npos);
  answer(*store, learned_every);
  const auto again = learn_more(frozen->sheet, models_, *store);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->sheet.frozen);
  EXPECT_TRUE(again->notes.empty());
}

TEST_F(SkillSheetsTest, ADamagedOneIsLearnedAgainAndSaid) {
  const auto store = open_store(options_);
  answer(*store, 3);
  ASSERT_TRUE(store->put_feedback("q_000001", {Feedback::Kind::good, {}}));
  const auto sheet = learn_again(Shape::number, models_, *store);
  ASSERT_TRUE(sheet);
  for (const std::string document : {"", "{oh", "{\"schema\":\"kai.skills.v1\"}"}) {
    store->put_learned(Shape::number, document);
    const auto sheets = skill_sheets(models_, *store);
    ASSERT_EQ(sheets.notes.size(), 1u) << document;
    EXPECT_EQ(sheets.by_shape.at(Shape::number), *sheet) << document;
    EXPECT_TRUE(skill_sheets(models_, *store).notes.empty()) << document;  // rebuilt and kept
  }
}

TEST_F(SkillSheetsTest, AReplacedFileBeginsAnewAndARenamedOneDoesNot) {
  const auto store = open_store(options_);
  answer(*store, 3);
  ASSERT_TRUE(store->put_feedback("q_000001", {Feedback::Kind::good, {}}));
  ASSERT_TRUE(learn_again(Shape::number, models_, *store));
  models_[0].id = ModelId("another-name");
  EXPECT_EQ(skill_sheets(models_, *store).by_shape.at(Shape::number).models[0].labels, 1);
  models_[0].facts.digest = "of another file";
  const auto sheet = skill_sheets(models_, *store).by_shape.at(Shape::number);
  EXPECT_EQ(sheet.models[0].labels, 0);
  EXPECT_EQ(sheet.models[1].labels, 1);
}

}  // namespace
}  // namespace kai
