// The story of one question, told by the real coordinator, planner, scheduler and consensus, on
// models whose words, pace and faults each test sets.
#include "coordinator/coordinator.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "sim/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_sim::Stage;

constexpr Faults refused{.load_refused = 1};
constexpr Faults dies{.writing_dies = 1};

TEST(Coordinator, AnswersInTheWordsOfAMember) {
  Stage stage;
  stage.model("a", "Paris");
  const Outcome outcome = stage.ask();
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.text, "Paris");
  EXPECT_EQ(outcome.verdict.author, MemberId("a"));
  EXPECT_FALSE(outcome.partial);
  EXPECT_TRUE(outcome.stop_why.empty());
}

TEST(Coordinator, OneMemberAnswersAChatProgramsOwnTask) {
  Stage stage;
  stage.model("a", "Capitals", 0.9).model("b", "Capitals").model("c", "France");
  const std::vector<Message> task{{Role::user, "### Task:\nGive the chat a title."}};
  const Outcome outcome = stage.ask({.messages = task, .mode = Mode::adaptive});
  EXPECT_EQ(outcome.plans.at(0).asks.size(), 1u);
  EXPECT_EQ(outcome.query.tier, Tier::simple);
  EXPECT_EQ(outcome.complexity.why, "a chat program's own task");
}

TEST(Coordinator, DocumentsAreComparedByTheirFields) {
  Stage stage;
  stage.model("a", R"({"city": "Paris", "people": 2e6})", 0.4)
      .model("b", R"({"people": 2000000, "city": "Paris"})", 0.4)
      .model("c", R"({"city": "Lyon", "people": 2000000})", 0.5)
      .model("d", R"({"city": "Paris", "peop)", 0.9);
  const Outcome outcome = stage.ask({.hear_all = true, .json_form = {"root ::= map", ""}});
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.voters, 3);
  EXPECT_EQ(outcome.verdict.agreeing, 2);
  ASSERT_EQ(outcome.verdict.dissent.size(), 1u);
  EXPECT_EQ(outcome.verdict.dissent[0].member, MemberId("c"));
  EXPECT_EQ(outcome.verdict.abstained, std::vector{MemberId("d")}) << "it was cut";
  EXPECT_EQ(outcome.verdict.groups[0].answer, R"({"city":"Paris","people":2000000})");
  for (const auto& ask : outcome.plans[0].asks)
    EXPECT_EQ(ask.sampling.form.grammar, "root ::= map");
  EXPECT_EQ(stage.count<event::Draft>(), 0) << "half a document is no answer";
}

TEST(Coordinator, TheAuthorsTokensAreKeptWhereTheyAreAskedFor) {
  Stage stage;
  stage.model("a", "It is Paris", 0.9).model("b", "Paris", 0.3).model("c", "Lyon", 0.5);
  stage.ask({.top_logprobs = 2});
  ASSERT_EQ(stage.answered.size(), 1u);
  const Outcome& told = stage.answered[0];
  const auto author = std::ranges::find(told.answers, told.verdict.author, &Answer::member);
  ASSERT_NE(author, told.answers.end());
  std::string written;
  for (const auto& token : told.tokens) written += token.written.bytes;
  EXPECT_EQ(written, author->text);
  for (const auto& ask : told.plans[0].asks) EXPECT_EQ(ask.sampling.top_logprobs, 2);
  // Events and history do without.
  for (const auto& event : stage.events) {
    if (const auto* ended = std::get_if<event::Ended>(&event.what)) {
      EXPECT_TRUE(ended->answer.tokens.empty());
    }
  }
  EXPECT_TRUE(std::get<event::Completed>(stage.events.back().what).outcome.tokens.empty());
  stage.ask();
  EXPECT_TRUE(stage.answered[0].tokens.empty());
}

