#include "cli/doctor_timeouts.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "planner/testing.h"

namespace kai {
namespace {

using std::chrono::seconds;
using testing_planner::Pc;

// Models that load in 1 s, measured.
Pc measured_pc(int models, double rate) {
  Pc pc;
  for (int index = 1; index <= models; ++index)
    pc.add_model("m" + std::to_string(index), 0.5, rate);
  for (auto& card : pc.cards) card.measured = 2;
  return pc;
}

TierTime simple_of(const Pc& pc, const PlannerOptions& options = {}) {
  return tier_times(pc.fleet, pc.cards, options).at(0);
}

std::string text_of(const Pc& pc, const PlannerOptions& options = {}) {
  std::string text;
  for (const auto& finding : check_timeouts(pc.fleet, pc.cards, options).findings) {
    text += finding.text + "\n";
    for (const auto& remedy : finding.remedies) text += "    " + remedy + "\n";
  }
  return text;
}

TEST(DoctorTimeouts, AColdStartIsCounted) {
  // 128 tokens at 16 a second: 8 s, usually 4 s; a load of 1 s. A third voice would miss the aim.
  const TierTime time = simple_of(measured_pc(2, 16));
  EXPECT_EQ(time.members, 2);  // the tier's members_min
  EXPECT_GE(time.usual, seconds(5));
  EXPECT_GE(time.longest, time.usual + seconds(4));
  EXPECT_EQ(time.fit, Fit::good);
  EXPECT_EQ(time.suggested, seconds(30));
}

TEST(DoctorTimeouts, SlowModelsNeedMore) {
  const TierTime time = simple_of(measured_pc(2, 1));  // 64 s usually, 128 s at most
  EXPECT_EQ(time.fit, Fit::too_short);
  EXPECT_GE(time.suggested, seconds(100));
  EXPECT_EQ(time.suggested % seconds(5), Duration::zero());
  EXPECT_TRUE(time.member_too_short);
}

TEST(DoctorTimeouts, FastModelsNeedLess) {
  const TierTime time = simple_of(measured_pc(2, 1000));
  EXPECT_EQ(time.fit, Fit::too_long);
  EXPECT_EQ(time.suggested, seconds(5));
  EXPECT_FALSE(time.member_too_short);
}

TEST(DoctorTimeouts, SaysWhatToPutIntoTheConfiguration) {
  PlannerOptions options;
  options.tiers[0] = {1, 1, seconds(30), seconds(30), Tokens(128), seconds(30)};
  // A load of 1 s, 0.1 s of reading and 64 tokens: 65.1 s, and 108.5 s with half more and a tenth.
  const std::string slow = text_of(measured_pc(1, 1), options);
  EXPECT_NE(slow.find("tier simple: 1 member takes some 65 s, at most 2 min; its timeout of 30s is "
                      "too short; its member_timeout cuts the slowest\n"),
            std::string::npos)
      << slow;
  EXPECT_NE(slow.find("    tiers.simple.timeout = \"110s\"\n"
                      "    tiers.simple.member_timeout = \"110s\"\n"),
            std::string::npos)
      << slow;
  const std::string fast = text_of(measured_pc(1, 1000), options);
  EXPECT_NE(fast.find("its timeout of 30s is longer than needed\n"), std::string::npos) << fast;
  EXPECT_NE(fast.find("    tiers.simple.timeout = \"5s\"\n"), std::string::npos) << fast;
  EXPECT_EQ(fast.find("member_timeout"), std::string::npos) << fast;
}

TEST(DoctorTimeouts, WhereNoTimeoutIsLongEnoughNoneIsSuggested) {
  PlannerOptions options;
  options.tiers[0] = {1, 1, seconds(30), seconds(30), Tokens(128), seconds(30)};
  const std::string text = text_of(measured_pc(1, 64.0 / 4000), options);  // 4,000 s usually
  EXPECT_NE(text.find("its timeout of 30s is too short, as any is; ask fewer or faster models\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("tiers.simple."), std::string::npos) << text;
}

TEST(DoctorTimeouts, WhatFitsNeedsNoChange) {
  PlannerOptions options;
  for (auto& tier : options.tiers) {
    tier = {1, 1, seconds(30), seconds(30), Tokens(128), seconds(30)};
  }
  const std::string text = text_of(measured_pc(1, 16), options);
  EXPECT_NE(text.find("its timeout of 30s fits"), std::string::npos) << text;
  EXPECT_EQ(text.find("kai.toml"), std::string::npos) << text;
}

TEST(DoctorTimeouts, OnlyMeasuredModelsAreAGroundForIt) {
  Pc pc = measured_pc(3, 16);
  pc.cards[1].measured = 0;
  EXPECT_EQ(text_of(pc),
            "timeouts: not judged, since 1 of 3 models were not measured\n    kai bench models\n");
  EXPECT_TRUE(check_timeouts(pc.fleet, pc.cards, {}).times.empty());
  pc.model("m2").refused = "is gone";
  EXPECT_NE(text_of(pc).find("tier simple: "), std::string::npos);
  EXPECT_EQ(check_timeouts(pc.fleet, pc.cards, {}).times.size(), 4u);
  for (auto& model : pc.fleet.models) model.refused = "is gone";
  EXPECT_EQ(text_of(pc), "");
}

RC_GTEST_PROP(DoctorTimeouts, WhatIsSuggestedSuits, ()) {
  const Pc pc = measured_pc(*rc::gen::inRange(1, 7), *rc::gen::inRange(1, 4000) / 10.0);
  PlannerOptions options;
  const auto times = tier_times(pc.fleet, pc.cards, options);
  for (std::size_t tier = 0; tier < times.size(); ++tier) {
    RC_ASSERT(times[tier].usual <= times[tier].longest);
    RC_ASSERT(times[tier].suggested >= seconds(5));
    RC_ASSERT(times[tier].suggested <= std::chrono::hours(1));
    options.tiers[tier].timeout = times[tier].suggested;
    if (times[tier].member_too_short) options.tiers[tier].member_timeout = times[tier].suggested;
  }
  for (const auto& again : tier_times(pc.fleet, pc.cards, options)) {
    if (again.suggested == std::chrono::hours(1)) continue;  // no timeout is longer
    RC_ASSERT(again.fit == Fit::good);
    RC_ASSERT(!again.member_too_short);
  }
}

}  // namespace
}  // namespace kai
