#include "learning/lessons.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "consensus/consensus.h"
#include "learning/learning.h"

namespace kai {
namespace {

Model model_of(const std::string& name, double prior) {
  Model model;
  model.id = ModelId(name);
  model.facts.digest = "digest of " + name;
  model.prior = prior;
  return model;
}

const std::vector<Model> two{model_of("strong", 0.6), model_of("weak", 0.4)};

// What each model said to a question for a number; the strongest answer was given.
Lesson lesson_of(const std::vector<std::pair<std::string, std::string>>& said) {
  Lesson lesson;
  Recorded& recorded = lesson.recorded;
  recorded.shape = Shape::number;
  recorded.question = "How much is it?";
  for (const auto& [name, text] : said) {
    Ask ask;
    ask.member = MemberId(name);
    ask.model = ModelId(name.substr(0, name.find('#')));
    ask.weight = name.starts_with("strong") ? 2 : 1;
    Answer answer;
    answer.member = ask.member;
    answer.model = ask.model;
    answer.sample = name.contains('#') ? 2 : 1;
    answer.digest = "digest of " + ask.model.text;
    answer.ending = Ending::complete;
    answer.text = text;
    recorded.asks.push_back(std::move(ask));
    recorded.answers.push_back(std::move(answer));
  }
  recorded.verdict = decide(recorded.shape, recorded.question, recorded.asks, recorded.answers);
  return lesson;
}

Lesson judged(Lesson lesson, Feedback feedback) {
  lesson.feedback = std::move(feedback);
  return lesson;
}

const Feedback good{Feedback::Kind::good, {}};
const Feedback bad{Feedback::Kind::bad, {}};

double chance(const SkillSheet& sheet, const char* name) {
  const ModelSkill* skill = skill_of(sheet, model_of(name, 0));
  return skill == nullptr ? -1 : skill->chance;
}
int labels(const SkillSheet& sheet, const char* name) {
  return skill_of(sheet, model_of(name, 0))->labels;
}

TEST(Lessons, WhatNobodyVotedForTeachesNothing) {
  Lesson lesson = lesson_of({{"strong", "Well, that"}});
  Recorded& recorded = lesson.recorded;
  recorded.answers[0].ending = Ending::token_limit;
  recorded.verdict = {.shape = Shape::number, .text = "Well, that", .author = MemberId("strong")};
  const std::vector<Lesson> lessons{judged(lesson, good), judged(lesson, bad)};
  EXPECT_EQ(learn(Shape::number, two, lessons).labels, 0);
}

TEST(Lessons, WithoutAnyThePriorsCount) {
  const SkillSheet sheet = learn(Shape::number, two, {});
  ASSERT_EQ(sheet.models.size(), 2u);
  EXPECT_NEAR(chance(sheet, "strong"), 0.6, 1e-9);
  EXPECT_NEAR(chance(sheet, "weak"), 0.4, 1e-9);
  EXPECT_GT(sheet.models[0].say, sheet.models[1].say);
  EXPECT_EQ(sheet.lessons, 0);
  EXPECT_EQ(sheet.learned.confidence.labels, 0);
}

TEST(Lessons, GoodPraisesWhoAgreedAndBlamesWhoDissented) {
  const std::vector lessons{judged(lesson_of({{"strong", "12"}, {"weak", "13"}}), good)};
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_GT(chance(sheet, "strong"), 0.6);
  EXPECT_LT(chance(sheet, "weak"), 0.4);
  EXPECT_EQ(sheet.labels, 1);
}

TEST(Lessons, BadBlamesTheWinnersAndSaysNothingOfTheOthers) {
  const std::vector lessons{judged(lesson_of({{"strong", "12"}, {"weak", "13"}}), bad)};
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_LT(chance(sheet, "strong"), 0.6);
  EXPECT_NEAR(chance(sheet, "weak"), 0.4, 1e-9);
  EXPECT_EQ(labels(sheet, "weak"), 0);
}

TEST(Lessons, TheRightAnswerJudgesEveryone) {
  const std::vector lessons{judged(lesson_of({{"strong", "12"}, {"weak", "It is 13."}}),
                                   {Feedback::Kind::answer, "13.0"})};
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_LT(chance(sheet, "strong"), 0.6);
  EXPECT_GT(chance(sheet, "weak"), 0.4);
  const std::vector nobody{
      judged(lesson_of({{"strong", "12"}, {"weak", "13"}}), {Feedback::Kind::answer, "99"})};
  EXPECT_LT(chance(learn(Shape::number, two, nobody), "weak"), 0.4);
}

TEST(Lessons, FurtherSamplesOtherShapesAndOtherFilesSayNothing) {
  std::vector lessons{judged(lesson_of({{"strong#2", "12"}}), good),
                      judged(lesson_of({{"stranger", "12"}}), good),
                      judged(lesson_of({{"strong", "12"}}), good)};
  lessons[2].recorded.shape = Shape::choice;
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_EQ(labels(sheet, "strong"), 0);
  EXPECT_NEAR(chance(sheet, "strong"), 0.6, 1e-9);
}

TEST(Lessons, SkillFollowsTheFileNotTheName) {
  const std::vector lessons{judged(lesson_of({{"strong", "12"}, {"weak", "13"}}), good)};
  Model renamed = model_of("strong", 0.6);
  renamed.id = ModelId("my-own-name");
  const std::vector models{renamed, model_of("weak", 0.4)};
  EXPECT_EQ(learn(Shape::number, models, lessons).models[0].labels, 1);
  Model replaced = model_of("strong", 0.6);
  replaced.facts.digest = "another file under the same name";
  const std::vector others{replaced, model_of("weak", 0.4)};
  EXPECT_EQ(learn(Shape::number, others, lessons).models[0].labels, 0);
}

TEST(Lessons, ContradictoryFeedbackStaysBounded) {
  std::vector<Lesson> lessons;
  for (int round = 0; round < 50; ++round) {
    lessons.push_back(
        judged(lesson_of({{"strong", "12"}, {"weak", "13"}}), round % 2 == 0 ? good : bad));
  }
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_NEAR(chance(sheet, "strong"), 0.55, 0.1);
  for (const auto& model : sheet.models) EXPECT_TRUE(model.say >= 0 && model.say < 20);
}

// The answers given were the weak model's all the time, and wrong where the strong one was right.
TEST(Lessons, LearningThatDidHarmGoesBackToThePriors) {
  std::vector<Lesson> lessons;
  for (int round = 0; round < 30; ++round) {
    Lesson lesson = lesson_of({{"strong", "12"}, {"weak", "13"}});
    for (auto& ask : lesson.recorded.asks) ask.weight = ask.model.text == "weak" ? 3 : 1;
    Recorded& recorded = lesson.recorded;
    recorded.verdict = decide(recorded.shape, recorded.question, recorded.asks, recorded.answers);
    lessons.push_back(judged(std::move(lesson), {Feedback::Kind::answer, "12"}));
  }
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_TRUE(sheet.rolled_back);
  EXPECT_NEAR(chance(sheet, "strong"), 0.6, 1e-9);
  EXPECT_EQ(sheet.learned.confidence.labels, 0);
  EXPECT_EQ(sheet.labels, 30);  // nothing is forgotten
}

TEST(Lessons, ConfidenceIsToldOnlyFromThirtyLabelsOn) {
  std::vector<Lesson> lessons;
  for (int round = 0; round < 60; ++round) {
    const bool right = round % 4 != 0;
    lessons.push_back(
        judged(lesson_of({{"strong", "12"}, {"weak", right ? "12" : "13"}}), right ? good : bad));
    const bool calibrated = learn(Shape::number, two, lessons).learned.confidence.labels > 0;
    EXPECT_EQ(calibrated, lessons.size() >= 30) << lessons.size();
  }
}

TEST(Lessons, BothVerdictsOfAQuestionTeachConfidence) {
  // The stronger one is always right: where the two differ, the vote in full and the vote stopped
  // after one stand at different places, and both must be told rightly.
  std::vector<Lesson> lessons;
  for (int round = 0; round < 80; ++round) {
    const bool agree = round % 2 == 0;
    lessons.push_back(judged(lesson_of({{"strong", "12"}, {"weak", agree ? "12" : "13"}}),
                             {Feedback::Kind::answer, agree ? "12" : "14"}));
  }
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_EQ(sheet.full, 80);
  EXPECT_EQ(sheet.learned.confidence.labels, 80);  // questions, not verdicts
  const auto& right = sheet.learned.confidence.right;
  const std::vector says{sheet.models[0].say, sheet.models[1].say};
  const StopPlan plan{.order = {0, 1}, .rule = sheet.learned.stop};
  const auto agreed = ends_of({.groups = {0, 0}, .costs = {}, .lengths = {}}, says, plan);
  const auto split = ends_of({.groups = {0, 1}, .costs = {}, .lengths = {}}, says, plan);
  ASSERT_TRUE(agreed && split);
  EXPECT_GT(kai::chance(right, agreed->full.at), 0.8);
  EXPECT_LT(kai::chance(right, split->full.at), 0.2);
  // Stopped after the first, nobody can tell the two apart.
  EXPECT_EQ(agreed->stopped.at, split->stopped.at);
  EXPECT_NEAR(kai::chance(right, agreed->stopped.at), 0.5, 0.2);
}

TEST(Lessons, OfPartOfThePanelOnlyTheVerdictThatWasGivenTeaches) {
  EXPECT_FALSE(ends_of({.groups = {0, Ballot::not_asked}, .costs = {}, .lengths = {}},
                       std::vector{1.0, 1.0}, {.order = {0, 1}, .rule = {}}));
  std::vector<Lesson> lessons;
  for (int round = 0; round < 40; ++round) {
    lessons.push_back(judged(lesson_of({{"strong", "12"}}), round % 4 == 0 ? bad : good));
  }
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_EQ(sheet.full, 0);
  EXPECT_EQ(sheet.learned.confidence.labels, 40);
}

TEST(Lessons, StoppingIsLearnedWithoutAWordOfTheUser) {
  std::vector<Lesson> lessons;
  for (int round = 0; round < 40; ++round) {
    lessons.push_back(lesson_of({{"strong", "12"}, {"weak", round % 2 == 0 ? "12" : "13"}}));
  }
  EXPECT_TRUE(learn(Shape::number, two, lessons).learned.stop.learned);
  lessons.resize(29);
  EXPECT_FALSE(learn(Shape::number, two, lessons).learned.stop.learned);
}

// An open question, answered by both.
Lesson open_lesson(const std::string& strong, const std::string& weak) {
  Lesson lesson = lesson_of({{"strong", strong}, {"weak", weak}});
  Recorded& recorded = lesson.recorded;
  recorded.shape = Shape::open;
  recorded.question = "Why is the sky blue?";
  recorded.verdict = decide(recorded.shape, recorded.question, recorded.asks, recorded.answers);
  return lesson;
}

TEST(Lessons, OfAnOpenAnswerOnlyItsAuthorIsJudged) {
  const std::vector liked{judged(open_lesson("Light is scattered.", "The sea is blue."), good)};
  const SkillSheet sheet = learn(Shape::open, two, liked);
  EXPECT_GT(chance(sheet, "strong"), 0.6);
  EXPECT_NEAR(chance(sheet, "weak"), 0.4, 1e-9);
  EXPECT_EQ(labels(sheet, "weak"), 0);
  const std::vector disliked{judged(open_lesson("Light is scattered.", "The sea is blue."), bad)};
  EXPECT_LT(chance(learn(Shape::open, two, disliked), "strong"), 0.6);
  EXPECT_FALSE(sheet.learned.stop.learned);
}

TEST(Lessons, DislikeHandsOpenQuestionsToAnother) {
  std::vector<Lesson> lessons;
  for (int round = 0; round < 40; ++round) {
    lessons.push_back(judged(open_lesson("Light is scattered.", "The sea is blue."), bad));
  }
  const SkillSheet sheet = learn(Shape::open, two, lessons);
  EXPECT_LT(sheet.models[0].say, sheet.models[1].say);
  EXPECT_EQ(sheet.learned.taste, Taste{});
}

TEST(Lessons, ATasteIsLearnedFromAHundredPreferencesOn) {
  const std::string brief = "Light is scattered by the air.";
  const std::string full =
      "Light is scattered by the air, the blue of it far more than the red, so that from all parts "
      "of the sky blue light comes to the eye, while the red goes on its way nearly undisturbed.";
  std::vector<Lesson> lessons;
  for (int round = 0; round < 120; ++round) {
    const bool longer = round % 2 == 0;
    lessons.push_back(
        judged(open_lesson(longer ? full : brief, longer ? brief : full), longer ? good : bad));
    const Taste taste = learn(Shape::open, two, lessons).learned.taste;
    if (lessons.size() < 100) EXPECT_EQ(taste, Taste{}) << lessons.size();
  }
  const Taste taste = learn(Shape::open, two, lessons).learned.taste;
  EXPECT_TRUE(std::isfinite(taste.centrality) && std::isfinite(taste.length));
}

TEST(Lessons, WithoutANewWordTheOwnerOfTheMostSayStays) {
  const std::vector lessons{judged(lesson_of({{"strong", "12"}, {"weak", "13"}}), good)};
  const SkillSheet before = learn(Shape::number, two, lessons);
  const std::vector turned{model_of("strong", 0.3), model_of("weak", 0.9)};  // another table
  const SkillSheet after = learn(Shape::number, turned, lessons);
  ASSERT_GT(after.models[1].say, after.models[0].say);
  const SkillSheet kept = settled(before, after);
  EXPECT_TRUE(kept.frozen);
  EXPECT_EQ(kept.models, before.models);
  // A new word of the user, other models or the same owner: what was learned holds.
  const std::vector more{lessons[0], judged(lesson_of({{"strong", "1"}, {"weak", "2"}}), bad)};
  EXPECT_FALSE(settled(before, learn(Shape::number, turned, more)).frozen);
  const std::vector other{model_of("new", 0.9), model_of("weak", 0.4)};
  EXPECT_FALSE(settled(before, learn(Shape::number, other, lessons)).frozen);
  EXPECT_EQ(settled(before, before), before);
}

TEST(Lessons, TellHowLongAModelsAnswersAre) {
  std::vector<Lesson> lessons(3, lesson_of({{"strong", "1"}, {"weak", "2"}}));
  for (Lesson& lesson : lessons) lesson.recorded.answers[0].usage.answer = Tokens(20);
  lessons[2].recorded.answers[0].ending = Ending::deadline;  // would have been longer
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  EXPECT_NEAR(sheet.models[0].length.log_mean, std::log(20.0), 1e-9);
  EXPECT_EQ(sheet.models[0].length.answers, 2);
  EXPECT_EQ(sheet.models[1].length.answers, 0);
}

RC_GTEST_PROP(Lessons, AFrozenSheetKeepsItsOwner, ()) {
  const auto prior = [] { return *rc::gen::inRange(1, 100) / 100.0; };
  const std::vector models{model_of("strong", prior()), model_of("weak", prior())};
  const std::vector later{model_of("strong", prior()), model_of("weak", prior())};
  const SkillSheet before = learn(Shape::number, models, {});
  const SkillSheet kept = settled(before, learn(Shape::number, later, {}));
  const auto leads = [](const SkillSheet& sheet) {
    return sheet.models[1].say > sheet.models[0].say;
  };
  RC_ASSERT(leads(kept) == leads(before));
}

TEST(Lessons, ASheetCoversExactlyItsModels) {
  const SkillSheet sheet = learn(Shape::number, two, {});
  EXPECT_TRUE(covers(sheet, two));
  const std::vector one{two[0]};
  EXPECT_FALSE(covers(sheet, one));
  auto three = two;
  three.push_back(model_of("new", 0.5));
  EXPECT_FALSE(covers(sheet, three));
  three.back().refused = "is broken";  // cannot be asked
  EXPECT_TRUE(covers(sheet, three));
}

RC_GTEST_PROP(Lessons, SheetsAreFiniteWhateverWasSaid, ()) {
  std::vector<Lesson> lessons;
  const int count = *rc::gen::inRange(0, 40);
  for (int at = 0; at < count; ++at) {
    const auto word = [] { return std::to_string(*rc::gen::inRange(0, 3)); };
    Lesson lesson = lesson_of({{"strong", word()}, {"weak", word()}});
    const int said = *rc::gen::inRange(0, 4);
    if (said == 1) lesson.feedback = good;
    if (said == 2) lesson.feedback = bad;
    if (said == 3) lesson.feedback = Feedback{Feedback::Kind::answer, word()};
    lessons.push_back(std::move(lesson));
  }
  const SkillSheet sheet = learn(Shape::number, two, lessons);
  for (const auto& model : sheet.models) {
    RC_ASSERT(model.chance > 0 && model.chance < 1);
    RC_ASSERT(model.say >= 0 && model.say < 100);
  }
  RC_ASSERT(learn(Shape::number, two, lessons) == sheet);
}

}  // namespace
}  // namespace kai
