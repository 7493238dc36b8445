#include "sandbox/check_program.h"

#include <gtest/gtest.h>
#include <utf8.h>

namespace kai::sandbox {
namespace {

const CodeTest two{.blocks = {"f = 1"}, .examples = {{"f(2)", "4"}, {"f(3)", "9"}}, .until = {}};

TEST(ReadReport, BelievesOnlyItsToken) {
  struct Case {
    const char* name;
    const char* output;
    RunResult result;
  };
  const Case cases[] = {
      {"all pass", "T begun\nT passed\nT passed\nT outputs 0a\nT done\n", {2, 0, "", "0a"}},
      {"one fails",
       "T begun\nT passed\nT failed gave 5\nT done\n",
       {1, 1, "f(3) == 9: gave 5", ""}},
      {"the first that fails is told",
       "T begun\nT failed gave 5\nT failed gave 6\nT done\n",
       {0, 2, "f(2) == 4: gave 5", ""}},
      {"noise in between",
       "hello\nT begun\nX passed\npassed\nTpassed\nT passed\nT passed\nT done\n",
       {2, 0, "", ""}},
      {"ended before its end", "T begun\nT passed\n", {1, 1, "f(3) == 9: ended the program", ""}},
      {"ended after its examples",
       "T begun\nT passed\nT passed\nT outputs 0a\n",
       {2, 1, "ended the program that tried it", ""}},
      {"goes on after its end",
       "T begun\nT failed gave 5\nT failed gave 5\nT done\nT passed\n",
       {0, 2, "f(2) == 4: gave 5", ""}},
      {"never began", "bwrap: no\nmore\n", {0, 0, "the sandbox failed: bwrap: no", ""}},
      {"nothing", "", {0, 0, "the sandbox failed: ", ""}},
  };
  for (const auto& [name, output, result] : cases) {
    EXPECT_EQ(read_report(output, two, "T"), result)
        << name << ": " << read_report(output, two, "T").why;
  }
}

TEST(ReadReport, TellsInWholeCharactersOnOneLine) {
  std::string umlauts;
  for (int count = 0; count < 150; ++count) umlauts += "\xC3\xBC";
  CodeTest test = two;
  test.examples = {{"f('" + umlauts + "')", "one\ntwo", true}};
  for (int shift = 0; shift < 2; ++shift) {
    const auto why = read_report("T begun\nT failed gave 5\nT done\n", test, "T").why;
    EXPECT_LE(why.size(), 200u);
    EXPECT_TRUE(utf8::is_valid(why.begin(), why.end())) << why;
    EXPECT_FALSE(why.contains('\n'));
    test.examples[0].call.insert(0, "g");
  }
}

// Whatever the question and the answer hold, it stays inside its quotes.
TEST(CheckProgram, HoldsOnlyPlainText) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  const CodeTest test{
      .blocks = {bytes, "')\nimport os"}, .examples = {{bytes, bytes}}, .until = {}};
  const auto program = check_program(test, {.token = "T'", .call_max = {}, .check_max = {}});
  for (const char c : program) EXPECT_TRUE((c >= ' ' && c <= '~') || c == '\n');
  EXPECT_FALSE(program.contains("')\nimport os"));
}

}  // namespace
}  // namespace kai::sandbox