TEST(Coordinator, EventsBeginWithThePlanAndEndWithTheOutcome) {
  Stage stage;
  stage.model("a", "Paris").model("b", "Lyon");
  const Outcome outcome = stage.ask();
  ASSERT_GE(stage.events.size(), 4u);
  EXPECT_TRUE(std::holds_alternative<event::Started>(stage.events.front().what));
  ASSERT_TRUE(std::holds_alternative<event::Completed>(stage.events.back().what));
  EXPECT_EQ(stage.count<event::Started>(), 1);
  EXPECT_EQ(stage.count<event::Completed>(), 1);
  const auto& told = std::get<event::Completed>(stage.events.back().what).outcome;
  EXPECT_EQ(told.verdict.text, outcome.verdict.text);
  EXPECT_EQ(told.latency, outcome.latency);
  EXPECT_TRUE(std::ranges::is_sorted(stage.events, {}, &Event::at));
  EXPECT_EQ(stage.events.back().at, outcome.latency);
}

TEST(Coordinator, AMembersStepsComeInTheirOrder) {
  Stage stage({.lanes = 1});
  stage.model("a", "It is Paris").model("b", "Paris");
  stage.ask();
  for (const char* member : {"a", "b"}) {
    const std::string steps = stage.steps_of(member);
    EXPECT_NE(steps.find("LPT"), std::string::npos) << steps;
    EXPECT_TRUE(steps.ends_with("TE")) << steps;
    EXPECT_EQ(std::ranges::count(steps, 'E'), 1) << steps;
  }
  // One lane: the second had to wait for the first.
  EXPECT_TRUE(stage.steps_of("a").starts_with("Q") != stage.steps_of("b").starts_with("Q"));
}

TEST(Coordinator, AgreementIsToldAfterEveryAnswer) {
  Stage stage;
  stage.model("a", "Paris").model("b", "Lyon");
  stage.ask();
  EXPECT_GE(stage.count<event::Agreement>(), stage.count<event::Ended>());
  for (std::size_t index = 0; index + 1 < stage.events.size(); ++index) {
    if (!std::holds_alternative<event::Ended>(stage.events[index].what)) continue;
    EXPECT_TRUE(std::holds_alternative<event::Agreement>(stage.events[index + 1].what));
  }
}

TEST(Coordinator, WhoDisagreesIsHeard) {
  Stage stage({.lanes = 3});
  stage.model("a", "Paris").model("b", "Lyon").model("last", "Paris", 0.5, {}, 5);
  const Outcome outcome = stage.ask();
  EXPECT_EQ(outcome.verdict.text, "Paris");
  EXPECT_EQ(outcome.verdict.voters, 3);
  EXPECT_EQ(outcome.verdict.agreeing, 2);
  ASSERT_EQ(outcome.verdict.dissent.size(), 1u);
  EXPECT_EQ(outcome.verdict.dissent[0].member, MemberId("b"));
}

TEST(Coordinator, FallsBackToWhoCanStillAnswer) {
  Stage stage;
  stage.model("strong", "Paris", 0.9, refused).model("weak", "Lyon", 0.4);
  const Outcome outcome = stage.ask({.mode = Mode::best});
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.text, "Lyon");
  EXPECT_EQ(outcome.plans.size(), 2u);
  EXPECT_EQ(stage.count<event::Fallback>(), 1);
  EXPECT_EQ(outcome.answers.size(), 2u);
}

TEST(Coordinator, WhenAllFailTheErrorListsWhatWasTried) {
  Stage stage;
  stage.model("a", "Paris", 0.5, refused).model("b", "Paris", 0.5, refused);
  const Outcome outcome = stage.ask();
  ASSERT_FALSE(outcome.answered());
  EXPECT_EQ(outcome.error->code, ErrorCode::internal);
  EXPECT_NE(outcome.error->message.find("no model gave an answer"), std::string::npos);
  EXPECT_NE(outcome.error->message.find("a: a is damaged"), std::string::npos);
  EXPECT_NE(outcome.error->message.find("b: b is damaged"), std::string::npos);
  EXPECT_TRUE(outcome.verdict.text.empty());
}

TEST(Coordinator, OneThatFailsHarmsNobody) {
  Stage stage;
  stage.model("a", "Paris", 0.5, refused).model("b", "Paris");
  const Outcome outcome = stage.ask();
  ASSERT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.plans.size(), 1u);
  EXPECT_EQ(outcome.verdict.author, MemberId("b"));
}

