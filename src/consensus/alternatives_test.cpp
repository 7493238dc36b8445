// Questions that offer their answers.
#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/alternatives.h"
#include "consensus/consensus.h"

namespace kai {
namespace {

using consensus::alternatives_in;
using Words = std::vector<std::string_view>;

std::string form(const char* question, const char* answer) {
  return canonical(Shape::short_text, question, answer).value_or("(nothing)");
}

TEST(Alternatives, StandBehindACommaOrColonOrInFront) {
  const auto offered = [](std::string_view question) {
    Words words = alternatives_in(question);
    std::ranges::sort(words);
    return words;
  };
  EXPECT_EQ(offered("Which is larger, 9.11 or 9.9?"), (Words{"9.11", "9.9"}));
  EXPECT_EQ(offered("Who wrote it: Goethe, Schiller, or Kleist? Answer briefly."),
            (Words{"Goethe", "Kleist", "Schiller"}));
  EXPECT_EQ(offered("In France, which city is larger, Paris or Lyon?"), (Words{"Lyon", "Paris"}));
  EXPECT_EQ(offered("9.11 or 9.9, which is larger?"), (Words{"9.11", "9.9"}));
}

TEST(Alternatives, AreNotSeenWhereNoneAreOffered) {
  for (const auto* question :
       {"What is the capital of France?", "Who was king of England or Scotland in 1603?",
        "Which is larger, 9.11 or 9.9", "Is it so, or?", " or ?", ", or ?", "?", "",
        "Which is right, what he said to her yesterday evening or what she said to him?"}) {
    EXPECT_EQ(alternatives_in(question), Words{}) << question;
  }
}

// Opposite answers in the same words were one group: "larger".
TEST(Alternatives, AnswersNameOneOfThem) {
  constexpr const char* larger = "Which is larger, 9.11 or 9.9?";
  for (const auto* answer :
       {"9.9", "9.9 is larger.", "**9.9** is larger than 9.11.", "The larger number is 9.9.",
        "I think 9.9 is bigger.", "Between 9.11 and 9.9, the larger one is 9.9.",
        "The answer is 9.9, because 90 is more than 11.", "9.9, since 0.9 is more than 0.11."}) {
    EXPECT_EQ(form(larger, answer), "9.9") << answer;
  }
  for (const auto* answer : {"9.11 is larger.", "9.11, because 11 is more than 9.",
                             "9.11 is larger than 9.9 because 11 > 9."}) {
    EXPECT_EQ(form(larger, answer), "9.11") << answer;
  }
  for (const auto* answer : {"Paris", "Paris is larger than Lyon.", "It is Paris."}) {
    EXPECT_EQ(form("Which city is larger, Paris or Lyon?", answer), "paris") << answer;
  }
  constexpr const char* author = "Who wrote Faust: Goethe, Schiller or Kleist?";
  for (const auto* answer : {"Johann Wolfgang von Goethe", "Goethe wrote Faust.", "Goethe."}) {
    EXPECT_EQ(form(author, answer), "goethe") << answer;
  }
}

TEST(Alternatives, WhatIsNotTheAnswerIsNotTaken) {
  constexpr const char* larger = "Which is larger, 9.11 or 9.9?";
  for (const auto* answer : {"9.11 is smaller.", "9.11 is not larger.", "Both are equal.", "-9.9",
                             "9.95", "19.9", "9.11 and 9.9 are the same."}) {
    EXPECT_NE(form(larger, answer), "9.9") << answer;
    EXPECT_NE(form(larger, answer), "9.11") << answer;
  }
}

}  // namespace
}  // namespace kai
