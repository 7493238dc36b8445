// The store over real files in a temporary folder: what is kept, found, forgotten.
#include "store/store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "store/store_fixture.h"

namespace kai {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StoreTest : public StoreFixture {};

TEST_F(StoreTest, KeepsAQuestionWithEverythingThatHappened) {
  const auto store = open();
  EXPECT_EQ(store->fault(), "");
  EXPECT_EQ(store->notice(), "");
  Outcome outcome = outcome_of("q_01", "What is 2+2?", "4");
  outcome.verdict.voters = 3;
  outcome.verdict.agreeing = 2;
  outcome.latency = milliseconds(1234);
  outcome.complexity.tier = Tier::medium;
  store->record(outcome);

  const auto rows = store->history(10);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1U);
  const HistoryRow& row = rows->front();
  EXPECT_EQ(row.id, QueryId("q_01"));
  EXPECT_EQ(row.asked, outcome.asked);
  EXPECT_EQ(row.question, "What is 2+2?");
  EXPECT_EQ(row.answer, "4");
  EXPECT_EQ(row.tier, Tier::medium);
  EXPECT_EQ(row.voters, 3);
  EXPECT_EQ(row.agreeing, 2);
  EXPECT_EQ(row.latency, milliseconds(1234));
  EXPECT_EQ(row.ending, "answered");
  EXPECT_EQ(store->outcome_json("q_01").value(), wire::encode_outcome(outcome));
  EXPECT_EQ(store->dropped(), 0);
}

TEST_F(StoreTest, SurvivesReopening) {
  open()->record(outcome_of("q_01", "first", "one"));
  const auto store = open();
  ASSERT_EQ(store->history(10)->size(), 1U);
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(StoreTest, ListsTheNewestFirstWhateverTheClockSaid) {
  const auto store = open();
  Outcome early = outcome_of("q_02", "asked before the clock was set back", "");
  early.asked += std::chrono::hours(1);
  store->record(early);
  store->record(outcome_of("q_01", "second", ""));
  store->record(outcome_of("q_03", "third", ""));
  const auto rows = store->history(2).value();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].id.text, "q_03");
  EXPECT_EQ(rows[1].id.text, "q_01");
  EXPECT_TRUE(store->history(0)->empty());
  EXPECT_TRUE(store->history(-1)->empty());
}

TEST_F(StoreTest, FailedQuestionsKeepTheirError) {
  const auto store = open();
  Outcome outcome = outcome_of("q_01", "?", "not to be shown");
  outcome.error = Error{ErrorCode::no_members, "no model is installed"};
  store->record(outcome);
  const auto rows = store->history(1).value();
  EXPECT_EQ(rows[0].ending, "no_members");
  EXPECT_EQ(rows[0].answer, "");
}

TEST_F(StoreTest, RefusedBeforeAQuestionLeavesNoRow) {
  const auto store = open();
  store->record(Outcome{});
  EXPECT_TRUE(store->history(10)->empty());
  EXPECT_EQ(store->dropped(), 0);
}

TEST_F(StoreTest, BegunQuestionBecomesItsOutcome) {
  const auto store = open();
  const Outcome outcome = outcome_of("q_01", "question", "answer");
  store->begin(outcome.query, outcome.asked);
  auto rows = store->history(10).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].ending, "begun");
  EXPECT_NE(store->outcome_json("q_01")->find(R"("error":{"code":"begun")"), std::string::npos);
  store->record(outcome);
  rows = store->history(10).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].ending, "answered");
  EXPECT_EQ(store->outcome_json("q_01").value(), wire::encode_outcome(outcome));
}

TEST_F(StoreTest, FindsByAnyUniqueBeginning) {
  const auto store = open();
  for (const char* id : {"q_01AB", "q_01AC", "q_01AC9", "q_02XY", "q_0%", "q_0_"}) {
    store->record(outcome_of(id, "q", id));
  }
  struct Case {
    const char* id;
    const char* found;
  };
  const Case cases[] = {{"q_01AB", "q_01AB"},   {"q_02", "q_02XY"}, {"q_01AC", "q_01AC"},
                        {"q_01AC9", "q_01AC9"}, {"q_0%", "q_0%"},   {"q_0_", "q_0_"}};
  for (const auto& [id, found] : cases) {
    const auto document = store->outcome_json(id);
    ASSERT_TRUE(document) << id << document.error().message;
    EXPECT_NE(document->find(fmt::format("\"id\":\"{}\"", found)), std::string::npos) << id;
  }
  for (const char* id : {"", "q_03", "Q_02", "%", "q_01AC99", "' OR 1=1 --"}) {
    const auto document = store->outcome_json(id);
    ASSERT_FALSE(document) << id;
    EXPECT_EQ(document.error().code, ErrorCode::not_found);
  }
  const auto two = store->outcome_json("q_01A");
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().message.find("q_01AB, q_01AC, q_01AC9;"), std::string::npos);
  const auto many = store->outcome_json("q_");
  EXPECT_NE(many.error().message.find("and more"), std::string::npos) << many.error().message;
}

