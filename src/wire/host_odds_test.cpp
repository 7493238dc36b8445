// What hosts tell of their tokens, as their protocols have it.
#include <gtest/gtest.h>

#include "wire/host_api.h"

namespace kai::wire {
namespace {

std::vector<TokenOdds> odds_of(HostKind kind, const std::string& line) {
  const auto part = decode_line(kind, line);
  EXPECT_TRUE(part && *part) << line;
  return part && *part ? (*part)->odds : std::vector<TokenOdds>{};
}

std::vector<TokenOdds> openai(const std::string& content) {
  return odds_of(HostKind::openai, R"(data: {"choices":[{"delta":{"content":"x"},"logprobs":)"
                                   R"({"content":)" +
                                       content + "}}]}");
}

TEST(HostOdds, OfOpenAisHosts) {
  const auto odds =
      openai(R"([{"token":" Paris","logprob":-0.5,"bytes":[32,80,97,114,105,115],"top_logprobs":)"
             R"([{"token":" Paris","logprob":-0.5,"bytes":null},{"token":"?","logprob":-2,)"
             R"("bytes":[195]}]},{"token":"!","logprob":0}])");
  ASSERT_EQ(odds.size(), 2u);
  EXPECT_EQ(odds[0].written, (TokenChance{" Paris", -0.5}));
  EXPECT_EQ(odds[0].likeliest, (std::vector<TokenChance>{{" Paris", -0.5}, {"\xC3", -2}}));
  EXPECT_EQ(odds[1].written, (TokenChance{"!", 0}));
}

TEST(HostOdds, OfOllamasHosts) {
  const auto odds =
      odds_of(HostKind::ollama,
              R"({"message":{"content":"a"},"done":false,"logprobs":[{"token":"a","logprob":-1,)"
              R"("top_logprobs":[{"token":"a","logprob":-1},{"token":"b","logprob":-3}]}]})");
  ASSERT_EQ(odds.size(), 1u);
  EXPECT_EQ(odds[0].written, (TokenChance{"a", -1}));
  EXPECT_EQ(odds[0].likeliest.size(), 2u);
}

TEST(HostOdds, WhatIsNoneIsLeftOut) {
  EXPECT_TRUE(openai("null").empty());
  EXPECT_TRUE(openai("7").empty());
  EXPECT_TRUE(openai(R"([7,{"token":"a"},{"token":"a","logprob":"x"}])").empty());
  const auto odd = openai(R"([{"token":"a","logprob":1,"bytes":[300]}])");
  ASSERT_EQ(odd.size(), 1u);
  EXPECT_EQ(odd[0].written, (TokenChance{"a", 0})) << "above 0 is 0, what is no byte no bytes";
  EXPECT_EQ(openai(R"([{"token":"a","logprob":-1e300}])")[0].written.logprob, -9999);
}

TEST(HostOdds, AreBounded) {
  std::string many = "[";
  for (int at = 0; at < 100; ++at) many += R"({"token":"a","logprob":-1},)";
  many.back() = ']';
  EXPECT_EQ(openai(many).size(), 64u);
  const auto beside = openai(R"([{"token":"a","logprob":-1,"top_logprobs":)" + many + "}]");
  ASSERT_EQ(beside.size(), 1u);
  EXPECT_EQ(beside[0].likeliest.size(), 20u);
  EXPECT_TRUE(openai(R"([{"token":")" + std::string(257, 'a') + R"(","logprob":-1}])").empty());
}

}  // namespace
}  // namespace kai::wire
