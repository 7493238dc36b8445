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

TEST(Alternatives, StandBehindACommaOrColon) {
  const auto offered = [](std::string_view question) {
    Words words = alternatives_in(question);
    std::ranges::sort(words);
    return words;
  };
  EXPECT_EQ(offered("Which is larger, 9.11 or 9.9?"), (Words{"9.11", "9.9"}));
  EXPECT_EQ(offered("Who wrote it: Goethe, Schiller, or Kleist? Answer briefly."),
            (Words{"Goethe", "Kleist", "Schiller"}));
  EXPECT_EQ(offered("In France, which city is larger, Paris or Lyon?"), (Words{"Lyon", "Paris"}));
  EXPECT_EQ(offered("Be brief. 9.11 or 9.9, which is larger?"), (Words{"9.11", "9.9"}));
  EXPECT_EQ(offered("Goethe, Schiller, or Kleist: who wrote Faust?"),
            (Words{"Goethe", "Kleist", "Schiller"}));
  EXPECT_EQ(offered("Of 4, 6 and 7, which is prime?"), (Words{"4", "6", "7"}));
  EXPECT_EQ(offered("Between Paris and Lyon, which city is larger?"), (Words{"Lyon", "Paris"}));
}

TEST(Alternatives, AreNotSeenWhereNoneAreOffered) {
  for (const auto* question :
       {"What is the capital of France?", "Who was king of England or Scotland in 1603?",
        "Which is larger, 9.11 or 9.9", "Is it so, or?", " or ?",
        "Which gas, oxygen or nitrogen, is lighter?",
        "Which is larger, the city of New York, Paris or Lyon?",
        "Which is bigger, 1,000 or 1,001 or", ", or ?", "?", "", "Paris and Lyon, which is larger?",
        "Of all the cities of France and Spain, which is larger?",
        "Paris or Lyon, I like both, which is larger?", "or , which is it?", "Of and , what is it?",
        "Which is right, what he said to her yesterday evening or what she said to him?"}) {
    EXPECT_EQ(alternatives_in(question), Words{}) << question;
  }
}

// Opposite answers in the same words were one group: "larger".
TEST(Alternatives, AnswersNameOneOfThem) {
  constexpr const char* larger = "Which is larger, 9.11 or 9.9?";
  for (const auto* answer :
       {"9.9", "9.9 is larger.", "**9.9** is larger than 9.11.", "The larger number is 9.9.",
        "I think 9.9 is bigger.", "It is 9.9.", "Between 9.11 and 9.9, the larger one is 9.9.",
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

TEST(Alternatives, MayStandInFront) {
  for (const auto* larger : {"9.11 or 9.9, which is larger?", "9.9 or 9.11: which one is bigger?",
                             "Of 9.11 and 9.9, which is larger?"}) {
    EXPECT_EQ(shape_of(larger), Shape::short_text) << larger;
    EXPECT_EQ(form(larger, "9.9 is larger."), "9.9") << larger;
    EXPECT_EQ(form(larger, "The answer is 9.11."), "9.11") << larger;
  }
}

// Where it is not sure, it is read as any other answer.
TEST(Alternatives, WhatIsNotTheAnswerIsNotTaken) {
  struct Row {
    const char *question, *answer, *not_this;
  };
  constexpr const char* larger = "Which is larger, 9.11 or 9.9?";
  constexpr const char* city = "Which city is larger, Paris or Lyon?";
  for (const auto& [question, answer, not_this] : {
           Row{larger, "9.11 is smaller.", "9.11"},
           Row{larger, "9.11 is not larger.", "9.11"},
           Row{larger, "9.11 is never larger than 9.9", "9.11"},
           Row{larger, "9.11 is no larger than 9.9", "9.11"},
           Row{larger, "9.11 is the wrong answer", "9.11"},
           Row{larger, "9.11 is the smaller number.", "9.11"},
           Row{larger, "9.11 looks larger, but 9.9 is larger.", "9.11"},
           Row{larger, "9.11, unlike 9.9, is smaller.", "9.11"},
           Row{larger, "9.11 - 9.9 = -0.79, so 9.9 is larger.", "9.11"},
           Row{larger, "9.11 < 9.9", "9.11"},
           Row{larger, "9.90 is larger than 9.11.", "9.11"},
           Row{larger, "It is larger than 9.11.", "9.11"},
           Row{larger, "-9.9", "9.9"},
           Row{larger, "9.95", "9.9"},
           Row{larger, "19.9", "9.9"},
           Row{larger, "9.11 and 9.9 are the same.", "9.9"},
           Row{city, "Lyon is a smaller city than Paris.", "lyon"},
           Row{city, "Lyon is the smaller city.", "lyon"},
           Row{city, "Lyon has fewer people than Paris.", "lyon"},
           Row{city, "Paris or Lyon.", "paris"},
           Row{"Which weighs less, iron or feathers?", "Iron weighs more than feathers.", "iron"},
           Row{"Which planet is closer to the sun, Venus or Mars?",
               "Mars is farther from the Sun than Venus.", "mars"},
           Row{"Which came first, the chicken or the egg?", "The chicken came after the egg.",
               "chicken"},
           Row{"Which is smaller, 9.11 or 9.9?", "9.9 is more than 9.11, so the smaller is 9.11.",
               "9.9"},
           Row{"Which is prime: 4, 6, 7 or 9?", "4, 6 and 9 are composite, so 7 is the prime.",
               "4"},
       }) {
    EXPECT_NE(form(question, answer), not_this) << question << ' ' << answer;
  }
  constexpr const char* primes = "Which numbers are prime: 4, 5, 6 or 7?";
  EXPECT_NE(form(primes, "5 and 7"), form(primes, "5 and 6"));
}

}  // namespace
}  // namespace kai