TEST_F(StoreTest, ForgetsTheOldestBeyondItsBound) {
  options_.history_max = 5;
  const auto store = open();
  for (int i = 0; i < 20; ++i) store->record(outcome_of(fmt::format("q_{:02}", i), "q", "a"));
  const auto rows = store->history(100).value();
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows.front().id.text, "q_19");
  EXPECT_EQ(rows.back().id.text, "q_15");
}

TEST_F(StoreTest, ALowerBoundTakesEffectStepByStep) {
  {
    const auto store = open();
    for (int i = 0; i < 50; ++i) store->record(outcome_of(fmt::format("q_{:02}", i), "q", "a"));
  }
  options_.history_max = 3;
  const auto store = open();
  store->record(outcome_of("q_99", "q", "a"));
  EXPECT_EQ(store->history(100)->size(), 3U);
}

TEST_F(StoreTest, TextIsKeptAsItIs) {
  const auto store = open();
  const std::string texts[] = {
      "'; DROP TABLE questions; --",  "\"?1\" % _ \\ ` [x] $a @b :c",      "",
      "Grüße 日本語 🙂 \xE2\x80\xAE", "two\nlines\tand\ra\x1B[31m colour", std::string("a\0b", 3),
      std::string(1'000'000, 'x')};
  int number = 0;
  for (const auto& text : texts) {
    const std::string id = fmt::format("q_{:02}", number++);
    const Outcome outcome = outcome_of(id, text, text);
    store->record(outcome);
    const auto rows = store->history(1);
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->front().question, text);
    EXPECT_EQ(rows->front().answer, text);
    EXPECT_EQ(store->outcome_json(id).value(), wire::encode_outcome(outcome));
  }
  EXPECT_EQ(store->dropped(), 0);
}

TEST_F(StoreTest, CardsAreReplacedByModelAndDevice) {
  const auto store = open();
  CostCard card{
      ModelId("m"), DeviceId("cpu"), Bytes(1), Bytes(2), Bytes(3), milliseconds(4), 5.5, 6.25, 7};
  store->put_card(card);
  card.device = DeviceId("gpu0");
  store->put_card(card);
  card.decode_rate = 60;
  card.measured = 8;
  store->put_card(card);
  const auto cards = store->cards().value();
  ASSERT_EQ(cards.size(), 2U);
  EXPECT_EQ(cards[0].device.text, "cpu");
  EXPECT_EQ(cards[0].weights, Bytes(1));
  EXPECT_EQ(cards[0].kv_per_token, Bytes(2));
  EXPECT_EQ(cards[0].buffers, Bytes(3));
  EXPECT_EQ(cards[0].load, milliseconds(4));
  EXPECT_EQ(cards[0].prefill_rate, 5.5);
  EXPECT_EQ(cards[0].decode_rate, 6.25);
  EXPECT_EQ(cards[0].measured, 7);
  EXPECT_EQ(cards[1].decode_rate, 60);
  EXPECT_EQ(cards[1].measured, 8);
}

TEST_F(StoreTest, SpeedsAreReplacedByDevice) {
  const auto store = open();
  Device device;
  device.id = DeviceId("cpu");
  store->put_speed(device);  // without a speed: nothing to keep
  EXPECT_EQ(store->speeds().value().size(), 0U);
  device.name = "i7-13620H";
  device.lanes = device.running = 2;
  device.threads_per_lane = 5;
  device.speed = DeviceSpeed{1.5, 2.5, 3.5};
  store->put_speed(device);
  device.speed->lane_flops = 4.5;
  store->put_speed(device);
  const auto kept = store->speeds().value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].id.text, "cpu");
  EXPECT_EQ(kept[0].name, "i7-13620H");
  EXPECT_EQ(kept[0].lanes, 2);
  EXPECT_EQ(kept[0].threads_per_lane, 5);
  EXPECT_EQ(kept[0].speed->lane_read, 1.5);
  EXPECT_EQ(kept[0].speed->all_read, 2.5);
  EXPECT_EQ(kept[0].speed->lane_flops, 4.5);
}

