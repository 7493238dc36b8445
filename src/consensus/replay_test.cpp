#include "consensus/replay.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "consensus/testing.h"

namespace kai {
namespace {

using testing_consensus::any_panel;
using testing_consensus::capital;
using testing_consensus::Panel;

Recorded recorded_of(const Panel& panel) {
  Recorded recorded;
  recorded.question = capital;
  recorded.shape = Shape::short_text;
  recorded.asks = panel.asks;
  recorded.answers = panel.answers;
  recorded.verdict = panel.decide(Shape::short_text);
  return recorded;
}

bool same(const Verdict& one, const Verdict& other) {
  if (one.groups.size() != other.groups.size()) return false;
  for (std::size_t at = 0; at < one.groups.size(); ++at) {
    if (one.groups[at].answer != other.groups[at].answer ||
        one.groups[at].members != other.groups[at].members ||
        one.groups[at].weight != other.groups[at].weight) {
      return false;
    }
  }
  return one.text == other.text && one.author == other.author && one.method == other.method &&
         one.agreement == other.agreement && one.voters == other.voters &&
         one.abstained == other.abstained;
}

RC_GTEST_PROP(Replay, IsTheSameUnderTheSameRules, ()) {
  const Recorded recorded = recorded_of(*any_panel());
  RC_ASSERT(same(replay(recorded).verdict, recorded.verdict));
}

// The exact rule stops only where the leader stands.
RC_GTEST_PROP(Replay, StoppingExactlyNeverChangesTheLeader, ()) {
  const Recorded recorded = recorded_of(*any_panel());
  const Replayed stopped = replay(recorded, {.stopping = ReplayRules::Stopping::exact});
  RC_ASSERT(stopped.taken <= static_cast<int>(recorded.answers.size()));
  if (recorded.verdict.groups.empty()) return;
  RC_ASSERT(stopped.verdict.groups.at(0).answer == recorded.verdict.groups[0].answer);
}

TEST(Replay, StopsOnceNothingToComeCanChangeTheOutcome) {
  Panel panel;
  panel.said("a", 2, "Paris").said("b", 2, "Paris").said("c", 1, "Rome").said("d", 1, "Rome");
  const Replayed stopped = replay(recorded_of(panel), {.stopping = ReplayRules::Stopping::exact});
  EXPECT_EQ(stopped.asked, 4);
  EXPECT_EQ(stopped.taken, 2);
  EXPECT_NE(stopped.stop_why, "");
  EXPECT_EQ(stopped.verdict.groups[0].answer, "paris");
}

TEST(Replay, ConfidenceStandsWhereTheRulesDo) {
  Panel panel;
  panel.said("a", 2, "Paris").said("b", 1, "Rome");
  Recorded recorded = recorded_of(panel);
  recorded.verdict.confidence = 0.75;
  EXPECT_EQ(replay(recorded).verdict.confidence, 0.75);
  ReplayRules others;
  others.models = {{ModelId("a")}};
  EXPECT_FALSE(replay(recorded, others).verdict.confidence.has_value());
}

TEST(Replay, OtherMembersMayDecideOtherwise) {
  Panel panel;
  panel.said("a", 2, "Paris").said("b", 1, "Rome").said("b#2", 1, "Rome");
  const Recorded recorded = recorded_of(panel);
  EXPECT_EQ(replay(recorded).verdict.groups[0].answer, "paris");
  ReplayRules rules;
  rules.models = {{ModelId("b")}};
  const Replayed others = replay(recorded, rules);
  EXPECT_EQ(others.asked, 2);
  EXPECT_EQ(others.verdict.groups[0].answer, "rome");
  rules.models = {{ModelId("nobody")}};
  EXPECT_EQ(replay(recorded, rules).verdict.voters, 0);
}

TEST(Replay, FewerMembersAreThoseThatWereAskedFirst) {
  Panel panel;
  panel.said("a", 1, "Rome").said("b", 2, "Paris").said("c", 2, "Paris");
  ReplayRules rules;
  rules.members_max = 1;
  const Replayed first = replay(recorded_of(panel), rules);
  EXPECT_EQ(first.asked, 1);
  EXPECT_EQ(first.verdict.groups[0].answer, "rome");
}

}  // namespace
}  // namespace kai
