#include "wire/steps.h"

#include <gtest/gtest.h>

#include "wire/chat_testing.h"

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

TEST(Steps, AreShortWordsAndEachIsToldOnce) {
  Steps steps;
  const auto say = [&](decltype(Event::what) what) { return steps.say({{}, std::move(what)}); };
  const MemberId a("a"), b("b");
  event::Started started;
  started.plan.tier = Tier::medium;
  started.plan.asks.resize(2);
  started.plan.asks[0].member = a;
  started.plan.asks[1].member = b;
  EXPECT_EQ(say(started), "medium question, asks a, b");
  EXPECT_EQ(say(event::Waiting{"another kai holds cpu"}), "waits: another kai holds cpu");
  EXPECT_EQ(say(event::Waiting{"another kai holds cpu"}), "");
  EXPECT_EQ(say(event::Queued{a}), "");
  EXPECT_EQ(say(event::Loading{a, 0}), "a loads");
  EXPECT_EQ(say(event::Loading{a, 0.5}), "");
  EXPECT_EQ(say(event::Prefill{a, 0.5}), "");
  EXPECT_EQ(say(event::Token{a, "Pa"}), "a begins to write");
  EXPECT_EQ(say(event::Token{a, "ris."}), "");
  EXPECT_EQ(say(event::Draft{a, "Paris.", false}), "");
  EXPECT_EQ(say(event::Testing{a}), "runs the code of a");
  EXPECT_EQ(say(event::EarlyStop{"nothing can change it"}), "stops early: nothing can change it");
  EXPECT_EQ(say(event::DeviceChanged{"gpu0: less is left", {}}), "gpu0: less is left");
  event::Fallback fallback{"nobody answered", started.plan};
  EXPECT_EQ(say(fallback), "nobody answered; asks a, b");
  event::Agreement agreement{.verdict = {}, .asked = 4, .answered = 3};
  agreement.verdict.voters = 3;
  agreement.verdict.agreeing = 2;
  EXPECT_EQ(say(agreement), "3 of 4 have answered, 2 of 3 voices agree");
  EXPECT_EQ(say(event::Completed{testing_chat::outcome()}), "");
}

TEST(Steps, SayHowEachAnswerEnded) {
  Answer answer = testing_chat::outcome().answers[0];
  answer.timings.total = 3140ms;
  answer.error = testing_chat::failure_of("it died");
  for (const auto& [ending, words] : {std::pair{Ending::complete, "a has answered (3.1 s)"},
                                      std::pair{Ending::stated, "a has answered (3.1 s)"},
                                      std::pair{Ending::token_limit, "a was cut off (3.1 s)"},
                                      std::pair{Ending::deadline, "a was cut off (3.1 s)"},
                                      std::pair{Ending::cancelled, "a was stopped"},
                                      std::pair{Ending::failed, "a failed: it died"}}) {
    answer.ending = ending;
    EXPECT_EQ(Steps().say({{}, event::Ended{answer}}), words);
  }
}

TEST(Steps, StayOneShortLineWhateverTheyAreMadeOf) {
  const auto line = Steps().say({{}, event::EarlyStop{"a\r\n\ndata: x\x7f\xff"}});
  EXPECT_EQ(line, "stops early: a   data: x \xef\xbf\xbd");
  std::string longer;
  for (int i = 0; i < 200; ++i) longer += "ä";
  const auto cut = Steps().say({{}, event::EarlyStop{longer}});
  EXPECT_LE(cut.size(), 240u);
  EXPECT_TRUE(cut.ends_with("ä..."));
}

}  // namespace
}  // namespace kai::wire
