#include "monitor/history.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "monitor/feed.h"
#include "monitor/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr WallTime begin(1'772'366'400s);  // a whole five minutes

class HistoryTest : public testing::Test {
 protected:
  // One second in which `value` was read; what it ended is kept.
  void second(double value) {
    history.put(Series::cpu_utilization, "", value);
    now += 1s;
    for (auto& rollup : history.tick(now)) ended.push_back(std::move(rollup));
  }
  void SetUp() override { history.tick(now); }
  std::vector<std::optional<double>> values(WallTime from, WallTime to,
                                            const std::string& name = "cpu_utilization") const {
    const auto columns = history.columns({{name}, from, to});
    return columns.columns.empty() ? std::vector<std::optional<double>>()
                                   : columns.columns.front().values;
  }

  History history;
  WallTime now = begin;
  std::vector<Rollup> ended;
};

TEST_F(HistoryTest, SecondsRollUp) {
  for (int i = 0; i < 300; ++i) second(i < 10 ? i : 100);
  EXPECT_EQ(values(begin, begin + 2s), (std::vector<std::optional<double>>{0, 1, 2}));
  ASSERT_EQ(ended.size(), 31u);  // 30 of 10 s, one of 5 min
  EXPECT_EQ(ended.front().step, 10s);
  EXPECT_EQ(ended.front().at, begin);
  EXPECT_EQ(ended.front().values.front(), std::pair(std::string("cpu_utilization"), 4.5));
  EXPECT_EQ(ended.back().step, 5min);
  EXPECT_DOUBLE_EQ(ended.back().values.front().second, (45 + 290 * 100.0) / 300);
}

TEST_F(HistoryTest, EachSeriesHasItsRule) {
  for (const double took : {1.0, 2.0, 3.0, 40.0}) {
    history.put(Series::questions, "simple", 1);
    history.put(Series::question_seconds_p50, "simple", took);
    history.put(Series::question_seconds_p95, "simple", took);
    history.put(Series::queue_depth, "", took);
    history.put(Series::agreement, "simple", took / 100);
  }
  history.tick(now + 1s);
  const auto last = [&](const std::string& name) { return values(begin, now, name).back(); };
  EXPECT_EQ(last("questions"), 4);
  EXPECT_EQ(last("question_seconds_p50"), 2);
  EXPECT_EQ(last("question_seconds_p95"), 40);
  EXPECT_EQ(last("queue_depth"), 40);
  EXPECT_NEAR(last("agreement").value_or(0), 0.115, 1e-6);
}

TEST_F(HistoryTest, StepsGrowWithTheTimeAskedFor) {
  for (int i = 0; i < 1200; ++i) second(i);
  EXPECT_EQ(history.columns({{}, now - 10min, now}).step, 1s);
  EXPECT_EQ(history.columns({{}, now - 20min, now}).step, 10s);
  EXPECT_EQ(history.columns({{}, now - 48h, now}).step, 5min);
  // The ring of seconds has turned.
  EXPECT_EQ(history.columns({{}, now - 900s, now}).times.size(), 900u);
  EXPECT_EQ(history.columns({{}, now - 20min, now}).times.size(), 120u);
  EXPECT_EQ(history.columns({{"no_such_series"}, now - 1min, now}).columns.size(), 0u);
  EXPECT_TRUE(history.columns({{}, now + 1h, now - 1h}).times.empty());
}

TEST_F(HistoryTest, NeighboursBecomeOneWhereThereAreTooMany) {
  for (int i = 0; i < 12; ++i) {
    history.put(Series::questions, "simple", 1);
    history.put(Series::question_seconds_p95, "simple", i % 4);
    if (i < 4) history.put(Series::agreement, "simple", i);
    second(i);
  }
  const auto told = [&](int rows_max) { return history.columns({{}, begin, now, rows_max}); };
  EXPECT_EQ(told(0).times.size(), 12u);
  EXPECT_EQ(told(12).times.size(), 12u);
  const auto columns = told(3);
  EXPECT_EQ(columns.step, 4s);
  EXPECT_EQ(columns.times, (std::vector<WallTime>{begin, begin + 4s, begin + 8s}));
  const auto of = [&](const std::string& name) {
    return std::ranges::find(columns.columns, name, &HistoryColumns::Column::name)->values;
  };
  using Values = std::vector<std::optional<double>>;
  EXPECT_EQ(of("questions"), (Values{4, 4, 4}));
  EXPECT_EQ(of("question_seconds_p95"), (Values{3, 3, 3}));
  EXPECT_EQ(of("cpu_utilization"), (Values{1.5, 5.5, 9.5}));
  EXPECT_EQ(of("agreement"), (Values{1.5, std::nullopt, std::nullopt}));
  // Whole steps since 1970, so that what is told does not waver from one request to the next.
  const auto later = history.columns({{"questions"}, begin + 2s, now, 3});
  EXPECT_EQ(later.times.front(), begin);
  EXPECT_EQ(later.columns.front().values.front(), 2);
  for (const int most : {1, 2, 5, 7, 11}) {
    EXPECT_LE(told(most).times.size(), static_cast<std::size_t>(most) + 1) << most;
  }
}

