// What is learned from: feedback on kept questions, lessons, and the learned state.

#include "store/store_fixture.h"

namespace kai {
namespace {

class Lessons : public StoreFixture {
 protected:
  static Outcome answered(const std::string& id, Shape shape = Shape::number) {
    Outcome outcome = outcome_of(id, "How much is 7 + 5?", "12");
    outcome.verdict.shape = shape;
    return outcome;
  }
  static std::vector<std::string> ids(const Result<std::vector<Lesson>>& lessons) {
    std::vector<std::string> found;
    for (const auto& lesson : lessons.value()) found.push_back(lesson.recorded.id.text);
    return found;
  }
};

using Ids = std::vector<std::string>;

TEST_F(Lessons, AreTheAnsweredQuestionsOfAShapeNewestFirst) {
  auto store = open();
  store->record(answered("q_1"));
  store->record(answered("q_2", Shape::choice));
  Outcome failed = answered("q_3");
  failed.error = Error{ErrorCode::deadline, "late"};
  store->record(failed);
  store->record(answered("q_4"));
  EXPECT_EQ(ids(store->lessons(Shape::number, {.rows_max = 10})), (Ids{"q_4", "q_1"}));
  EXPECT_EQ(ids(store->lessons(Shape::number, {.rows_max = 1})), (Ids{"q_4"}));
  EXPECT_EQ(ids(store->lessons(Shape::choice, {.rows_max = 10})), (Ids{"q_2"}));
  EXPECT_TRUE(store->lessons(Shape::code, {.rows_max = 10})->empty());
}

TEST_F(Lessons, WithoutFeedbackOnlyTheNewestAreRead) {
  auto store = open();
  for (const char* id : {"q_1", "q_2", "q_3", "q_4"}) store->record(answered(id));
  ASSERT_TRUE(store->put_feedback("q_1", {Feedback::Kind::good, {}}));
  EXPECT_EQ(ids(store->lessons(Shape::number, {.rows_max = 10, .unlabelled_max = 2})),
            (Ids{"q_4", "q_3", "q_1"}));
  EXPECT_EQ(ids(store->lessons(Shape::number, {.rows_max = 3, .unlabelled_max = 2})),
            (Ids{"q_4", "q_3"}));
}

TEST_F(Lessons, AreCountedSinceOneOfThem) {
  auto store = open();
  for (const char* id : {"q_1", "q_2", "q_3"}) store->record(answered(id));
  store->record(answered("q_4", Shape::choice));
  EXPECT_EQ(store->answered_since(Shape::number, QueryId("q_1")).value(), 2);
  EXPECT_EQ(store->answered_since(Shape::number, QueryId("q_3")).value(), 0);
  EXPECT_EQ(store->answered_since(Shape::number, QueryId("q_0")).value(), 3);  // is not kept
  EXPECT_EQ(store->answered_since(Shape::number, QueryId()).value(), 3);
}

TEST_F(Lessons, CarryWhatWasSaidOfThemLast) {
  {
    auto store = open();
    store->record(answered("q_01AB"));
    const auto id = store->put_feedback("q_01", {Feedback::Kind::bad, {}});
    ASSERT_TRUE(id) << id.error().message;
    EXPECT_EQ(id->text, "q_01AB");
    ASSERT_TRUE(store->put_feedback("q_01AB", {Feedback::Kind::answer, "twelve"}));
    store->record(answered("q_01AB"));  // a late record keeps it
  }
  const auto lessons = open()->lessons(Shape::number, {.rows_max = 10});
  ASSERT_EQ(lessons->size(), 1u);
  ASSERT_TRUE(lessons->front().feedback.has_value());
  EXPECT_EQ(lessons->front().feedback->kind, Feedback::Kind::answer);
  EXPECT_EQ(lessons->front().feedback->answer, "twelve");
}

TEST_F(Lessons, FeedbackNeedsAnAnsweredQuestion) {
  auto store = open();
  Outcome failed = answered("q_failed");
  failed.error = Error{ErrorCode::deadline, "late"};
  store->record(failed);
  store->record(answered("q_1A"));
  store->record(answered("q_1B"));
  struct Case {
    const char* id;
    ErrorCode code;
  };
  for (const auto& [id, code] :
       {Case{"q_nothing", ErrorCode::not_found}, Case{"", ErrorCode::not_found},
        Case{"q_1", ErrorCode::not_found}, Case{"q_failed", ErrorCode::invalid_request}}) {
    const auto put = store->put_feedback(id, {Feedback::Kind::good, {}});
    ASSERT_FALSE(put) << id;
    EXPECT_EQ(put.error().code, code) << put.error().message;
  }
}

TEST_F(Lessons, ADocumentThatCannotBeReadBackIsLeftOut) {
  {
    auto store = open();
    store->record(answered("q_1"));
    store->record(answered("q_2"));
  }
  SQLite::Database file(database().string(), SQLite::OPEN_READWRITE);
  file.exec("UPDATE questions SET document = '{}' WHERE id = 'q_2'");
  EXPECT_EQ(ids(open()->lessons(Shape::number, {.rows_max = 10})), (Ids{"q_1"}));
}

TEST_F(Lessons, WhatWasLearnedComesBackByShape) {
  {
    auto store = open();
    store->put_learned(Shape::number, "{\"a\":1}");
    store->put_learned(Shape::open, "old");
    store->put_learned(Shape::open, "new");
  }
  EXPECT_EQ(open()->learned().value(),
            (std::map<Shape, std::string>{{Shape::number, "{\"a\":1}"}, {Shape::open, "new"}}));
}

// As the first version wrote it.
TEST_F(Lessons, AnOlderHistoryIsLearnedFromToo) {
  {
    auto store = open();
    store->record(answered("q_1"));
  }
  {
    SQLite::Database file(database().string(), SQLite::OPEN_READWRITE);
    file.exec(
        "DROP TRIGGER questions_come; DROP TRIGGER questions_go; DROP TRIGGER questions_change;"
        "DROP TABLE questions_text; DROP TABLE question_models;"
        "DROP INDEX questions_confidence; ALTER TABLE questions DROP COLUMN confidence;"
        "DROP TABLE questions_unread; DROP TABLE metric_rollups; DROP TABLE annotations;"
        "DROP TABLE learned; DROP TABLE device_speeds; DROP TABLE deaths; DROP INDEX "
        "questions_answered;"
        "ALTER TABLE cost_cards DROP COLUMN spread; ALTER TABLE questions DROP COLUMN shape;"
        "ALTER TABLE questions DROP COLUMN feedback; PRAGMA user_version = 1");
  }
  auto store = open();
  EXPECT_EQ(ids(store->lessons(Shape::number, {.rows_max = 10})), (Ids{"q_1"})) << store->fault();
  EXPECT_TRUE(store->put_feedback("q_1", {Feedback::Kind::good, {}}));
}

}  // namespace
}  // namespace kai
