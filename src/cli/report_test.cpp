#include "cli/report.h"

#include <gtest/gtest.h>

#include <clocale>

#include "cli/exit_code.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

Outcome answered() {
  Outcome outcome;
  outcome.query.id = QueryId("q_01M85ZW69YABCDEFGHJKMNPQRS");
  outcome.plans.emplace_back();
  outcome.verdict.text = "Paris";
  outcome.verdict.agreement = 2.0 / 3;
  outcome.verdict.agreeing = 2;
  outcome.verdict.voters = 3;
  outcome.latency = 1100ms;
  return outcome;
}

std::vector<std::string> closing(const Outcome& outcome, int columns = 100) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  std::vector<std::string> lines;
  for (const auto& line : closing_lines(outcome, columns)) lines.push_back(paint(line, false));
  return lines;
}

TEST(Report, SumsUpInOneLine) {
  EXPECT_EQ(closing(answered()),
            std::vector<std::string>{
                "  simple · 2 of 3 agree · 1.1 s · kai logs q_01M85ZW69YAB for the details"});
}

TEST(Report, AnAnswerThatNobodyVotedForIsCalledSo) {
  Outcome outcome = answered();
  outcome.verdict.voters = outcome.verdict.agreeing = 0;
  outcome.verdict.author = MemberId("a");
  outcome.answers.resize(1);
  outcome.answers[0].member = MemberId("a");
  outcome.answers[0].ending = Ending::token_limit;
  EXPECT_EQ(closing(outcome).back(),
            "  simple · cut at its length, confirmed by nobody · 1.1 s · kai logs q_01M85ZW69YAB "
            "for the details");
}

TEST(Report, CallsConfidenceOnlyWhatIsCalibrated) {
  Outcome outcome = answered();
  outcome.verdict.confidence = 0.864;
  EXPECT_EQ(closing(outcome).back(),
            "  simple · confidence 0.86 · 2 of 3 agree · 1.1 s · kai logs q_01M85ZW69YAB for the "
            "details");
}

TEST(Report, ShowsDissentWithinTheWidth) {
  Outcome outcome = answered();
  outcome.verdict.dissent = {{MemberId("gemma3:270m"), "14"},
                             {MemberId("x"), "\x1b[2J" + std::string(500, 'y')}};
  const auto lines = closing(outcome, 60);
  EXPECT_EQ(lines[0], "  dissent: gemma3:270m says \"14\"");
  EXPECT_EQ(columns_of(lines[1]), 60);
  EXPECT_FALSE(lines[1].contains('\x1b'));
}

TEST(Report, SaysWhatCameOfRunningCode) {
  Outcome outcome = answered();
  outcome.answers.resize(3);
  for (auto& answer : outcome.answers) answer.run = RunResult{};
  outcome.answers[0].member = outcome.verdict.author = MemberId("a");
  outcome.answers[0].run = {.passed = 2, .failed = 0, .why = "", .outputs = ""};
  outcome.answers[1].run = {.passed = 1, .failed = 1, .why = "f(2) == 4: gave 5", .outputs = ""};
  outcome.answers[2].run->why = "there is no Python in it";
  EXPECT_EQ(closing(outcome)[0], "  tests: 1 of 2 passes the question's examples");
  EXPECT_EQ(closing(outcome).size(), 2u);
  outcome.answers[0].run = outcome.answers[1].run;
  EXPECT_EQ(closing(outcome)[0], "  tests: 0 of 2 pass the question's examples");
  EXPECT_EQ(closing(outcome)[1], "  this answer fails f(2) == 4: gave 5");
  outcome.answers[0].run = outcome.answers[2].run;
  EXPECT_EQ(closing(outcome)[1], "  this answer was not run: there is no Python in it");
  for (auto& answer : outcome.answers) answer.run.reset();
  EXPECT_EQ(closing(outcome).size(), 1u);
}

