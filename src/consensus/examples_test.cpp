#include "consensus/examples.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kai {
namespace {

// "f(2) => 4", a line each; ">" for what the prompt shows.
std::string told(const std::vector<Example>& examples) {
  std::string text;
  for (const auto& [call, expected, printed] : examples) {
    text += (text.empty() ? "" : "; ") + call + (printed ? " > " : " => ") + expected;
  }
  return text;
}

struct Case {
  const char* name;
  const char* text;
  const char* found;
};

TEST(ExamplesIn, ReadsWhatQuestionsState) {
  const Case cases[] = {
      {"none", "Write a Python function that reverses a string.", ""},
      {"equality", "Write f such that f(2) == 4.", "f(2) => 4"},
      {"in marks", "Write f. `f(2)` should return `[1, 2]`.", "f(2) => [1, 2]"},
      {"returns", "f(2) returns 4 and f(3) returns 9.", "f(2) => 4; f(3) => 9"},
      {"returns a fraction", "f(2) returns 4.5.", "f(2) => 4.5"},
      {"arrow", "f(2) -> [1, 2]", "f(2) => [1, 2]"},
      {"arrows of all kinds", "f(1) => 'a'\nf(2) \xE2\x86\x92 'b'", "f(1) => 'a'; f(2) => 'b'"},
      {"in brackets", "(e.g. f(\"abc\") gives \"cba\")", "f(\"abc\") => \"cba\""},
      {"assert", "assert f(2) == 4\nassert f(3) == 9, \"three\"", "f(2) => 4; f(3) => 9"},
      {"assert of truth", "assert is_even(4)\nassert not is_even(3)",
       "bool(is_even(4)) => True; bool(is_even(3)) => False"},
      {"assert is", "assert f(2) is None", "f(2) => None"},
      {"list items", "- f(2) == 4\n* f(3) == 9\n3. f(4) == 16", "f(2) => 4; f(3) => 9; f(4) => 16"},
      {"other languages' words", "is_odd(3) should return true", "is_odd(3) => True"},
      {"comment", "print(f(2))  # 4\nf(3)  # => 9\nf(4) # Output: 16",
       "f(2) => 4; f(3) => 9; f(4) => 16"},
      {"many arguments", "add(1, -2.5, key='a, b)', xs=[(1, {'a': {2}})]) == {'a': None}",
       "add(1, -2.5, key='a, b)', xs=[(1, {'a': {2}})]) => {'a': None}"},
      {"typographic quotes",
       "f(\xE2\x80\x9C"
       "a\xE2\x80\x9D) returns \xE2\x80\x98"
       "b\xE2\x80\x99",
       "f(\"a\") => 'b'"},
      {"doctest", ">>> f(2)\n4\n>>> f('a')\n'aa'\n", "f(2) > 4; f('a') > 'aa'"},
      {"doctest in a docstring", "def f(x):\n    \"\"\"Doubles.\n    >>> f(2)\n    4\n    \"\"\"\n",
       "f(2) > 4"},
      {"doctest of print", ">>> print(f(2))\none\ntwo\n\nthree", "print(f(2)) > one\ntwo"},
      {"doctest with an exception", ">>> f(0)\nTraceback (most recent call last):\nValueError", ""},
      {"doctest that only sets up", ">>> x = 2\n>>> f(2)\n4", "f(2) > 4"},
      {"once each", "f(2) == 4\nf(2) == 4\nf(2) == 5", "f(2) => 4"},
      {"input and output", "Write a function `add`.\nInput: 1, 2\nOutput: 3", "add(1, 2) => 3"},
      {"input and output in one line", "def f(s):\nInput: \"ab\" Output: \"ba\"",
       "f(\"ab\") => \"ba\""},
      {"named input",
       "def two_sum(nums, target):\n**Input:** nums = [2,7], target = 9\n**Output:** [0,1]\n"
       "Explanation: 2 + 7",
       "two_sum([2,7], 9) => [0,1]"},
      {"input below its label", "Write a function called f.\nInput:\n[1, 2]\nOutput:\n3",
       "f([1, 2]) => 3"},
      {"input of what function?", "Write a function `f` and a function `g`.\nInput: 1\nOutput: 2",
       ""},
      {"input of no function", "Write a program. Input: 1\nOutput: 2", ""},
      {"input that is prose", "Write a function `f`.\nInput: a list\nOutput: its sum", ""},
  };
  for (const auto& [name, text, found] : cases) {
    EXPECT_EQ(told(examples_in(text)), found) << name;
  }
}

TEST(ExamplesIn, TakesNothingThatIsNoExample) {
  for (const char* text : {
           "f(n) returns n",               // a name is no literal
           "f(2) returns 4 items",         // of what?
           "f(2) == 4 + 5",                // to be computed
           "f(2) == 4 or f(2) == 5",       // either
           "1 + f(2) == 4",                // part of a sum
           "f(2) != 4",                    //
           "f(2) should not return 4",     //
           "assert not f(2) == 4",         //
           "s.count(2) == 4",              // a method of something
           "f(2)[0] == 4",                 //
           "def f(x=2) -> 4",              // a definition
           "len('abc') == 3",              // Python's own
           "f(2",                          //
           "f(2) == [1, 2",                //
           "f(2) == 'a",                   //
           "f(2) == 4abc",                 //
           "f(2) <= 4",                    //
           "x = f(2)",                     //
           "assert isinstance(f(2), int)"  //
       }) {
    EXPECT_EQ(told(examples_in(text)), "") << text;
  }
}

TEST(ExamplesIn, AtMostSixteen) {
  std::string text;
  for (int n = 0; n < 40; ++n) text += "f(" + std::to_string(n) + ") == 1\n";
  EXPECT_EQ(examples_in(text).size(), 16u);
}

RC_GTEST_PROP(ExamplesIn, TakesAnyBytes, ()) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "f(", ")", " == ", "[", "{", "'", "\"", "\\", "\n", ">>> ", "4", "Input:", "Output:",
      "def f(", "assert ", "-", "e", ".", ",", "True", "\xff", "```", " returns ", "="));
  std::string text;
  for (const auto& piece : pieces) text += piece;
  for (const auto& example : examples_in(text)) {
    RC_ASSERT(!example.call.empty());
    RC_ASSERT(!example.expected.empty());
  }
  for (const auto& block : python_in(text)) RC_ASSERT(!block.empty());
}

