#include "coordinator/streams.h"

#include <gtest/gtest.h>

#include <string>

namespace kai {
namespace {

const MemberId a("a"), b("b");

// After which pieces the text was worth reading.
std::string ripe_after(const std::vector<std::string>& pieces) {
  Streams streams;
  std::string marks;
  for (const auto& piece : pieces) marks += streams.add(a, piece) ? '!' : '.';
  return marks;
}

TEST(Streams, ASentenceIsReadOnceSomethingStandsBehindIt) {
  EXPECT_EQ(ripe_after({"The answer", " is 9", ".", "11", " or", " so."}), "......");
  EXPECT_EQ(ripe_after({"The answer is 9.", "\n\n", "So"}), "..!");
}

TEST(Streams, SentencesThatStateNothingAreNotRead) {
  EXPECT_EQ(ripe_after({"We add. ", "Then we go on. ", "And on. "}), "...");
}

TEST(Streams, AValueBelowItsCueIsFound) {
  EXPECT_EQ(ripe_after({"The answer:\n", "42\n", "since"}), ".!!");
}

TEST(Streams, EveryMemberHasItsOwnAndATryAnewForgets) {
  Streams streams;
  streams.begin(a);
  streams.add(a, "one");
  streams.add(b, "two");
  EXPECT_EQ(streams.text_of(a), "one");
  EXPECT_EQ(streams.all().size(), 2u);
  streams.begin(a);
  EXPECT_EQ(streams.text_of(a), "");
  EXPECT_EQ(streams.sentences_of(MemberId("nobody")), "");
}

std::vector<Ask> two_asks() {
  std::vector<Ask> asks(2);
  asks[0].member = a;
  asks[0].weight = 1;
  asks[1].member = b;
  asks[1].weight = 2;
  return asks;
}

TEST(Drafting, TheHeaviestVoiceWritesAndOnlyNewWordsAreShown) {
  Drafting drafting;
  drafting.begin(two_asks());
  EXPECT_FALSE(drafting.written(a, "mine"));
  EXPECT_EQ(drafting.written(b, "Tides")->text, "Tides");
  EXPECT_FALSE(drafting.written(b, "Tides "));  // a blank that may be the last is kept back
  const auto next = drafting.written(b, "Tides come");
  EXPECT_EQ(next->text, " come");
  EXPECT_FALSE(next->anew);
  EXPECT_EQ(drafting.first(), b);
}

TEST(Drafting, ALeakedEndTokenMakesTheWordsBeginAnew) {
  Drafting drafting;
  drafting.begin(two_asks());
  drafting.written(b, "Tides come <|im");
  const auto next = drafting.written(b, "Tides come <|im_end|>");
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->anew);
  EXPECT_EQ(next->text, "Tides come");
}

TEST(Drafting, TheVerdictHasTheLastWord) {
  Drafting drafting;
  drafting.begin(two_asks());
  drafting.written(b, "Tides come");
  Verdict verdict;
  EXPECT_FALSE(drafting.settled(verdict));  // nobody voted
  verdict.voters = 1;
  verdict.author = b;
  verdict.text = "Tides come.";
  EXPECT_EQ(drafting.settled(verdict)->text, ".");
  verdict.author = a;
  const auto revised = drafting.settled(verdict);
  EXPECT_TRUE(revised->anew);
  EXPECT_EQ(revised->text, "Tides come.");
  EXPECT_EQ(drafting.first(), b);
}

}  // namespace
}  // namespace kai
