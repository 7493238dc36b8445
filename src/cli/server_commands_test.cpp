#include <gtest/gtest.h>

#include "cli/command_line.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

TEST(ServerCommands, AreKnown) {
  const auto parsed = [](Words words) {
    const auto invocation = parse_command_line(std::move(words), "1.2.3");
    EXPECT_TRUE(invocation) << invocation.error().text;
    return invocation.value_or(Invocation{});
  };
  EXPECT_EQ(parsed({"serve"}).command, Command::serve);
  EXPECT_EQ(parsed({"top"}).command, Command::top);
  EXPECT_EQ(parsed({"alerts"}).command, Command::alerts_list);
  EXPECT_TRUE(parsed({"alerts", "--json"}).json);
  const auto silence = parsed({"alerts", "silence", "ModelDown"});
  EXPECT_EQ(silence.command, Command::alerts_silence);
  EXPECT_EQ(silence.argument, "ModelDown");
  EXPECT_EQ(silence.silence, 1h);
  EXPECT_EQ(parsed({"alerts", "silence", "ModelDown", "--for", "0s"}).silence, 0s);
}

TEST(ServerCommands, WhatCannotBeMeantIsRefused) {
  struct Case {
    Words words;
    const char* why;
  };
  const Case cases[] = {{{"alerts", "silence"}, "ALERT"},
                        {{"alerts", "silence", "NoSuchAlert"}, "ModelDown"},
                        {{"alerts", "silence", "ModelDown", "--for", "31 days"}, "--for"},
                        {{"alerts", "silence", "ModelDown", "--for", "721h"}, "720h"}};
  for (const auto& [words, why] : cases) {
    const auto refused = parse_command_line(words, "1.2.3");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 2);
    EXPECT_TRUE(refused.error().text.contains(why)) << refused.error().text;
  }
}

}  // namespace
}  // namespace kai
