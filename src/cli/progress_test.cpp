#include "cli/progress.h"

#include <gtest/gtest.h>

#include <clocale>

namespace kai {
namespace {

using namespace std::chrono_literals;

Ask ask(const std::string& member) {
  Ask ask;
  ask.member = MemberId(member);
  return ask;
}

Answer ended(const std::string& member, Ending ending, Duration total = 900ms) {
  Answer answer;
  answer.member = MemberId(member);
  answer.ending = ending;
  answer.timings.total = total;
  return answer;
}

Verdict agreed(int agreeing, int voters) {
  Verdict verdict;
  verdict.agreeing = agreeing;
  verdict.voters = voters;
  return verdict;
}

class ProgressTest : public testing::Test {
 protected:
  ProgressTest() {
    std::setlocale(LC_CTYPE, "C.UTF-8");
    Plan plan;
    plan.asks = {ask("a:1b"), ask("b:2b")};
    plan.deadline = asked_ + 30s;
    take(event::Started{{}, {}, plan});
  }
  void take(decltype(Event::what) what) { progress_.take({0s, std::move(what)}); }
  std::string live(int columns = 200) { return paint(progress_.live(1200ms, columns), false); }
  std::string last() {
    std::string text;
    for (const auto& line : progress_.ended(0)) text += paint(line, false);
    return text;
  }

  Time asked_{5s};
  Progress progress_{asked_};
};

TEST_F(ProgressTest, ShowsEachPhase) {
  const MemberId a("a:1b");
  EXPECT_EQ(live(), "  a:1b planned   b:2b planned  1.2/30 s");
  take(event::Queued{a});
  EXPECT_EQ(live(), "  a:1b queued   b:2b planned  1.2/30 s");
  take(event::Loading{a, 0.4});
  EXPECT_EQ(live(), "  a:1b loading 40%   b:2b planned  1.2/30 s");
  take(event::Prefill{a, 0.5});
  EXPECT_EQ(live(), "  a:1b reading   b:2b planned  1.2/30 s");
  take(event::Token{a, "x"});
  take(event::Token{a, "y"});
  EXPECT_EQ(live(), "  a:1b writing 2 tokens   b:2b planned  1.2/30 s");
  take(event::Testing{a});
  EXPECT_EQ(live(), "  a:1b testing   b:2b planned  1.2/30 s");
  take(event::Ended{ended("a:1b", Ending::complete)});
  take(event::Agreement{agreed(1, 1), 2, 1});
  EXPECT_EQ(live(), "  a:1b ✓0.9s   b:2b planned  [1 answer] 1.2/30 s");
}

TEST_F(ProgressTest, KeepsTheEndInANarrowTerminal) {
  take(event::Agreement{agreed(2, 3), 2, 3});
  for (const int columns : {40, 60, 80}) {
    const std::string line = live(columns);
    EXPECT_LE(columns_of(line), columns);
    EXPECT_TRUE(line.ends_with("[2 of 3 agree] 1.2/30 s")) << line;
  }
}

TEST_F(ProgressTest, EndsAsInTheManual) {
  take(event::Ended{ended("a:1b", Ending::complete)});
  take(event::Ended{ended("b:2b", Ending::cancelled)});
  take(event::Agreement{agreed(2, 2), 2, 2});
  EXPECT_EQ(last(), "  a:1b ✓0.9s   b:2b stopped early      [2 of 2 agree]");
}

TEST_F(ProgressTest, NamesEveryFate) {
  Answer failed = ended("b:2b", Ending::failed);
  failed.error = Error{ErrorCode::model_refused, "bad \x1b[2J file"};
  take(event::Ended{ended("a:1b", Ending::deadline)});
  take(event::Ended{failed});
  EXPECT_EQ(last(), "  a:1b ✗ out of time   b:2b ✗ bad ␛[2J file");
}

TEST_F(ProgressTest, BreaksTheLastLineByMembers) {
  take(event::Ended{ended("a:1b", Ending::complete)});
  take(event::Ended{ended("b:2b", Ending::complete)});
  take(event::Agreement{agreed(2, 2), 2, 2});
  const auto lines = progress_.ended(20);
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(paint(lines[0], false), "  a:1b ✓0.9s");
  EXPECT_EQ(paint(lines[2], false), "  [2 of 2 agree]");
}

TEST_F(ProgressTest, TellsWaitingAndFallingBackOnce) {
  take(event::Waiting{"another kai is using cpu"});
  Plan simpler;
  simpler.asks = {ask("c:1b")};
  simpler.deadline = asked_ + 30s;
  take(event::Ended{ended("a:1b", Ending::failed)});
  take(event::Fallback{"no valid answer; trying simpler models", simpler});
  EXPECT_EQ(progress_.take_notes(),
            (std::vector<std::string>{"another kai is using cpu",
                                      "no valid answer; trying simpler models"}));
  EXPECT_TRUE(progress_.take_notes().empty());
  EXPECT_EQ(live(), "  a:1b ✗ failed   b:2b planned   c:1b planned  1.2/30 s");
}

TEST(Progress, IsQuietBeforeThePlan) {
  const Progress progress{Time{}};
  EXPECT_EQ(paint(progress.live(100ms, 80), false), "  0.1 s");
  EXPECT_TRUE(progress.ended(80).empty());
}

}  // namespace
}  // namespace kai