TEST(Coordinator, AsksOnceMoreWhereTheWorkerDied) {
  Stage stage;
  stage.model("a", "It is Paris", 0.5, dies);
  stage.healed_by_death = true;
  const Outcome outcome = stage.ask();
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.plans.size(), 1u);
  EXPECT_EQ(outcome.answers.size(), 1u);
  EXPECT_EQ(outcome.answers[0].ending, Ending::complete);
  EXPECT_EQ(stage.deaths, 1);
}

TEST(Coordinator, AWorkerThatDiesAgainIsNotAskedForEver) {
  Stage stage;
  stage.model("a", "It is Paris", 0.5, dies);
  const Outcome outcome = stage.ask();
  ASSERT_FALSE(outcome.answered());
  EXPECT_EQ(outcome.plans.size(), 1u);  // two tries, and there is nobody else
  EXPECT_EQ(stage.deaths, 2);
  EXPECT_NE(outcome.error->message.find("died while writing"), std::string::npos);
}

TEST(Coordinator, WithoutTimeForASecondTryThereIsNone) {
  Stage stage;
  stage.model("a", "It is Paris", 0.5, dies);
  const Outcome outcome = stage.ask({.time_limit = 1100ms});
  EXPECT_FALSE(outcome.answered());
  EXPECT_EQ(stage.deaths, 1);
}

TEST(Coordinator, StopsEarlyAndCancelsTheRest) {
  Stage stage({.lanes = 3});
  stage.model("a", "Paris").model("b", "Paris").model("slow", "Lyon and more", 0.5, {}, 0.1);
  const Outcome outcome = stage.ask();
  ASSERT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.verdict.text, "Paris");
  EXPECT_FALSE(outcome.stop_why.empty());
  EXPECT_FALSE(outcome.partial);
  EXPECT_EQ(stage.count<event::EarlyStop>(), 1);
  EXPECT_EQ(stage.answer_of(outcome, "slow").ending, Ending::cancelled);
  EXPECT_LT(outcome.latency, 2s);
}

TEST(Coordinator, HearsEverybodyWhereTheQueryWantsIt) {
  Stage stage({.lanes = 3});
  stage.model("a", "Paris").model("b", "Paris").model("slow", "Lyon and more", 0.5, {}, 1);
  ASSERT_FALSE(stage.ask().stop_why.empty());
  const Outcome outcome = stage.ask({.hear_all = true});
  EXPECT_EQ(stage.count<event::EarlyStop>(), 0);
  EXPECT_TRUE(outcome.stop_why.empty());
  for (const auto& answer : outcome.answers) EXPECT_EQ(answer.ending, Ending::complete);
  EXPECT_EQ(outcome.verdict.text, "Paris");
}

TEST(Coordinator, AsksInFullToLearnWhenToStop) {
  Stage stage({.lanes = 5, .study = {.full_share = 1, .order_share = 0}});
  for (const char* name : {"a", "b", "c", "d", "e"}) stage.model(name, "Paris");
  const Outcome outcome = stage.ask({.mode = Mode::adaptive});
  EXPECT_EQ(outcome.asked_why, "asked in full, to learn when to stop");
  EXPECT_EQ(outcome.plans.at(0).asks.size(), 5u);
  EXPECT_EQ(outcome.verdict.voters, 5);
  EXPECT_EQ(stage.count<event::EarlyStop>(), 0);
  // Whom and how the user chose is left alone.
  EXPECT_TRUE(stage.ask({.mode = Mode::best}).asked_why.empty());
  EXPECT_TRUE(stage.ask({.mode = Mode::all}).asked_why.empty());
}

TEST(Coordinator, AskedInFullFurtherSamplesKeepTheirVoice) {
  Stage stage({.lanes = 3, .study = {.full_share = 1, .order_share = 0}});
  stage.model("a", "Paris").model("b", "Paris");
  const Outcome outcome = stage.ask({.mode = Mode::adaptive});
  EXPECT_FALSE(outcome.asked_why.empty());
  EXPECT_EQ(outcome.verdict.voters, 3);  // as many as without
}