TEST_F(HistoryTest, WhatWasNotMeasuredIsMissing) {
  second(1);
  history.put(Series::gpu_power_watts, "0", 70);
  now += 1s;
  history.tick(now);
  now += 10s;  // asleep
  history.tick(now);
  second(3);
  EXPECT_EQ(values(begin, now), (std::vector<std::optional<double>>{1, std::nullopt, 3}));
  EXPECT_EQ(values(begin, now, "gpu_power_watts"),
            (std::vector<std::optional<double>>{std::nullopt, 70, std::nullopt}));
  EXPECT_EQ(history.columns({{}, begin, now}).times.back(), begin + 12s);
}

TEST_F(HistoryTest, AClockThatIsSetBackForgetsItsFuture) {
  for (int i = 0; i < 60; ++i) second(i);
  history.annotate({now, "load", "later"});
  now = begin + 30s;
  EXPECT_TRUE(history.tick(now).empty());
  second(1000);
  const auto columns = history.columns({{}, begin, begin + 1h});
  EXPECT_EQ(columns.times.size(), 31u);
  EXPECT_EQ(columns.columns.front().values.back(), 1000);
  EXPECT_TRUE(std::ranges::is_sorted(columns.times));
  EXPECT_TRUE(columns.annotations.empty());
}

TEST_F(HistoryTest, GoesOnWhereItWasKept) {
  for (int i = 0; i < 600; ++i) second(i);
  ended.push_back({10s, now + 1000h, {{"cpu_utilization", 7}}});  // of a clock that ran ahead
  ended.push_back({10s, begin - 1h, {{"of_another_version", 7}}});
  History next;
  next.restore(ended, {{now, "start", "kai was started"}});
  next.tick(now);
  next.put(Series::cpu_utilization, "", 1);
  next.tick(now + 10s);
  const auto columns = next.columns({{"cpu_utilization"}, now - 20min, now + 1min});
  EXPECT_EQ(columns.step, 10s);
  ASSERT_EQ(columns.times.size(), 61u);
  EXPECT_EQ(columns.columns.front().values.front(), 4.5);
  EXPECT_EQ(columns.columns.front().values.back(), 1);
  EXPECT_EQ(columns.annotations.size(), 1u);
}

TEST_F(HistoryTest, SeriesAreBounded) {
  for (int i = 0; i < 500; ++i) history.put(Series::asks, std::to_string(i), 1);
  history.tick(now + 1s);
  EXPECT_EQ(history.columns({{}, begin, now + 1s}).columns.size(), History::series_max);
  for (int i = 0; i < 1000; ++i) history.annotate({now, "load", ""});
  EXPECT_EQ(history.columns({{}, begin, now + 1s}).annotations.size(), History::annotations_max);
}

TEST_F(HistoryTest, IsFedByOutcomesAndReadings) {
  Outcome outcome = answered_outcome();
  outcome.answers[0].timings.load = 3s;
  outcome.answers[0].device = DeviceId("cpu");
  outcome.answers[1].error = Error{ErrorCode::lane_lost, "the worker died"};
  outcome.answers[1].ending = Ending::failed;
  put(history, outcome);
  put(history, failed_outcome(ErrorCode::deadline));
  put(history, failed_outcome(ErrorCode::cancelled));
  HardwareReading before, after;
  before.host.stalled = {{"io", 1}};
  after.host.stalled = {{"io", 1.5}};
  after.host.memory_limit = Bytes(100);
  after.host.memory_available = Bytes(40);
  put(history, after, before, 2s);
  put(history, Feedback::Kind::bad);
  put(history, std::vector<Measured>{{AlertKind::quality_drop, "model-a", 0.1},
                                     {AlertKind::quality_drop, "model-b", 0.3}});
  history.tick(now + 1s);
  const auto last = [&](const std::string& name) { return values(begin, now, name).back(); };
  EXPECT_EQ(last("pressure"), 0.25);
  EXPECT_EQ(last("memory_used_bytes"), 60);
  EXPECT_EQ(last("agreement"), 0.75);
  EXPECT_EQ(last("question_seconds_p95"), 2);
  EXPECT_EQ(last("questions_failed"), 1);
  EXPECT_EQ(last("feedback"), 1);
  EXPECT_FLOAT_EQ(last("alert_value").value(), 0.3F);
  const auto notes = annotations_of(outcome, now);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].text, "model-a was loaded on cpu in 3.0 s");
  EXPECT_EQ(notes[1].kind, "failure");
  outcome.answers[0].timings.load = 2ms;
  EXPECT_EQ(annotations_of(outcome, now).size(), 1u) << "it was there before";
}

TEST(SeriesFamilies, AreInTheOrderOfTheirNames) {
  for (std::size_t i = 0; i < series_families().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(series_families()[i].series), i);
  }
}

}  // namespace
}  // namespace kai
