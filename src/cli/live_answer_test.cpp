#include "cli/live_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace kai {
namespace {

// What stands on standard output after the drafts.
struct Shown {
  std::string out;
  std::string err;
  bool whole = false;
};
Shown shown(TerminalOptions options, bool wanted, const std::vector<event::Draft>& drafts,
            const std::string& verdict) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Shown result;
  {
    Terminal terminal(options);
    LiveAnswer answer(terminal, wanted);
    for (const auto& draft : drafts) answer.take(Event{{}, draft});
    Outcome outcome;
    outcome.verdict.text = verdict;
    result.whole = answer.finish(outcome);
  }
  result.out = ::testing::internal::GetCapturedStdout();
  result.err = ::testing::internal::GetCapturedStderr();
  return result;
}

const std::vector<event::Draft> tides{{MemberId("a"), "Tides", false},
                                      {MemberId("a"), " come.", false}};

TEST(LiveAnswer, PiecesBecomeTheAnswer) {
  const Shown seen = shown({.out_is_terminal = true}, true, tides, "Tides come.");
  EXPECT_EQ(seen.out, "Tides come.\n");
  EXPECT_EQ(seen.err, "");
  EXPECT_TRUE(seen.whole);
}

TEST(LiveAnswer, AFileGetsTheFinalAnswerOnly) {
  const Shown seen = shown({.out_is_terminal = false}, true, tides, "Tides come.");
  EXPECT_EQ(seen.out, "");
  EXPECT_FALSE(seen.whole);
}

TEST(LiveAnswer, WhoWantsNoneGetsNone) {
  EXPECT_EQ(shown({.out_is_terminal = true}, false, tides, "Tides come.").out, "");
}

TEST(LiveAnswer, ARevisionIsToldAndBegunOnALineOfItsOwn) {
  auto drafts = tides;
  drafts.push_back({MemberId("b"), "The moon.", true});
  const Shown seen = shown({.out_is_terminal = true}, true, drafts, "The moon.");
  EXPECT_EQ(seen.out, "Tides come.\nThe moon.\n");
  EXPECT_EQ(seen.err, "  revised: b answers in place of a\n");
  EXPECT_TRUE(seen.whole);
}

TEST(LiveAnswer, EscapeCodesAreHarmless) {
  const Shown seen =
      shown({.out_is_terminal = true}, true, {{MemberId("a"), "\x1b[2J", false}}, "\x1b[2J");
  EXPECT_EQ(seen.out, "\xE2\x90\x9B[2J\n");
}

TEST(LiveAnswer, AnotherVerdictIsNotWhatStandsThere) {
  EXPECT_FALSE(shown({.out_is_terminal = true}, true, tides, "Something else.").whole);
}

}  // namespace
}  // namespace kai