TEST(Report, SaysWhoseAnswerTheDeadlineCut) {
  Outcome outcome = answered();
  outcome.partial = true;
  outcome.answers.emplace_back().member = MemberId("slow:9b");
  outcome.answers.back().ending = Ending::deadline;
  EXPECT_EQ(closing(outcome).front(),
            "  partial: the deadline cut slow:9b; allow more time with --deadline");
}

TEST(Report, CountsWhoAbstainedApart) {
  Outcome outcome = answered();
  const std::string before = closing(outcome).back();
  outcome.verdict.abstained = {MemberId("smollm2:135m")};
  const std::string after = closing(outcome).back();
  EXPECT_FALSE(before.contains("abstained"));
  EXPECT_TRUE(after.contains("agree, 1 abstained · ")) << after;
}

TEST(Report, TellsAnErrorInPlaceOfASummary) {
  Outcome outcome = answered();
  outcome.error = Error{ErrorCode::deadline, "no model gave an answer"};
  EXPECT_EQ(closing(outcome),
            (std::vector<std::string>{"kai: no model gave an answer",
                                      "  kai logs q_01M85ZW69YAB for the details"}));
  outcome.plans.clear();  // refused before anything ran: there are no details
  EXPECT_EQ(closing(outcome).size(), 1);
}

TEST(Report, ComparesAgreementWhereNothingIsCalibrated) {
  Outcome outcome = answered();
  EXPECT_EQ(below_confidence(outcome, 0.5), "");
  EXPECT_TRUE(below_confidence(outcome, 0.9).contains("agreement 0.67 is below 0.90"));
  outcome.verdict.confidence = 0.2;
  EXPECT_EQ(below_confidence(outcome, 0.5), "the confidence 0.20 is below 0.50");
}

TEST(Report, VerboseNamesEverybody) {
  Outcome outcome = answered();
  outcome.answers.emplace_back().member = MemberId("a:1b");
  outcome.plans.front().left_out = {{ModelId("b:70b"), "needs 40 GB"}};
  outcome.asked_why = "asked in full, to learn when to stop";
  std::string text;
  for (const auto& line : verbose_lines(outcome)) text += paint(line, false) + '\n';
  EXPECT_TRUE(text.contains("a:1b")) << text;
  EXPECT_TRUE(text.contains("left out: b:70b: needs 40 GB")) << text;
  EXPECT_TRUE(text.contains("  asked in full, to learn when to stop\n")) << text;
}

TEST(ExitCode, OfOutcomes) {
  struct Case {
    std::string_view name;
    Outcome outcome;
    std::optional<double> least;
    int want;
  };
  const auto with = [](auto change) {
    Outcome outcome = answered();
    change(outcome);
    return outcome;
  };
  const auto failed = [&](ErrorCode code) {
    return with([code](Outcome& outcome) { outcome.error = Error{code, ""}; });
  };
  const Outcome partial = with([](Outcome& outcome) { outcome.partial = true; });
  for (const auto& [name, outcome, least, want] :
       std::initializer_list<Case>{{"answered", answered(), {}, 0},
                                   {"sure enough", answered(), 0.6, 0},
                                   {"unsure", answered(), 0.7, 3},
                                   {"partial", partial, {}, 5},
                                   {"partial and unsure", partial, 0.9, 3},
                                   {"wrong question", failed(ErrorCode::invalid_request), {}, 2},
                                   {"unknown member", failed(ErrorCode::not_found), {}, 2},
                                   {"no members", failed(ErrorCode::no_members), {}, 6},
                                   {"nothing fits", failed(ErrorCode::nothing_fits), {}, 6},
                                   {"machine busy", failed(ErrorCode::overloaded), {}, 5},
                                   {"late", failed(ErrorCode::deadline), 0.9, 5},
                                   {"interrupted", failed(ErrorCode::cancelled), {}, 130},
                                   {"bug", failed(ErrorCode::internal), {}, 1}}) {
    EXPECT_EQ(exit_code(outcome, least), want) << name;
  }
}

}  // namespace
}  // namespace kai
