#include "monitor/alerts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "monitor/signals.h"
#include "monitor/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

constexpr WallTime begin(1'772'366'400s);

// A board that is looked at every 10 virtual seconds.
class AlertsTest : public testing::Test {
 protected:
  void look(std::vector<Measured> measured) {
    now.time += 10s;
    now.wall += 10s;
    const auto news = board.look(now, measured);
    told.insert(told.end(), news.changed.begin(), news.changed.end());
    sent.insert(sent.end(), news.to_tell.begin(), news.to_tell.end());
  }
  void look_for(Duration length, const std::vector<Measured>& measured) {
    for (Duration done{}; done < length; done += 10s) look(measured);
  }
  std::optional<AlertState> state(std::string_view name = "VRAMNearFull") const {
    for (const auto& alert : board.list(now.wall).alerts) {
      if (alert.name == name) return alert.state;
    }
    return std::nullopt;
  }
  static std::vector<Measured> vram(double value) {
    return {{AlertKind::vram_near_full, "0", value}};
  }

  AlertBoard board;
  AlertBoard::Now now{Time(1000s), begin};
  std::vector<Alert> told, sent;  // what has changed, what somebody is told of
};

TEST_F(AlertsTest, FiresOnceItWasMetLongEnough) {
  look(vram(0.96));
  EXPECT_EQ(state(), AlertState::pending);
  look_for(50s, vram(0.96));
  EXPECT_EQ(state(), AlertState::pending);
  EXPECT_TRUE(told.empty());
  look(vram(0.97));
  EXPECT_EQ(state(), AlertState::firing);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].name, "VRAMNearFull");
  EXPECT_EQ(told[0].label, "gpu");
  EXPECT_EQ(told[0].subject, "0");
  EXPECT_EQ(told[0].value, 0.97);
  EXPECT_EQ(told[0].since, now.wall);
  EXPECT_EQ(board.firing(AlertKind::vram_near_full), 1);
  look_for(10min, vram(0.97));
  EXPECT_EQ(told.size(), 1u);  // told once
}

TEST_F(AlertsTest, ABreakBeginsTheWaitAnew) {
  look_for(50s, vram(0.96));
  look(vram(0.95));  // not beyond it
  EXPECT_FALSE(state());
  look_for(60s, vram(0.96));
  EXPECT_EQ(state(), AlertState::pending);
}

TEST_F(AlertsTest, OnceItFiresItIsMetDownToTheLowerThreshold) {
  look_for(70s, vram(0.96));
  ASSERT_EQ(state(), AlertState::firing);
  look_for(1h, vram(0.93));
  EXPECT_EQ(state(), AlertState::firing);
}

TEST_F(AlertsTest, FiresOnUntilItWasNotMetForLong) {
  look_for(70s, vram(0.96));
  look_for(110s, vram(0.5));
  EXPECT_EQ(state(), AlertState::firing);
  look(vram(0.96));  // and again
  look_for(110s, vram(0.5));
  EXPECT_EQ(state(), AlertState::firing);
  look(vram(0.5));
  EXPECT_FALSE(state());
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1].state, AlertState::inactive);
  EXPECT_EQ(told[1].ended, now.wall);
  const auto past = board.list(now.wall).past;
  ASSERT_EQ(past.size(), 1u);
  EXPECT_EQ(past[0].since, told[0].since);
}

TEST_F(AlertsTest, WhatCannotBeMeasuredIsNotMet) {
  look_for(50s, vram(0.99));
  look({});
  EXPECT_FALSE(state());
  look_for(70s, vram(0.99));
  look_for(2min, {});
  EXPECT_FALSE(state());
  EXPECT_EQ(told.size(), 2u);
}

TEST_F(AlertsTest, SubjectsStandForThemselvesAndAreBounded) {
  std::vector<Measured> many;
  for (int i = 0; i < 1000; ++i) many.push_back({AlertKind::model_down, std::to_string(i), 1});
  look_for(40s, many);
  EXPECT_EQ(board.firing(AlertKind::model_down), static_cast<int>(AlertBoard::subjects_max));
  many.resize(1);
  look_for(70s, many);
  EXPECT_EQ(board.firing(AlertKind::model_down), 1);
  EXPECT_EQ(board.list(now.wall).past.size(), AlertBoard::past_max);
}