TEST_F(StoreTest, DeathsAreReplacedByModelAndDeviceAndForgiven) {
  const Deaths first{ModelId("a"), DeviceId("cpu"), 1, WallTime(std::chrono::seconds(5)), "died"};
  Deaths second = first;
  second.in_a_row = 2;
  second.why = "died again";
  Deaths other = first;
  other.device = DeviceId("gpu0");
  {
    const auto store = open();
    for (const auto& deaths : {first, second, other}) store->put_deaths(deaths);
  }
  const auto store = open();
  auto kept = store->deaths().value();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].in_a_row, 2);
  EXPECT_EQ(kept[0].why, "died again");
  EXPECT_EQ(kept[0].last, first.last);
  EXPECT_EQ(kept[1].device, DeviceId("gpu0"));
  second.in_a_row = 0;
  store->put_deaths(second);
  kept = store->deaths().value();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].device, DeviceId("gpu0"));
}

TEST_F(StoreTest, InspectedFilesAreReplacedByPath) {
  const auto store = open();
  InspectedFile file{"/models/a'b.gguf", 98'000'000, 1'700'000'000'123'456'789, {}, ""};
  file.facts.name = "A";
  file.facts.context_max = Tokens(8192);
  store->put_inspected(file);
  file.mtime_ns += 1;
  file.refused = "truncated";
  store->put_inspected(file);
  const auto files = store->inspected().value();
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, file.path);
  EXPECT_EQ(files[0].size, file.size);
  EXPECT_EQ(files[0].mtime_ns, file.mtime_ns);
  EXPECT_EQ(files[0].facts.name, "A");
  EXPECT_EQ(files[0].facts.context_max, Tokens(8192));
  EXPECT_EQ(files[0].refused, "truncated");
}

TEST_F(StoreTest, OneBadWriteDoesNotTakeOthersWithIt) {
  const auto store = open();
  CostCard bad{ModelId("m"), DeviceId("cpu")};
  bad.prefill_rate = std::numeric_limits<double>::quiet_NaN();  // SQL's NULL
  store->record(outcome_of("q_01", "before", "a"));
  store->put_card(bad);
  store->record(outcome_of("q_02", "after", "a"));
  EXPECT_EQ(store->history(10)->size(), 2U);
  EXPECT_EQ(store->dropped(), 1);
  EXPECT_EQ(store->fault(), "");
}

TEST_F(StoreTest, NothingIsReadableByOthers) {
  options_.folder = folder_ / "deep" / "kai";
  const auto store = open();
  store->record(outcome_of("q_01", "private", "a"));
  ASSERT_TRUE(store->history(1));
  struct stat found{};
  ASSERT_EQ(::stat(options_.folder.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700U);
  for (const char* name : {"kai.db", "kai.db-wal", "kai.db-shm", "kai.db.lock"}) {
    ASSERT_EQ(::stat((options_.folder + "/" + name).c_str(), &found), 0) << name;
    EXPECT_EQ(found.st_mode & 0077, 0U) << name;
  }
}

TEST_F(StoreTest, FlushPutsEverythingIntoTheDatabaseFile) {
  const auto store = open();
  for (int i = 0; i < 200; ++i) store->record(outcome_of(fmt::format("q_{:03}", i), "q", "a"));
  EXPECT_TRUE(store->flush(seconds(5)));
  // Without its journal the copy holds only what was checkpointed.
  fs::copy_file(database(), folder_ / "copy.db");
  SQLite::Database copy((folder_ / "copy.db").string());
  EXPECT_EQ(copy.execAndGet("SELECT count(*) FROM questions").getInt(), 200);
}

TEST_F(StoreTest, BeyondItsQueueWritesAreCountedAsDropped) {
  options_.queue_max = 8;
  const auto store = open();
  SQLite::Database other(database().string(), SQLite::OPEN_READWRITE, 1000);
  SQLite::Transaction lock(other, SQLite::TransactionBehavior::IMMEDIATE);
  for (int i = 0; i < 20; ++i) store->record(outcome_of(fmt::format("q_{:02}", i), "q", "a"));
  EXPECT_EQ(store->dropped(), 12);
  lock.commit();
  EXPECT_TRUE(store->flush(seconds(5)));
  EXPECT_EQ(store->history(100)->size(), 8U);
}

TEST_F(StoreTest, BeyondItsBytesWritesAreCountedAsDropped) {
  options_.queue_bytes_max = 1_MiB;
  const auto store = open();
  store->record(outcome_of("q_01", "q", std::string(2'000'000, 'x')));
  store->record(outcome_of("q_02", "q", "small"));
  EXPECT_EQ(store->dropped(), 1);
  EXPECT_EQ(store->history(10)->size(), 1U);
}

}  // namespace
}  // namespace kai
