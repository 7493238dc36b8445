#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <utf8.h>

#include "consensus/consensus.h"

namespace kai {
namespace {

constexpr const char* nothing = nullptr;

struct FormCase {
  const char* name;
  const char* question;
  const char* answer;
  const char* form;
};

void check(Shape shape, const FormCase& given) {
  const auto form = canonical(shape, given.question, given.answer);
  EXPECT_EQ(form.value_or("(nothing)"), given.form == nothing ? "(nothing)" : given.form);
}

auto name_of = [](const auto& test) { return test.param.name; };

constexpr const char* capital = "What is the capital of France?";
constexpr const char* author = "Who wrote Hamlet?";

class ShortForm : public testing::TestWithParam<FormCase> {};
TEST_P(ShortForm, Is) {
  check(Shape::short_text, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    , ShortForm,
    testing::ValuesIn(std::vector<FormCase>{
        {"Bare", capital, "Paris", "paris"},
        {"WithStop", capital, "paris.", "paris"},
        {"Bold", capital, "**Paris**", "paris"},
        {"Sentence", capital, "The capital of France is Paris.", "paris"},
        {"SentenceBold", capital, "The capital of France is **Paris**.", "paris"},
        {"SentenceReversed", capital, "Paris is the capital of France.", "paris"},
        {"PronounAndApposition", capital, "It's Paris, the city of light.", "paris"},
        {"Clause", capital, "The capital of France is Paris, which lies on the Seine.", "paris"},
        {"TheCityOf", capital, "The capital of France is the city of Paris.", "paris"},
        {"Opening", capital, "Sure! The capital of France is Paris.", "paris"},
        {"Json", capital, "```json\n{\"reasoning\": \"easy\", \"answer\": \"Paris\"}\n```",
         "paris"},
        {"FinalAnswer", capital, "Let me think. Lyon is large.\nFinal answer: Paris", "paris"},
        {"AnswerIs", capital, "I recall maps. The answer is Paris.", "paris"},
        {"AfterThinking", capital, "<think>Lyon? No.</think>\n\nParis", "paris"},
        {"StillThinking", capital, "<think>Lyon? No, it must", nothing},
        {"EndToken", capital, "Paris</s></s>", "paris"},
        {"NextQuestionOfItsOwn", capital, "Paris\nQuestion: What is the capital of Italy?\nRome",
         "paris"},
        {"Accents", "What is the capital of Brazil's largest state?", "S\xC3\xA3o Paulo",
         "sao paulo"},
        {"Article", "What is the currency of Japan?", "The yen", "yen"},
        {"QuestionsNoun", "What is the largest ocean?", "The Pacific Ocean", "pacific"},
        {"Description", author, "Hamlet was written by the English poet William Shakespeare.",
         "william shakespeare"},
        {"FormulaBeforeASentence", "What is the chemical formula of water?",
         "H2O. This is a standard chemical formula for water.", "h2o"},
        {"InitialsEndNoSentence", author, "It was W. Shakespeare of Stratford.",
         "w shakespeare of stratford"},
        {"SignsOfAName", "Which language came first?", "C#", "c#"},
        {"Denied", "Is Pluto a planet?", "Pluto is not a planet anymore.", "no"},
        {"LiesOn", "Where is Mount Everest?",
         "Mount Everest is located on the border of Nepal and China.", "border of nepal and china"},
        {"Returns", "What does len([1, 2]) return?", "`len([1, 2])` returns **2**.", "2"},
        {"LargerOfTwo", "Which is larger, 9.11 or 9.9?", "9.9 is larger than 9.11.", "9.9"},
        {"PartRepeated", "What is the largest planet?",
         "The largest planet in our solar system is Jupiter.", "jupiter"},
        {"PartRepeatedReversed", "What is the largest planet?",
         "Jupiter is the largest planet in our solar system.", "jupiter"},
        {"Subject", author, "William Shakespeare wrote Hamlet.", "william shakespeare"},
        {"Passive", author, "Hamlet was written by William Shakespeare around 1600.",
         "william shakespeare"},
        {"Place", "Where is the Eiffel Tower?", "The Eiffel Tower is located in Paris, France.",
         "paris"},
        {"Year", "In what year did the Berlin Wall fall?",
         "The Berlin Wall fell on November 9, 1989.", "1989"},
        {"YearBare", "In what year did the Berlin Wall fall?", "1989", "1989"},
        {"Yes", "Is Pluto round?", "Yes, Pluto is round because of its gravity.", "yes"},
        {"No", "Is Pluto a star?", "No. It is a dwarf planet.", "no"},
        {"StandsFor", "What does HTTP stand for?", "HTTP stands for HyperText Transfer Protocol.",
         "hypertext transfer protocol"},
        {"NumberWithZeros", "What is the price?", "9.90", "9.9"},
        {"NumberWithUnit", "What is the boiling point of water?", "100 degrees Celsius", "100"},
        {"ListInAnyOrder", "What are the primary colors?", "red, yellow, and blue",
         "blue, red, yellow"},
        {"ListOfLines", "Name the three primary colors.", "1. Red\n2. Yellow\n3. Blue: cold",
         "blue, red, yellow"},
        {"ListSentence", "What are the primary colors?",
         "The primary colors are blue, red and yellow.", "blue, red, yellow"},
        {"ProgramLiteral", "assert f(1) == ??", "{\"answer\": \"[\\\"a\\\", 'B']\"}", "['a','B']"},
        {"ProgramPrintsNothing", "assert f(1) == ??", "{\"answer\": \"\"}", "\"\""},
        {"ProgramPrintsBlanks", "assert f(1) == ??", "{\"answer\": \"  \"}", "  "},
        {"ProgramEndsInABlank", "assert f(1) == ??", "{\"answer\": \"ab \"}", "ab "},
        {"ProgramEndsInABlankQuoted", "assert f(1) == ??", "{\"answer\": \"'ab '\"}", "ab "},
        {"ProgramListAfterABlank", "assert f(1) == ??", "{\"answer\": \" [1, 2]\"}", "[1,2]"},
        {"ProgramEscapedTwice", "assert f(1) == ??", "{\"answer\": \\\"abc\\\"}", "abc"},
        {"ProgramCaseMatters", "assert f(1) == ??", "'Abc'", "Abc"},
        {"Refusal", capital, "I'm sorry, I cannot help with that.", nothing},
        {"DoesNotKnow", capital, "I don't know.", nothing},
        {"NotSureBut", capital, "I'm not sure, but the answer is Paris.", "paris"},
        {"Empty", capital, "", nothing},
        {"Marks", capital, "**", nothing}}),
    name_of);

constexpr const char* born = "When was Albert Einstein born?";

class DateForm : public testing::TestWithParam<FormCase> {};
TEST_P(DateForm, Is) {
  check(Shape::short_text, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    , DateForm,
    testing::ValuesIn(std::vector<FormCase>{
        {"DayOfMonthFirst", born, "14 March 1879", "1879-03-14"},
        {"DayOfMonthSecond", born, "March 14, 1879", "1879-03-14"},
        {"DayInFigures", born, "1879-03-14", "1879-03-14"},
        {"DayInGermanFigures", born, "14.03.1879", "1879-03-14"},
        {"DayInAmericanFigures", born, "3/14/1879", "1879-03-14"},
        {"DayInASentence", born, "Albert Einstein was born on **March 14th, 1879**, in Ulm.",
         "1879-03-14"},
        {"DayOfWords", born, "He was born on the 14th of March 1879.", "1879-03-14"},
        {"DayAfterItsYear", born, "In 1879, on March 14.", "1879-03-14"},
        {"AnotherDay", born, "15 March 1879", "1879-03-15"},
        {"MonthOnly", born, "Mar. 1879", "1879-03"},
        {"YearOnly", born, "He was born in 1879.", "1879"},
        {"YearOfADay", "When was the telephone patented?", "On March 7, 1876.", "1876"},
        {"YearBeforeChrist", "In what year was Caesar killed?", "He was killed in 44 BC.", "-0044"},
        {"DayBeforeChrist", "On what date was Caesar killed?", "15 March 44 BC", "-0044-03-15"},
        {"DayOfEveryYear", "When is Christmas?", "Christmas is on the 25th of December.",
         "--12-25"},
        {"WeekdayIsNoDate", "What day comes after Monday?", "Tuesday", "tuesday"},
        {"MayIsAVerb", "On what date may we leave?", "It may be 5 people.", "5"}}),
    name_of);

constexpr const char* flag = "What colors are on the flag?";

class ListForm : public testing::TestWithParam<FormCase> {};
TEST_P(ListForm, Is) {
  check(Shape::short_text, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    , ListForm,
    testing::ValuesIn(std::vector<FormCase>{
        {"Words", flag, "red, green and blue", "blue, green, red"},
        {"OxfordComma", flag, "Blue, red, and green.", "blue, green, red"},
        {"Lines", flag, "1. Red\n2. Green\n3. Blue: of the sea", "blue, green, red"},
        {"Bullets", flag, "The colors are:\n- **Red**\n- green (dark)\n- blue", "blue, green, red"},
        {"InASentence", flag, "The colors of the flag are red, green and blue.",
         "blue, green, red"},
        {"OfTwo", "Which two countries border Monte Rosa?", "Italy and Switzerland",
         "italy, switzerland"},
        {"OfTwoBackwards", "Which two countries border Monte Rosa?",
         "Monte Rosa is bordered by Switzerland and Italy.", "italy, switzerland"},
        {"Numbers", "List the first three primes.", "2, 3 and 5", "2, 3, 5"},
        {"InOrder", "List the first three planets in order.", "Mercury, Venus, Earth",
         "mercury, venus, earth"},
        {"NotAskedFor", "What makes up an atom's core?", "protons, quarks and neutrons",
         "neutrons, protons, quarks"},
        {"LinesNotAskedFor", "What makes up an atom's core?", "1. Protons\n2. Neutrons",
         "neutrons, protons"},
        {"ApposedIsNoList", "What is the capital of France?", "Paris, the capital and largest city",
         "paris"},
        {"PlaceIsNoList", "Where is the Louvre?", "Paris, France", "paris"},
        {"NumberedReasons", "What is the capital of France?",
         "Paris.\n1. It is large.\n2. It is old.", "paris"}}),
    name_of);

constexpr const char* apples = "How many apples are left?";

class NumberForm : public testing::TestWithParam<FormCase> {};
TEST_P(NumberForm, Is) {
  check(Shape::number, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    , NumberForm,
    testing::ValuesIn(std::vector<FormCase>{
        {"Bare", apples, "42", "42"},
        {"Thousands", apples, "1,234", "1234"},
        {"Millions", apples, "1,234,567", "1234567"},
        {"ThousandsInLatex", apples, "$1{,}234$", "1234"},
        {"TrailingZero", apples, "9.90", "9.9"},
        {"LeadingPoint", apples, ".5", "0.5"},
        {"Dollars", apples, "$18.00", "18"},
        {"Euros", apples,
         "{\"answer\": \"\xE2\x82\xAC"
         "77\"}",
         "77"},
        {"NegativePounds", apples,
         "The answer is -\xC2\xA3"
         "5.",
         "-5"},
        {"NotFilledIn", apples, "The answer is 7.\n{\"answer\": \"___\"}", "7"},
        {"Negative", apples, "-7", "-7"},
        {"NegativeSign", apples,
         "\xE2\x88\x92"
         "7",
         "-7"},
        {"NegativeDollars", apples, "The answer is -$5.", "-5"},
        {"Subtraction", apples, "It is 9-5=4", "4"},
        {"Fraction", apples, "1/2", "0.5"},
        {"FractionInLatex", apples, "\\frac{1}{2}", "0.5"},
        {"Mixed", apples, "2 1/2", "2.5"},
        {"Boxed", apples, "So we get $\\boxed{42}$.", "42"},
        {"BoxedFraction", apples, "\\boxed{\\dfrac{3}{4}}", "0.75"},
        {"Root", apples, "\\boxed{2\\sqrt{3}}", "2sqrt(3)"},
        {"RootAsSign", apples,
         "{\"answer\": \"2\xE2\x88\x9A"
         "3\"}",
         "2sqrt(3)"},
        {"Point", apples, "\\boxed{(3, 4)}", "(3,4)"},
        {"Hashes", apples, "5 + 7 = 12\n#### 12", "12"},
        {"FinalAnswer", apples, "First 7, then 8.\nFinal answer: 42 apples", "42"},
        {"AnswerOnNextLine", apples, "**Answer:**\n\n42", "42"},
        {"LastStatementWins", apples, "The answer is 4. Wait. The answer is 5.", "5"},
        {"StatementBeforeRemark", apples, "The answer is 5. I checked it 3 times.", "5"},
        {"Calculation", apples, "{\"answer\": \"3*4 + 2 = 14\"}", "14"},
        {"LastNumber", apples, "He had 7, ate 2, so 5 remain.", "5"},
        {"ThingAskedFor", apples, "So 5 apples remain for 3 people.", "5"},
        {"BoldNumber", apples, "She keeps **5** for the 3 of them.", "5"},
        {"Bracket", apples, "There are 42 left (7 times 6).", "42"},
        {"LeadsWithIt", apples, "12 apples.\n\nBecause 20 - 8 leaves that: 20 minus 8.", "12"},
        {"Enumerated", apples, "1. He has 9.\n2. He eats 4.\n3. So 5 remain.", "5"},
        {"Words", "How many continents are there?", "There are seven continents.", "7"},
        {"WordsBesideDigits", "How many continents are there?",
         "There are seven continents (as of 2024).", "7"},
        {"LongWords", apples, "twenty-five", "25"},
        {"Hundreds", apples, "one hundred and five", "105"},
        {"ScalesInWords", apples, "two million three thousand and four", "2003004"},
        {"Scale", apples, "1.5 million", "1500000"},
        {"PowerOfTen", apples, "3 x 10^5", "300000"},
        {"PercentAsPart", "What is the chance of rain?", "50%", "0.5"},
        {"PercentAsked", "What percentage is left?", "50%", "50"},
        {"InsideAWord", apples, "H2O and 3 apples", "3"},
        {"NoNumber", apples, "There is a number of apples.", nothing},
        {"Refusal", apples, "I cannot determine this without 2 more values.", nothing},
        {"Empty", apples, "", nothing}}),
    name_of);

constexpr const char* metals = "Which is a noble metal?\nA) iron\nB) gold\nC) iron oxide";

class ChoiceForm : public testing::TestWithParam<FormCase> {};
TEST_P(ChoiceForm, Is) {
  check(Shape::choice, GetParam());
}
INSTANTIATE_TEST_SUITE_P(
    , ChoiceForm,
    testing::ValuesIn(std::vector<FormCase>{
        {"Letter", metals, "B", "B"},
        {"Small", metals, "b", "B"},
        {"Brackets", metals, "(B)", "B"},
        {"Bold", metals, "**B**", "B"},
        {"LetterAndText", metals, "B) gold", "B"},
        {"LetterStopText", metals, "B. gold", "B"},
        {"AnswerIs", metals, "The answer is (B).", "B"},
        {"AnswerIsOption", metals, "I think the correct answer is option B because …", "B"},
        {"CorrectOption", metals, "The correct option is B.", "B"},
        {"Boxed", metals, "Thus $\\boxed{\\text{B}}$", "B"},
        {"Json", metals, "{\"answer\": \"B\"}", "B"},
        {"Text", metals, "gold", "B"},
        {"TextInSentence", metals, "The noble one among these is gold.", "B"},
        {"LongerText", metals, "It is iron oxide.", "C"},
        {"LabelThenReasons", metals, "B) gold\n\nReason: A) rusts and C) is rust.", "B"},
        {"OptionsInTurn", metals, "A) rusts.\nB) does not.\nC) is rust.\nTherefore, B.", "B"},
        {"EliminatesFirst", metals, "(A) rusts. (C) is rust. The answer is (B).", "B"},
        {"LastStatementWins", metals, "The answer is (A). No, the answer is (B).", "B"},
        {"RunsOn", metals, "The answer is (B).\n\nQuestion: Next?\nThe answer is (A).", "B"},
        {"Article", metals, "The answer is a noble metal.", nothing},
        {"NotOffered", metals, "F", nothing},
        {"NamesTwo", metals, "Either (A) or (B).", nothing},
        {"Refusal", metals, "I don't know which of these it is.", nothing},
        {"NoOptionsGiven", "Which one?", "The answer is (D).", "D"},
        {"LettersAlone", "Which is better? Answer A or B.", "A is better", "A"}}),
    name_of);

class CodeForm : public testing::TestWithParam<FormCase> {};
TEST_P(CodeForm, Is) {
  check(Shape::code, GetParam());
}
INSTANTIATE_TEST_SUITE_P(, CodeForm,
                         testing::ValuesIn(std::vector<FormCase>{
                             {"Fence", "", "Here:\n```python\nx = 1\n```\nIt sets x.", "x = 1\n"},
                             {"Blanks", "", "```\nx  =  1  \n\n\ty\n```", "x = 1\n    y\n"},
                             {"NoFence", "", "x = 1", "x = 1\n"},
                             {"TwoFences", "", "```\na\n```\nand\n```\nb\n```", "a\nb\n"},
                             {"Empty", "", "", nothing}}),
                         name_of);

class OpenForm : public testing::TestWithParam<FormCase> {};
TEST_P(OpenForm, Is) {
  check(Shape::open, GetParam());
}
INSTANTIATE_TEST_SUITE_P(, OpenForm,
                         testing::ValuesIn(std::vector<FormCase>{
                             {"Folded", "", "It IS\n\n**so**.", "it is so"},
                             {"Refusal", "", "I'm sorry, but I can't help with that.", nothing},
                             {"OnlyMarks", "", "***", nothing},
                             {"Empty", "", " ", nothing}}),
                         name_of);

constexpr Shape shapes[] = {Shape::choice, Shape::number, Shape::short_text, Shape::code,
                            Shape::open};

TEST(Canonical, SurvivesAMegabyte) {
  for (const std::string_view part : {"answer is ", "\\boxed{", "**", "\"answer\": \"", "1,", "((",
                                      "a", "<think>", "\xF0\x9F\x98\x80", "\n", "one hundred "}) {
    std::string text;
    while (text.size() < 1'000'000) text += part;
    for (const Shape shape : shapes) canonical(shape, text, text);
  }
}

TEST(Canonical, FindsAConclusionBehindAMegabyte) {
  const std::string text = std::string(1'000'000, 'x') + ".\nThe answer is 42.";
  EXPECT_EQ(canonical(Shape::number, apples, text), "42");
}

RC_GTEST_PROP(Canonical, SurvivesAnyBytes, (const std::string& question, const std::string& text)) {
  for (const Shape shape : shapes) {
    const auto form = canonical(shape, question, text);
    RC_ASSERT(form.value_or("nothing") != "");
  }
}

// Random bytes rarely look like an answer; these pieces do.
rc::Gen<std::string> pieces_of_answers() {
  const auto piece = rc::gen::element<std::string>(
      "The answer is ", "Answer:", "\"answer\": \"", "\"", "\\boxed{", "}", "\\frac{", "{1}", "12",
      "1,234", ".", ". ", "\n", "**", "(B)", "B", "A) ", "\nB) x", "-", "=", "%", "/", "e5", "10^",
      "one ", "hundred", " and ", "is ", "not ", "Paris", "I'm sorry", ", but ", "```", "<think>",
      "</think>", "$", "\\", " ", "How many x", "Who ", "[1, ", "'", "\xC3\xA9", "\xE2\x88\x9A",
      "\\boxed\xCF\x80", "\\frac\xCF\x80\xCF\x80", "\xE2", "\xF0\x9F", std::string(1, '\0'));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const auto& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(Canonical, SurvivesPiecesOfAnswers, ()) {
  const std::string question = *pieces_of_answers(), text = *pieces_of_answers();
  shape_of(question);
  for (const Shape shape : shapes) {
    const std::string form = canonical(shape, question, text).value_or("nothing");
    RC_ASSERT(!form.empty());
    RC_ASSERT(utf8::is_valid(form.begin(), form.end()));
  }
}

RC_GTEST_PROP(Canonical, OfANumberIsItsOwnForm, (int whole, unsigned short part)) {
  const std::string text = std::to_string(whole) + "." + std::to_string(part);
  const auto once = canonical(Shape::number, apples, text);
  RC_ASSERT(once.has_value());
  RC_ASSERT(canonical(Shape::number, apples, *once) == once);
}

RC_GTEST_PROP(Canonical, OfAFractionIsItsOwnForm, (short above, unsigned char below)) {
  RC_PRE(below > 0);
  const std::string text = std::to_string(above) + "/" + std::to_string(below);
  const auto once = canonical(Shape::number, apples, text);
  RC_ASSERT(once.has_value());
  RC_ASSERT(canonical(Shape::number, apples, *once) == once);
}

}  // namespace
}  // namespace kai