TEST_F(AlertsTest, SilenceEndsByItself) {
  EXPECT_FALSE(board.silence("NoSuchAlert", 1h, now));
  EXPECT_TRUE(board.silence("VRAMNearFull", 5min, now));
  look_for(70s, vram(0.96));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].silenced_until, begin + 5min);
  EXPECT_TRUE(board.list(now.wall).alerts[0].silenced_until);
  look_for(5min, vram(0.96));
  EXPECT_FALSE(board.list(now.wall).alerts[0].silenced_until);
  EXPECT_TRUE(board.silence("VRAMNearFull", 1h, now));
  EXPECT_TRUE(board.silence("VRAMNearFull", 0s, now));
  EXPECT_FALSE(board.list(now.wall).alerts[0].silenced_until);
}

TEST_F(AlertsTest, AQuietRuleSaysUntilWhenItIsSilenced) {
  const auto until = [&] {
    const auto list = board.list(now.wall);
    return std::ranges::find(list.rules, "VRAMNearFull", &AlertTerms::name)->silenced_until;
  };
  EXPECT_FALSE(until());
  EXPECT_TRUE(board.silence("VRAMNearFull", 5min, now));
  EXPECT_EQ(until(), begin + 5min);
  look_for(5min, vram(0.5));
  EXPECT_FALSE(until());
  EXPECT_TRUE(board.silence("VRAMNearFull", 1h, now));
  EXPECT_TRUE(until());
  EXPECT_TRUE(board.silence("VRAMNearFull", 0s, now));
  EXPECT_FALSE(until());
}

TEST_F(AlertsTest, WhatWasToldIsResolvedThoughItIsSilencedSince) {
  look_for(70s, vram(0.96));
  ASSERT_EQ(sent.size(), 1u);
  board.silence("VRAMNearFull", 1h, now);
  look_for(3min, vram(0.5));
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[1].state, AlertState::inactive);
}

TEST_F(AlertsTest, WhatBeganAndEndedInSilenceIsToldToNobody) {
  board.silence("VRAMNearFull", 1h, now);
  look_for(70s, vram(0.96));
  look_for(3min, vram(0.5));
  EXPECT_EQ(told.size(), 2u);
  EXPECT_TRUE(sent.empty());
}

TEST_F(AlertsTest, WhatStillFiresAfterItsSilenceIsToldOnce) {
  board.silence("VRAMNearFull", 10min, now);
  look_for(9min, vram(0.96));
  EXPECT_TRUE(sent.empty());
  look_for(20min, vram(0.96));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].state, AlertState::firing);
  EXPECT_EQ(sent[0].since, told[0].since);
  look_for(3min, vram(0.5));
  EXPECT_EQ(sent.size(), 2u);
}

TEST(AlertRules, AreInTheOrderOfTheirNames) {
  for (std::size_t i = 0; i < alert_rules().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(alert_rules()[i].kind), i);
    EXPECT_LE(alert_rules()[i].clears, alert_rules()[i].fires);
    EXPECT_GE(alert_rules()[i].hold, 30s);
  }
}

class SignalsTest : public testing::Test {
 protected:
  void ask(const Outcome& outcome, int times) {
    for (int i = 0; i < times; ++i) signals.take(outcome, now += 1s);
  }
  std::optional<double> value(AlertKind kind, const std::string& subject = "") const {
    for (const auto& one : signals.measure({hardware, standing, kept}, now)) {
      if (one.kind == kind && one.subject == subject) return one.value;
    }
    return std::nullopt;
  }
  Signals signals;
  HardwareReading hardware;
  Monitor::Standing standing;
  bool kept = true;
  Time now{1000h};
};

TEST_F(SignalsTest, SharesNeedTenQuestions) {
  ask(failed_outcome(ErrorCode::deadline), 3);
  ask(answered_outcome(), 6);
  EXPECT_FALSE(value(AlertKind::query_errors_high));
  ask(failed_outcome(ErrorCode::internal), 1);
  EXPECT_EQ(value(AlertKind::query_errors_high), 0.4);
  EXPECT_EQ(value(AlertKind::deadline_miss_high), 0.3);
  now += 10min;  // they are no longer lately
  EXPECT_FALSE(value(AlertKind::query_errors_high));
}

TEST_F(SignalsTest, WhatTheClientGaveUpDoesNotCount) {
  ask(answered_outcome(), 10);
  ask(failed_outcome(ErrorCode::cancelled), 10);
  ask(failed_outcome(ErrorCode::invalid_request), 10);
  EXPECT_EQ(value(AlertKind::query_errors_high), 0);
}