std::string joined(const std::vector<std::string>& blocks) {
  std::string text;
  for (const auto& block : blocks) text += (text.empty() ? "" : "--\n") + block;
  return text;
}

TEST(PythonIn, FindsTheCodeInWhatModelsWrite) {
  const Case cases[] = {
      {"fenced", "Sure!\n```python\ndef f(x):\n    return x\n```\nThis works.",
       "def f(x):\n    return x\n"},
      {"several", "```py\na = 1\n```\nand\n```Python3\nb = 2\n```", "a = 1\n--\nb = 2\n"},
      {"no language", "```\ndef f(x): return x\n```", "def f(x): return x\n"},
      {"no language, what it prints", "```python\nf = 1\n```\nOutput:\n```\n4\n```", "f = 1\n"},
      {"another language", "```javascript\nfunction f(x) {}\n```", ""},
      {"both", "```js\nf = 1\n```\n```python\ng = 2\n```", "g = 2\n"},
      {"shell before", "```bash\npip install x\n```\n```python\ng = 2\n```", "g = 2\n"},
      {"cut before its end", "```python\ndef f(x):\n    return x", "def f(x):\n    return x"},
      {"no fence", "Here it is:\n\ndef f(x):\n    return x\n\nIt returns x.",
       "def f(x):\n    return x\n\n"},
      {"no fence, imports", "import math\nfrom math import pi\nMOD = 7\nf = lambda x: x\nDone.",
       "import math\nfrom math import pi\nMOD = 7\nf = lambda x: x\n"},
      {"prose", "I would use recursion from the top.", ""},
      {"thinking", "<think>```python\nx = 1\n```</think>```python\ny = 2\n```", "y = 2\n"},
      {"in a list", "1. Do:\n   ```python\n   def f(x):\n       return x\n   ```\n",
       "   def f(x):\n       return x\n   "},
      {"empty", "", ""},
      {"empty block", "```python\n```", ""},
  };
  for (const auto& [name, text, found] : cases) EXPECT_EQ(joined(python_in(text)), found) << name;
}

}  // namespace
}  // namespace kai
