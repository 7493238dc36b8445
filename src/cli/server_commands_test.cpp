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
  EXPECT_EQ(parsed({"serve", "--address", "::1", "--port", "80"}).settings,
            (std::vector<Flag>{{"serve.address", "::1"}, {"serve.port", "80"}}));
  EXPECT_EQ(parsed({"keys"}).command, Command::keys_list);
  EXPECT_TRUE(parsed({"keys", "list", "--json"}).json);
  EXPECT_EQ(parsed({"keys", "revoke", "laptop"}).argument, "laptop");
  const auto made = parsed({"keys", "create", "laptop"});
  EXPECT_EQ(made.command, Command::keys_create);
  EXPECT_EQ(made.argument, "laptop");
  EXPECT_EQ(to_string(made.keys.scopes), "ask");
  EXPECT_EQ(made.keys.rate, 0);
  EXPECT_FALSE(made.keys.lifetime);
  const auto limited = parsed({"keys", "create", "a", "--scope", "watch,manage", "--rate", "60/min",
                               "--at-once", "4", "--expires", "90d"});
  EXPECT_EQ(to_string(limited.keys.scopes), "watch,manage");
  EXPECT_EQ(limited.keys.rate, 60);
  EXPECT_EQ(limited.keys.at_once, 4);
  EXPECT_EQ(limited.keys.lifetime, 90 * 24h);
  EXPECT_EQ(parsed({"keys", "create", "a", "--rate", "5", "--expires", "12h"}).keys.lifetime, 12h);
}

TEST(ServerCommands, WhatCannotBeMeantIsRefused) {
  struct Case {
    Words words;
    const char* why;
  };
  const Case cases[] = {{{"alerts", "silence"}, "ALERT"},
                        {{"alerts", "silence", "NoSuchAlert"}, "ModelDown"},
                        {{"alerts", "silence", "ModelDown", "--for", "31 days"}, "--for"},
                        {{"alerts", "silence", "ModelDown", "--for", "721h"}, "720h"},
                        {{"keys", "create"}, "NAME"},
                        {{"keys", "create", "a b"}, "no name of a key"},
                        {{"keys", "create", "a", "--scope", "all"}, "ask, watch and manage"},
                        {{"keys", "create", "a", "--rate", "0/min"}, "60/min"},
                        {{"keys", "create", "a", "--rate", "60/h"}, "60/min"},
                        {{"keys", "create", "a", "--at-once", "0"}, "--at-once"},
                        {{"keys", "create", "a", "--expires", "4000d"}, "90d"},
                        {{"keys", "create", "a", "--expires", "soon"}, "90d"},
                        {{"keys", "revoke"}, "NAME"}};
  for (const auto& [words, why] : cases) {
    const auto refused = parse_command_line(words, "1.2.3");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 2);
    EXPECT_TRUE(refused.error().text.contains(why)) << refused.error().text;
  }
}

}  // namespace
}  // namespace kai
