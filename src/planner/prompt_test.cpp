#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "planner/planner.h"
#include "planner/testing.h"

namespace kai {
namespace {

using testing_planner::Pc;
using testing_planner::random_pc;

// 300 characters are 100 tokens at 3 a token, 108 with the frame.
Message words(Role role, char letter) {
  return {role, std::string(300, letter)};
}

std::string letters(const std::vector<Message>& messages) {
  std::string first;
  for (const auto& message : messages) first += message.text.front();
  return first;
}

TEST(Trimmed, DropsTheOldestTurnsFirst) {
  const std::vector<Message> talk{words(Role::system, 's'),    words(Role::user, 'a'),
                                  words(Role::assistant, 'A'), words(Role::user, 'b'),
                                  words(Role::assistant, 'B'), words(Role::user, 'q')};
  struct Case {
    std::int64_t room;
    std::string kept;
  };
  for (const auto& [room, kept] : {Case{648, "saAbBq"}, Case{647, "sbBq"}, Case{432, "sbBq"},
                                   Case{431, "sq"}, Case{0, "sq"}, Case{-5, "sq"}}) {
    EXPECT_EQ(letters(trimmed(talk, Tokens(room))), kept) << room;
  }
}

TEST(Trimmed, KeepsTheQuestionWhateverItsSize) {
  const std::vector<Message> talk{words(Role::user, 'q')};
  EXPECT_EQ(letters(trimmed(talk, Tokens(1))), "q");
  EXPECT_TRUE(trimmed({}, Tokens(1)).empty());
}

TEST(Trimmed, AnAnswerAtTheBeginningGoesAlone) {
  const std::vector<Message> talk{words(Role::assistant, 'A'), words(Role::user, 'b'),
                                  words(Role::assistant, 'B'), words(Role::user, 'q')};
  EXPECT_EQ(letters(trimmed(talk, Tokens(324))), "bBq");
}

TEST(Conversation, IsWhatThePlanCountedOn) {
  Pc pc;
  pc.add_models(2);
  pc.model("m1").facts.context_max = Tokens(640);
  pc.query.tier = Tier::medium;  // has no instruction
  pc.query.messages = {words(Role::user, 'a'), words(Role::assistant, 'A'), words(Role::user, 'b'),
                       words(Role::assistant, 'B'), words(Role::user, 'q')};
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan);
  for (const auto& ask : plan->asks) {
    const auto talk = conversation(pc.query, ask, pc.model(ask.model.text));
    EXPECT_EQ(letters(talk), ask.model.text == "m1" ? "bBq" : "aAbBq");
  }
}

TEST(Conversation, BeginsWithTheInstruction) {
  Pc pc;
  pc.add_models(1);
  const auto plan = make_plan(pc.input());
  ASSERT_TRUE(plan);
  const auto talk = conversation(pc.query, plan->asks[0], pc.model("m1"));
  ASSERT_EQ(talk.size(), 2U);
  EXPECT_EQ(talk[0].role, Role::system);
  EXPECT_EQ(talk[0].text, plan->asks[0].instruction);
  EXPECT_EQ(talk[1].text, pc.query.question());
}

// The planned context always holds what is sent and the answer.
RC_GTEST_PROP(Conversation, FitsThePlannedContext, (std::uint64_t seed)) {
  Pc pc = random_pc(seed);
  const auto plan = make_plan(pc.input());
  if (!plan) return;
  for (const auto& ask : plan->asks) {
    const auto talk = conversation(pc.query, ask, pc.model(ask.model.text));
    RC_ASSERT(talk.back().text == pc.query.question());
    std::size_t bytes = 0;
    for (const auto& message : talk) bytes += message.text.size();
    RC_ASSERT(static_cast<double>(bytes) / PlannerOptions{}.chars_per_token <=
              static_cast<double>((ask.context - ask.answer_max).count));
  }
}

}  // namespace
}  // namespace kai