TEST(Coordinator, AsksInAnotherOrderAndThenStopsOnlyExactly) {
  const StudyOptions drawn{.full_share = 0, .order_share = 1};
  SkillSheet sheet{.shape = Shape::short_text, .models = {}};
  for (const char* name : {"a", "b", "c"}) {
    sheet.models.push_back({.key = name, .chance = 0.5, .say = 1});
  }
  sheet.learned.stop = {.learned = true, .stays = {{100}}, .stay_min = 0.5};  // stops at once
  std::set<std::string> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Stage stage({.lanes = 1, .study = drawn});
    stage.model("a", "Paris").model("b", "Paris").model("c", "Paris");
    stage.use_skills({{Shape::short_text, sheet}});
    const Outcome outcome = stage.ask({.mode = Mode::adaptive, .seed = seed});
    EXPECT_NE(outcome.asked_why.find("order drawn by chance"), std::string::npos);
    EXPECT_GE(outcome.verdict.voters, 2);  // one alone does not settle it
    for (const auto& ask : outcome.plans.at(0).asks) EXPECT_EQ(ask.weight, 1) << ask.member.text;
    firsts.insert(outcome.plans.at(0).asks.at(0).member.text);
  }
  EXPECT_EQ(firsts.size(), 3u);
}

TEST(Coordinator, DoesNotAskInFullWhatTheDeadlineForbids) {
  Stage stage({.lanes = 1, .study = {.full_share = 1, .order_share = 0}});
  for (const char* name : {"a", "b", "c", "d", "e"}) stage.model(name, "Paris");
  const Outcome outcome = stage.ask({.mode = Mode::adaptive, .time_limit = 2s});
  ASSERT_TRUE(outcome.answered());
  EXPECT_TRUE(outcome.asked_why.empty());
  EXPECT_LT(outcome.plans.at(0).asks.size(), 5u);
}

TEST(Coordinator, WhatIsNotToBeRecordedIsAnsweredAllTheSame) {
  Stage stage;
  stage.model("a", "Paris");
  EXPECT_EQ(stage.ask({.recorded = false}).verdict.text, "Paris");
  EXPECT_TRUE(stage.store.outcomes.empty());
  EXPECT_FALSE(stage.store.cards_kept.empty());  // what was measured is worth keeping
}

TEST(Coordinator, WhatTheDeadlineCutsMakesTheAnswerPartial) {
  Stage stage({.lanes = 2});
  stage.model("quick", "Paris", 0.4).model("slow", "Lyon and more", 0.9, {}, 0.1);
  const Outcome outcome = stage.ask({.time_limit = 5s});
  ASSERT_TRUE(outcome.answered());
  EXPECT_EQ(outcome.verdict.text, "Paris");
  EXPECT_TRUE(outcome.partial);
  EXPECT_EQ(stage.answer_of(outcome, "slow").ending, Ending::deadline);
  EXPECT_GE(outcome.latency, 5s);
  EXPECT_LE(outcome.latency, 6s);
}

TEST(Coordinator, NothingInTimeIsSaidWithTheRemedy) {
  Stage stage;
  stage.model("slow", "Paris and more", 0.5, {}, 0.1);
  const Outcome outcome = stage.ask({.time_limit = 3s});
  ASSERT_FALSE(outcome.answered());
  EXPECT_EQ(outcome.error->code, ErrorCode::deadline);
  EXPECT_NE(outcome.error->message.find("--deadline"), std::string::npos);
  EXPECT_LE(outcome.latency, 4s);
}

