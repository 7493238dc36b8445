#include "cli/shell_word.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/process.h"

namespace kai {
namespace {

TEST(ShellWord, WhatNeedsNoQuotesHasNone) {
  for (const std::string text :
       {"examples/reference-pc.json", "tiers.simple.timeout=1h", "gemma:2b,llama3.2:3b", "--pc"}) {
    EXPECT_EQ(shell_word(text), text);
  }
}

TEST(ShellWord, TheRestIsQuoted) {
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("my pc.json"), "'my pc.json'");
  EXPECT_EQ(shell_word("~/pc.json"), "'~/pc.json'");
  EXPECT_EQ(shell_word("it's; rm -rf $HOME"), "'it'\\''s; rm -rf $HOME'");
  EXPECT_EQ(shell_word("two\nlines'"), "$'two\\x0alines\\''");
}

TEST(ShellWord, BashReadsItBack) {
  for (const std::string text : {"", "a b", "it's", "$(false) `x` \\ \"", "a\x01\n'\\", "über"}) {
    const auto ran = run_process({"/bin/bash", "-c", "printf '[%s]' " + shell_word(text)},
                                 std::chrono::seconds(20));
    ASSERT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(ran->text, "[" + text + "]");
  }
}

RC_GTEST_PROP(ShellWord, IsOneLineWithoutControls, (const std::string& text)) {
  for (const char c : shell_word(text)) {
    RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
}

}  // namespace
}  // namespace kai
