// Searching history: by words, by what became of a question, page by page.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>

#include "store/store_fixture.h"
#include "store/tables.h"

namespace kai {
namespace {

class SearchTest : public StoreFixture {
 protected:
  static Outcome asked_of(std::string id, std::string question, std::string answer,
                          std::string model) {
    Outcome outcome = outcome_of(std::move(id), std::move(question), std::move(answer));
    Answer one;
    one.member = MemberId(model);
    one.model = ModelId(std::move(model));
    one.ending = Ending::complete;
    outcome.answers = {one};
    outcome.verdict.voters = 1;
    outcome.verdict.agreeing = 1;
    return outcome;
  }
  static std::string ids(const Result<HistoryPage>& page) {
    if (!page) return page.error().message;
    std::string text;
    for (const auto& row : page->rows) text += row.id.text + ' ';
    return text + (page->more ? "…" : "");
  }
};

TEST_F(SearchTest, FindsWordsOfQuestionAndAnswerTheNewestFirst) {
  const auto store = open();
  store->record(asked_of("q_1", "Where is Zürich?", "In Switzerland", "a"));
  store->record(asked_of("q_2", "What is \"larger\", 9.11 or 9.9?", "9.9", "a"));
  store->record(asked_of("q_3", "Is Switzerland in Europe?", "Yes", "b"));
  const struct {
    const char* text;
    const char* found;
  } cases[] = {
      {"switzerland", "q_3 q_1 "},
      {"zurich", "q_1 "},
      {"Switz", "q_3 q_1 "},
      {"europe switzerland", "q_3 "},
      {"itzerland", ""},
      {"\"larger\"", "q_2 "},
      {"9.11", "q_2 "},
      {"larger OR europe", ""},
      {"nothing", ""},
      {"", "q_3 q_2 q_1 "},
      {"question:where", ""},
      {"\xff\xfe", ""},
      {"*", ""},
      {"   ", "q_3 q_2 q_1 "},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(ids(store->search({.text = one.text})), one.found) << one.text;
  }
}

TEST_F(SearchTest, EveryConditionHolds) {
  const auto store = open();
  Outcome hard = asked_of("q_1", "Explain tides", "The moon", "a");
  hard.verdict.shape = Shape::open;
  hard.verdict.voters = 2;
  hard.query.tier = Tier::expert;
  store->record(hard);
  Outcome failed = asked_of("q_2", "Explain rain", "", "b");
  failed.verdict.shape = Shape::number;
  failed.error = Error{ErrorCode::deadline, "late"};
  store->record(failed);
  EXPECT_EQ(ids(store->search({.tier = Tier::expert})), "q_1 ");
  EXPECT_EQ(ids(store->search({.kind = Shape::number})), "q_2 ");
  EXPECT_EQ(ids(store->search({.model = ModelId("b")})), "q_2 ");
  EXPECT_EQ(ids(store->search({.model = ModelId("c")})), "");
  EXPECT_EQ(ids(store->search({.dissent = true})), "q_1 ");
  EXPECT_EQ(ids(store->search({.dissent = false})), "q_2 ");
  EXPECT_EQ(ids(store->search({.ending = "deadline"})), "q_2 ");
  EXPECT_EQ(ids(store->search({.ending = "answered"})), "q_1 ");
  EXPECT_EQ(ids(store->search({.text = "explain", .model = ModelId("a"), .ending = "answered"})),
            "q_1 ");
}

TEST_F(SearchTest, FailedIsAnyErrorButCancelled) {
  const auto store = open();
  Query running;
  running.id = QueryId("q_1");
  running.messages = {{Role::user, "How long?"}};
  store->begin(running, WallTime{});
  store->record(asked_of("q_2", "Which apple?", "The braeburn", "a"));
  const auto fails = [&](std::string id, ErrorCode code) {
    Outcome failed = asked_of(std::move(id), "Which pear?", "", "a");
    failed.error = Error{code, "why"};
    store->record(failed);
  };
  fails("q_3", ErrorCode::cancelled);
  fails("q_4", ErrorCode::deadline);
  fails("q_5", ErrorCode::internal);
  EXPECT_EQ(ids(store->search({.ending = "failed"})), "q_5 q_4 ");
  EXPECT_EQ(ids(store->search({.text = "pear", .ending = "failed", .rows_max = 1})), "q_5 …");
}

TEST_F(SearchTest, ANulIsABlank) {
  const auto store = open();
  store->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  EXPECT_EQ(ids(store->search({.text = std::string("apple\0brae", 10)})), "q_1 ");
  EXPECT_EQ(ids(store->search({.text = std::string("\0", 1)})), "q_1 ");
}

TEST_F(SearchTest, WhatIsRecordedAgainReplacesWhatWas) {
  const auto store = open();
  store->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  store->record(asked_of("q_1", "Which apple?", "The gala", "b"));
  EXPECT_EQ(ids(store->search({.text = "gala", .model = ModelId("b")})), "q_1 ");
  EXPECT_EQ(ids(store->search({.model = ModelId("a")})), "");
  EXPECT_EQ(store->dropped(), 0);
}

TEST_F(SearchTest, GoesOnPageByPage) {
  const auto store = open();
  for (int n = 1; n <= 5; ++n) store->record(asked_of(fmt::format("q_{}", n), "prime?", "7", "a"));
  EXPECT_EQ(ids(store->search({.rows_max = 2})), "q_5 q_4 …");
  EXPECT_EQ(ids(store->search({.before = QueryId("q_4"), .rows_max = 2})), "q_3 q_2 …");
  EXPECT_EQ(ids(store->search({.text = "prime", .before = QueryId("q_2"), .rows_max = 2})), "q_1 ");
  EXPECT_EQ(ids(store->search({.before = QueryId("q_gone")})), "");
}

TEST_F(SearchTest, WhatChangesOrGoesIsFoundSo) {
  options_.history_max = 2;
  const auto store = open();
  Query query;
  query.id = QueryId("q_1");
  query.messages = {{Role::user, "Which apple?"}};
  store->begin(query, WallTime{});
  EXPECT_EQ(ids(store->search({.text = "apple", .ending = "begun"})), "q_1 ");
  store->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  EXPECT_EQ(ids(store->search({.text = "braeburn", .model = ModelId("a")})), "q_1 ");
  store->record(asked_of("q_2", "Which pear?", "The conference", "a"));
  store->record(asked_of("q_3", "Which plum?", "The damson", "a"));
  EXPECT_EQ(ids(store->search({.text = "apple"})), "");
  EXPECT_EQ(ids(store->search({.text = "which"})), "q_3 q_2 ");
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(SearchTest, FindsWhatAnOlderKaiKept) {
  Outcome sure = asked_of("q_1", "Which apple?", "The braeburn", "a");
  sure.verdict.confidence = 0.75;
  open()->record(sure);
  {
    // As it was before there was a search.
    SQLite::Database file(database().string(), SQLite::OPEN_READWRITE, 5000);
    file.exec(
        "DROP TRIGGER questions_come; DROP TRIGGER questions_go;"
        "DROP TRIGGER questions_change; DROP TABLE questions_text;"
        "DROP TABLE question_models;"
        "DROP INDEX questions_confidence; ALTER TABLE questions DROP COLUMN confidence;"
        "DROP TABLE questions_unread; DROP TABLE metric_rollups; DROP TABLE annotations; PRAGMA "
        "user_version = 5");
  }
  const auto store = open();
  EXPECT_EQ(ids(store->search({.text = "braeburn", .model = ModelId("a")})), "q_1 ");
  EXPECT_EQ(store->search({.confidence_min = 0.7})->rows.at(0).confidence, 0.75);
}

// Before the text was read a batch at a time, its triggers did that.
TEST_F(SearchTest, GoesOnWhereTheVersionBeforeEnded) {
  open()->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  {
    SQLite::Database file(database().string(), SQLite::OPEN_READWRITE, 5000);
    file.exec(
        "DROP TRIGGER questions_come; DROP TRIGGER questions_go; DROP TRIGGER questions_change;"
        "DROP TABLE questions_unread;"
        "CREATE TRIGGER questions_come AFTER INSERT ON questions BEGIN"
        " INSERT INTO questions_text (rowid, question, answer)"
        " VALUES (new.seq, new.question, new.answer); END;"
        "CREATE TRIGGER questions_go AFTER DELETE ON questions BEGIN SELECT 1; END;"
        "CREATE TRIGGER questions_change AFTER UPDATE ON questions BEGIN SELECT 1; END;"
        "INSERT INTO questions (id, asked_ns, ending, owner, tier, voters, agreeing, latency_ns,"
        " question, answer, document) VALUES ('q_2', 2, 'answered', '', 'simple', 1, 1, 1,"
        " 'Which pear?', 'The conference', '{}');"
        "PRAGMA user_version = 8");
  }
  const auto store = open();
  store->record(asked_of("q_3", "Which plum?", "The damson", "b"));
  store->record(asked_of("q_1", "Which apple?", "The elstar", "a"));
  EXPECT_EQ(ids(store->search({.text = "which"})), "q_3 q_2 q_1 ");
  EXPECT_EQ(ids(store->search({.text = "conference"})), "q_2 ");
  EXPECT_EQ(ids(store->search({.text = "braeburn"})), "");
  EXPECT_EQ(ids(store->search({.text = "elstar", .model = ModelId("a")})), "q_1 ");
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(SearchTest, ByHowSureItWas) {
  const auto store = open();
  const auto keep = [&](std::string id, std::optional<double> confidence) {
    Outcome outcome = asked_of(std::move(id), "Which apple?", "The braeburn", "a");
    outcome.verdict.confidence = confidence;
    store->record(outcome);
  };
  keep("q_1", 0.5);
  keep("q_2", std::nullopt);
  keep("q_3", 0.9);
  keep("q_4", 1);
  EXPECT_EQ(ids(store->search({.confidence_min = 0.9})), "q_4 q_3 ");
  EXPECT_EQ(ids(store->search({.confidence_max = 0.9})), "q_1 ");
  EXPECT_EQ(ids(store->search({.confidence_min = 0.5, .confidence_max = 1})), "q_3 q_1 ");
  EXPECT_EQ(ids(store->search({.text = "apple", .confidence_min = 0.95})), "q_4 ");
  EXPECT_EQ(ids(store->search({.confidence_min = 0})), "q_4 q_3 q_1 ");
  EXPECT_EQ(store->search({})->rows.at(2).confidence, std::nullopt);
  keep("q_4", std::nullopt);
  EXPECT_EQ(ids(store->search({.confidence_min = 0.9})), "q_3 ");
}

TEST_F(SearchTest, LaterFromTheStoresThread) {
  const auto store = open();
  store->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  std::promise<std::string> found, document;
  store->search_later({.text = "apple"},
                      [&](Result<HistoryPage> page) { found.set_value(ids(page)); });
  store->outcome_json_later("q_1",
                            [&](Result<std::string> text) { document.set_value(text.value()); });
  EXPECT_EQ(found.get_future().get(), "q_1 ");
  EXPECT_TRUE(document.get_future().get().contains("braeburn"));
}

TEST_F(SearchTest, WhoeverLooksWhileTooManyWaitIsToldSoAtOnce) {
  const auto store = open();
  store->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  std::promise<void> began, go_on;
  store->search_later({}, [&](const Result<HistoryPage>&) {  // and keeps the thread
    began.set_value();
    go_on.get_future().wait();
  });
  began.get_future().wait();
  std::atomic<int> found = 0;
  const auto look = [&] {
    store->search_later({.text = "apple"}, [&](const Result<HistoryPage>& page) {
      if (ids(page) == "q_1 ") ++found;
    });
  };
  for (int i = 0; i < 64; ++i) look();
  std::optional<ErrorCode> refused;
  store->outcome_json_later("q_1",
                            [&](const Result<std::string>& text) { refused = text.error().code; });
  EXPECT_EQ(refused, ErrorCode::overloaded);
  go_on.set_value();
  ASSERT_TRUE(store->search({}));  // behind them
  EXPECT_EQ(found, 64);
  look();
  ASSERT_TRUE(store->search({}));
  EXPECT_EQ(found, 65);
}

TEST_F(SearchTest, FeedbackLaterFromTheStoresThread) {
  const auto store = open();
  store->record(asked_of("q_1", "Which apple?", "The braeburn", "a"));
  std::promise<Result<QueryId>> kept, missed;
  store->put_feedback_later("q_1", {Feedback::Kind::good, {}},
                            [&](Result<QueryId> id) { kept.set_value(std::move(id)); });
  store->put_feedback_later("q_2", {Feedback::Kind::good, {}},
                            [&](Result<QueryId> id) { missed.set_value(std::move(id)); });
  EXPECT_EQ(kept.get_future().get()->text, "q_1");
  EXPECT_EQ(missed.get_future().get().error().code, ErrorCode::not_found);
  EXPECT_TRUE(store->outcome_json("q_1")->ends_with(R"(,"feedback":{"said":"good"}})"));
  ASSERT_TRUE(store->put_feedback("q_1", {Feedback::Kind::answer, "The \"pink\" lady"}));
  EXPECT_TRUE(
      store->outcome_json("q_1")->ends_with(R"(,"feedback":{"answer":"The \"pink\" lady"}})"));
  std::promise<Result<int>> forgotten;
  store->forget_feedback_later([&](Result<int> count) { forgotten.set_value(std::move(count)); });
  EXPECT_EQ(forgotten.get_future().get().value(), 1);
  EXPECT_FALSE(store->outcome_json("q_1")->contains("feedback"));
  EXPECT_EQ(store->forget_feedback().value(), 0);
}

}  // namespace
}  // namespace kai
