#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "consensus/consensus.h"

namespace kai {
namespace {

struct ShapeCase {
  const char* name;
  const char* question;
  Shape shape;
};

class ShapeOf : public testing::TestWithParam<ShapeCase> {};

TEST_P(ShapeOf, Is) {
  EXPECT_EQ(to_string(shape_of(GetParam().question)), to_string(GetParam().shape));
}

INSTANTIATE_TEST_SUITE_P(
    , ShapeOf,
    testing::ValuesIn(std::vector<ShapeCase>{
        {"Nothing", "", Shape::open},
        {"Blanks", " \n\t", Shape::open},
        {"OptionsOneALine", "Which is a prime?\nA) 4\nB) 7\nC) 9", Shape::choice},
        {"OptionsInBrackets", "Pick one: (A) iron (B) gold (C) tin", Shape::choice},
        {"OptionsInline", "Is it A) cats B) dogs or C) birds?", Shape::choice},
        {"OptionsWithStops", "Best fit?\nA. one\nB. two\nC. three", Shape::choice},
        {"LettersAlone", "Is the first text better? Answer A, B or C.", Shape::choice},
        {"PartsAreNoOptions", "For each ion: (a) what is its size; (b) explain its charge.",
         Shape::open},
        {"HowMany", "How many legs does a spider have?", Shape::number},
        {"Arithmetic", "What is 12 * 7?", Shape::number},
        {"Percentage", "17% of 2450", Shape::number},
        {"PercentageAsked", "What's 17% of 240?", Shape::number},
        {"Calculate", "Calculate the area of a circle of radius 2.", Shape::number},
        {"WordProblem", "A train travels 180 km in 2 hours. What is its average speed?",
         Shape::number},
        {"WordProblemWithAStory",
         "Tom tells a story of 40 pages. He reads 4 a day. How long does it take?", Shape::number},
        {"WordProblemWithFiguresInWords",
         "Ann is three years older than Bob, who is twice as old as Cy. Cy is 8. What is the total "
         "age of all?",
         Shape::number},
        {"WordProblemWithoutAQuestionMark",
         "Ann pays 3 euros a day for her bread, and she has done so for as long as anybody in the "
         "village can remember, for which the baker gave her a card that takes off 20 % from "
         "the price on each day that is no holiday in the land that the two live in, while the "
         "baker goes on at the old price. How long until she saved 10",
         Shape::number},
        {"UnitNamed", "A rope of 60 m becomes a circle. What is its widest reach, in meters?",
         Shape::number},
        {"UnitOfNothing", "Who was the first woman in space in years?", Shape::short_text},
        {"HowMuchToPay", "The price is $9. How much do you have to pay?", Shape::number},
        {"HowMuchIsKnown", "How much do you know about Rome?", Shape::open},
        {"MathInLatex", "Find $m+n$ where $m=3$ and $n=4$.", Shape::number},
        {"HowMuchButExplained", "How much energy does the sun give? Explain your reasoning.",
         Shape::open},
        {"CapitalOf", "What is the capital of France?", Shape::short_text},
        {"CapitalOfPolitely", "Can you tell me what is the capital of France?", Shape::short_text},
        {"WhoWrote", "who wrote Crime and Punishment", Shape::short_text},
        {"WhichYear", "In what year did the Berlin Wall fall?", Shape::short_text},
        {"OnWhich", "On which continent is Brazil?", Shape::short_text},
        {"FromWhat", "From what country does tea come?", Shape::short_text},
        {"InWhatWays", "In what ways does sleep help memory?", Shape::open},
        {"ToWhatExtent", "To what extent is history written by the winners?", Shape::open},
        {"When", "When was the telephone invented?", Shape::short_text},
        {"Where", "Where is the Eiffel Tower?", Shape::short_text},
        {"Superlative", "What is the largest planet?", Shape::short_text},
        {"StandsFor", "what does HTTP stand for", Shape::short_text},
        {"OneWord", "Describe the sky in one word.", Shape::short_text},
        {"YesOrNo", "Is Pluto a planet?", Shape::short_text},
        {"ProgramOutput", "What does len([1, 2, 3]) return in Python?", Shape::short_text},
        {"WriteAFunction", "Write a function that reverses a string.", Shape::code},
        {"WritePython", "write a python script which renames files", Shape::code},
        {"WriteSql", "Write a SQL query for the five best customers", Shape::code},
        {"FixCode", "Fix this:\n```\nprint(x\n```", Shape::code},
        {"EssayOnPython", "Write an essay about Python.", Shape::open},
        {"CodeOfConduct", "Write a code of conduct for a club.", Shape::open},
        {"Definition", "What is Python?", Shape::open},
        {"Difference", "What is the difference between TCP and UDP?", Shape::open},
        {"Person", "Who is Ada Lovelace?", Shape::open},
        {"Explain", "Explain how machine learning works", Shape::open},
        {"Why", "Why is the sky blue?", Shape::open},
        {"HowTo", "How do I get red wine out of a carpet?", Shape::open},
        {"Subordinate", "When I open the browser it shuts down, help", Shape::open},
        {"Analyze", "Analyze the ethical implications of AI consciousness", Shape::open}}),
    [](const auto& test) { return test.param.name; });

TEST(ShapeOfLongText, IsFoundAtEitherEnd) {
  const std::string filler(100'000, 'x');
  EXPECT_EQ(shape_of("A story " + filler + ". How many legs has it?"), Shape::number);
}

RC_GTEST_PROP(ShapeOfAnything, GivesAShape, (const std::string& text)) {
  RC_ASSERT(!to_string(shape_of(text)).empty());
}

}  // namespace
}  // namespace kai