TEST_F(SignalsTest, ComparesWithTheDayBefore) {
  Outcome usual = answered_outcome();
  ask(usual, 20);
  EXPECT_FALSE(value(AlertKind::agreement_drop));  // no day before
  now += 1h;
  Outcome worse = usual;
  worse.verdict.agreement = 0.5;
  for (auto& answer : worse.answers) answer.timings.decode *= 3;
  std::swap(worse.verdict.groups[0], worse.verdict.groups[1]);
  ask(worse, 9);
  EXPECT_FALSE(value(AlertKind::agreement_drop));
  ask(worse, 1);
  EXPECT_DOUBLE_EQ(value(AlertKind::agreement_drop).value_or(0), 0.25);
  EXPECT_DOUBLE_EQ(value(AlertKind::model_latency_regressed, "model-a").value_or(0), 3);
  EXPECT_DOUBLE_EQ(value(AlertKind::quality_drop, "model-a").value_or(0), 1);
  EXPECT_DOUBLE_EQ(value(AlertKind::quality_drop, "model-c").value_or(0), -1);
  now += 25h;  // the day before has nothing any more
  ask(worse, 10);
  EXPECT_FALSE(value(AlertKind::agreement_drop));
}

TEST_F(SignalsTest, LooksAtModelsAndGpusAsTheyAre) {
  standing.models = {{ModelId("good:1b"), false, false, {}}, {ModelId("bad:1b"), false, true, {}}};
  GpuReading full;
  full.gpu = "0";
  full.memory_used = Bytes(96);
  full.memory_total = Bytes(100);
  full.throttled = {"power_cap"};
  GpuReading silent;
  silent.gpu = "1";
  hardware.gpus = {full, silent};
  EXPECT_EQ(value(AlertKind::model_down, "good:1b"), 0);
  EXPECT_EQ(value(AlertKind::model_down, "bad:1b"), 1);
  EXPECT_EQ(value(AlertKind::vram_near_full, "0"), 0.96);
  EXPECT_FALSE(value(AlertKind::vram_near_full, "1"));
  EXPECT_EQ(value(AlertKind::throttled, "0"), 0);  // by its owner's wish
  EXPECT_FALSE(value(AlertKind::throttled, "1"));
  hardware.gpus[0].throttled = {"hw_thermal"};
  EXPECT_EQ(value(AlertKind::throttled, "0"), 1);
  EXPECT_EQ(value(AlertKind::history_not_kept), 0);
  kept = false;
  EXPECT_EQ(value(AlertKind::history_not_kept), 1);
}

// A day at two questions a second: what is compared with is there all the time.
TEST_F(SignalsTest, ABusyServerIsComparedWithItsDayBeforeToo) {
  const Outcome usual = answered_outcome();
  const auto pass = [&](Duration length, const Outcome& outcome) {
    for (const Time end = now + length; now < end; now += 500ms) signals.take(outcome, now);
  };
  pass(26h, usual);
  const std::size_t held = signals.held();
  pass(2h, usual);
  EXPECT_EQ(signals.held(), held);
  // Three series of kai's and two of each of three models; a day and half an hour, in minutes.
  EXPECT_LE(held, (3 + 2 * 3) * (24 * 60 + 30 + 1) * (Samples::kept_max + 1));
  EXPECT_NEAR(value(AlertKind::agreement_drop).value_or(1), 0, 1e-9);
  Outcome worse = usual;
  worse.verdict.agreement = 0.5;
  for (auto& answer : worse.answers) answer.timings.decode *= 3;
  for (int hours = 0; hours < 3; ++hours) {
    pass(1h, worse);  // and all that time the alerts stand
    EXPECT_NEAR(value(AlertKind::agreement_drop).value_or(0), 0.25, 0.04) << hours;
    EXPECT_DOUBLE_EQ(value(AlertKind::model_latency_regressed, "model-a").value_or(0),
                     hours < 1 ? 3 : 1)  // by then a twentieth of the day was so
        << hours;
  }
}

TEST_F(SignalsTest, AMinuteOfManyStandsForAllOfThem) {
  Outcome slow = answered_outcome();
  for (auto& answer : slow.answers) answer.timings.decode *= 2;
  for (int i = 0; i < 1000; ++i) signals.take(i % 2 == 0 ? slow : answered_outcome(), now);
  now += 10min;
  ask(failed_outcome(ErrorCode::internal), 10);
  EXPECT_EQ(value(AlertKind::query_errors_high), 1);
}

}  // namespace
}  // namespace kai