TEST(Coordinator, AUserWhoLeavesIsRecordedWithWhatWasAnswered) {
  Stage stage({.lanes = 2});
  stage.model("quick", "Paris", 0.4).model("slow", "Lyon and more", 0.9, {}, 0.1);
  const Outcome outcome = stage.ask({.patience = 3s});
  ASSERT_FALSE(outcome.answered());
  EXPECT_EQ(outcome.error->code, ErrorCode::cancelled);
  EXPECT_EQ(outcome.latency, 3s);
  EXPECT_EQ(stage.answer_of(outcome, "quick").ending, Ending::complete);
  EXPECT_EQ(stage.answer_of(outcome, "slow").ending, Ending::cancelled);
  ASSERT_EQ(stage.store.outcomes.size(), 1u);
  EXPECT_EQ(stage.store.outcomes[0].error->code, ErrorCode::cancelled);
  EXPECT_EQ(stage.store.outcomes[0].answers.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<event::Completed>(stage.events.back().what));
}

struct BadQuestion {
  std::vector<Message> messages;
  std::string_view said;
};
TEST(Coordinator, RefusesWhatIsNoQuestionBeforeAnyWork) {
  const BadQuestion cases[] = {
      {{}, "no question"},
      {{{Role::user, "Hello"}, {Role::assistant, "Hi"}}, "no question"},
      {{{Role::user, ""}}, "empty"},
      {{{Role::user, " \t\r\n"}}, "empty"},
      {{{Role::user, "a\xFF"}}, "UTF-8"},
      {{{Role::system, "\xC0\x80"}, {Role::user, "Hello"}}, "UTF-8"},
      {{{Role::user, std::string("a\0b", 3)}}, "NUL"},
      {{{Role::user, std::string(1'000'001, 'a')}}, "1000001 bytes"},
  };
  for (const auto& [messages, said] : cases) {
    Stage stage;
    stage.model("a", "Paris");
    const Outcome outcome = stage.ask({.messages = messages});
    ASSERT_FALSE(outcome.answered()) << said;
    EXPECT_EQ(outcome.error->code, ErrorCode::invalid_request);
    EXPECT_NE(outcome.error->message.find(said), std::string::npos) << outcome.error->message;
    EXPECT_TRUE(outcome.plans.empty());
    EXPECT_EQ(stage.events.size(), 1u);  // Completed
    EXPECT_EQ(stage.store.outcomes.size(), 1u);
  }
}

TEST(Coordinator, WithoutModelsTheReasonIsThePlanners) {
  Stage stage;
  EXPECT_EQ(stage.ask().error->code, ErrorCode::no_members);
}

TEST(Coordinator, WaitsForAnotherKaiUntilTheDeadline) {
  std::string folder = (std::filesystem::temp_directory_path() / "kai-sim-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const int other = ::open((folder + "/cpu.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  Stage stage({.lock_folder = folder});
  stage.model("a", "Paris");
  const Outcome outcome = stage.ask({.time_limit = 5s});
  EXPECT_EQ(outcome.error->code, ErrorCode::overloaded);
  EXPECT_TRUE(std::holds_alternative<event::Waiting>(stage.events.front().what));
  EXPECT_EQ(stage.count<event::Waiting>(), 1);
  EXPECT_EQ(outcome.latency, 5s);
  ::close(other);
  EXPECT_TRUE(stage.ask().answered());
  std::filesystem::remove_all(folder);
}

TEST(Coordinator, MeasuredCostsRefineTheCards) {
  Stage stage;
  stage.model("a", "one two three four five six", 0.5, {}, 25);
  stage.ask();
  ASSERT_FALSE(stage.store.cards_kept.empty());
  const CostCard& card = stage.store.cards_kept.back();
  EXPECT_EQ(card.model, ModelId("a"));
  EXPECT_EQ(card.measured, 1);
  EXPECT_NEAR(card.decode_rate, 25, 1);
  EXPECT_EQ(card.load, 200ms);
}

TEST(QueryId, SortsByTimeAndIsUnique) {
  Random random(1);
  const WallTime now{1700000000s};
  const auto first = new_query_id(now, random).text;
  const auto second = new_query_id(now, random).text;
  const auto later = new_query_id(now + 1ms, random).text;
  EXPECT_EQ(first.size(), 28u);
  EXPECT_TRUE(first.starts_with("q_"));
  EXPECT_NE(first, second);
  EXPECT_LT(std::max(first, second), later);
  EXPECT_EQ(first.substr(0, 12), second.substr(0, 12));
}

}  // namespace
}  // namespace kai
