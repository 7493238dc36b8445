#include "cli/text.h"

#include <gtest/gtest.h>

#include <clocale>

namespace kai {
namespace {

class TextTest : public testing::Test {
 protected:
  TextTest() { std::setlocale(LC_CTYPE, "C.UTF-8"); }
};

TEST_F(TextTest, MakesTextHarmless) {
  struct Case {
    std::string_view name, text, want;
  };
  for (const auto& [name, text, want] :
       std::initializer_list<Case>{{"plain", "Paris.\n\tYes", "Paris.\n\tYes"},
                                   {"escape code", "\x1b[31mred", "␛[31mred"},
                                   {"title", "\x1b]0;x\x07", "␛]0;x␇"},
                                   {"carriage return", "safe\rEVIL", "safe␍EVIL"},
                                   {"DOS line", "a\r\nb", "a\nb"},
                                   {"delete", "a\x7f", "a␡"},
                                   {"C1 control",
                                    "\xc2\x9b"
                                    "31m",
                                    "\xef\xbf\xbd"
                                    "31m"},
                                   {"right-to-left override",
                                    "a\xe2\x80\xae"
                                    "b",
                                    "a\xef\xbf\xbd"
                                    "b"},
                                   {"isolate", "\xe2\x81\xa6", "\xef\xbf\xbd"},
                                   {"invalid UTF-8", "a\xff", "a\xef\xbf\xbd"},
                                   {"cut character", "a\xe2\x82", "a\xef\xbf\xbd"},
                                   {"Arabic stays", "سلام", "سلام"},
                                   {"NUL", std::string_view("a\0b", 3), "a␀b"}}) {
    EXPECT_EQ(inert(text), want) << name;
  }
}

TEST_F(TextTest, BreaksEndlessLines) {
  const std::string shown = inert(std::string(1'000'000, 'x'), 1000);
  EXPECT_EQ(shown.size(), 1'000'999);
  EXPECT_EQ(shown.find('\n'), 1000);
}

TEST_F(TextTest, PutsTextOnOneLine) {
  EXPECT_EQ(one_line("  a\n\n b\tc ", 80), "a b c");
  EXPECT_EQ(one_line("\x1b[2J", 80), "␛[2J");
  EXPECT_EQ(one_line(std::string(1'000'000, 'x'), 5), "xxxx…");
  EXPECT_EQ(one_line("", 5), "");
}

TEST_F(TextTest, CutsByColumnsNotBytes) {
  struct Case {
    std::string_view text;
    int columns;
    std::string_view want;
  };
  for (const auto& [text, columns, want] : std::initializer_list<Case>{{"abc", 3, "abc"},
                                                                       {"abcd", 3, "ab…"},
                                                                       {"日本語", 6, "日本語"},
                                                                       {"日本語", 5, "日本…"},
                                                                       {"日本語", 4, "日…"},
                                                                       {"über", 4, "über"},
                                                                       {"abc", 1, "…"},
                                                                       {"abc", 0, ""},
                                                                       {"e\xcc\x81"
                                                                        "a",
                                                                        2,
                                                                        "e\xcc\x81"
                                                                        "a"}}) {
    EXPECT_EQ(cut(text, columns), want) << text << ' ' << columns;
  }
}

TEST_F(TextTest, PadsToColumns) {
  EXPECT_EQ(padded("日本", 6), "日本  ");
  EXPECT_EQ(padded("abcdef", 4), "abc…");
}

TEST_F(TextTest, CutsPaintedLines) {
  const Line line{{"ab", Style::good}, {"cd", Style::bad}, {"ef"}};
  EXPECT_EQ(paint(cut(line, 6), false), "abcdef");
  EXPECT_EQ(paint(cut(line, 4), false), "abc…");
  EXPECT_EQ(paint(cut(line, 2), false), "a…");
  EXPECT_EQ(paint(cut(line, 0), false), "");
  EXPECT_EQ(paint(line, true), "\x1b[32mab\x1b[0m\x1b[31mcd\x1b[0mef");
}

TEST_F(TextTest, IsWrappedAtBlanks) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("", 40), Lines{""});
  EXPECT_EQ(wrapped("a short line", 40), Lines{"a short line"});
  EXPECT_EQ(wrapped("twenty columns are the least of them", 3),
            (Lines{"twenty columns are", "the least of them"}));
  // A word that is too long stays whole, so that a path can be copied.
  EXPECT_EQ(wrapped("in /a/very/long/path/of/a/file today", 20),
            (Lines{"in", "/a/very/long/path/of/a/file", "today"}));
  EXPECT_EQ(wrapped("müde müde müde müde müde", 20), (Lines{"müde müde müde müde", "müde"}));
}

}  // namespace
}  // namespace kai
