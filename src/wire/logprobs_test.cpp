// How likely an answer's tokens were, in OpenAI's protocols: the tokens are those of its words.
#include "wire/logprobs.h"

#include <gtest/gtest.h>

#include "wire/chat_testing.h"
#include "wire/openai.h"
#include "wire/responses.h"

namespace kai::wire {
namespace {

// The answer of one member, written by these tokens.
Outcome written(std::string words, const std::vector<std::string>& tokens) {
  Outcome outcome = testing_chat::outcome();
  outcome.answers[0].text = words;
  outcome.verdict.text = std::move(words);
  for (const auto& token : tokens) outcome.tokens.push_back({{token, -0.5}, {}});
  return outcome;
}

std::string bytes_of(const std::vector<Spelled>& pieces) {
  std::string bytes;
  for (const auto& piece : pieces) {
    for (const auto& token : piece.tokens) bytes += token.written.bytes;
  }
  return bytes;
}

std::string words_of(const std::vector<Spelled>& pieces) {
  std::string words;
  for (const auto& piece : pieces) words += piece.words;
  return words;
}

TEST(Logprobs, TokensAreThoseOfTheWords) {
  struct Row {
    std::string words;
    std::vector<std::string> tokens;
    std::string kept;
  };
  for (const auto& [words, tokens, kept] :
       {Row{"Paris.", {"Paris", "."}, "Paris."},
        Row{"Paris.", {"\n", " Paris", "."}, " Paris."},     // blanks in front are left out
        Row{"Paris", {" Paris", ". EN", "D"}, " Paris"},     // a stop string ". END"
        Row{"Paris", {" Par", "is. E", "ND"}, " Paris. E"},  // … that begins within a token
        Row{"\xC3\xA9t\xC3\xA9",
            {"\xC3", "\xA9t\xC3", "\xA9"},  // parts of characters
            "\xC3\xA9t\xC3\xA9"}}) {
    const Outcome outcome = written(words, tokens);
    const auto pieces = spelled(outcome, words);
    EXPECT_EQ(words_of(pieces), words);
    EXPECT_EQ(bytes_of(pieces), kept);
  }
}

TEST(Logprobs, WhatStoodBeforeTheAnswerIsLeftOut) {
  Outcome outcome = written("hm, Lyon? No, Paris", {"hm,", " Lyon?", " No,", " Paris"});
  outcome.verdict.text = "Paris";
  EXPECT_EQ(bytes_of(spelled(outcome, "Paris")), " Paris");
}

TEST(Logprobs, WordsThatAreNotTheTokensHaveNone) {
  for (const auto& outcome :
       {written("Paris", {}), written("Paris", {"Lyon"}), written("a\xEF\xBF\xBD", {"a\xFF"})}) {
    const auto pieces = spelled(outcome, outcome.verdict.text);
    ASSERT_EQ(pieces.size(), 1u);
    EXPECT_EQ(pieces[0].words, outcome.verdict.text);
    EXPECT_TRUE(pieces[0].tokens.empty());
    EXPECT_TRUE(all_logprobs(outcome, outcome.verdict.text).is_null());
  }
  EXPECT_TRUE(spelled(written("", {"x"}), "").empty());
}

TEST(Logprobs, PiecesAreShortAndSplitNoCharacter) {
  std::string words;
  std::vector<std::string> tokens;
  for (int at = 0; at < 100; ++at) {
    words += "\xC3\xA9";
    tokens.emplace_back("\xC3");
    tokens.emplace_back("\xA9");
  }
  tokens.insert(tokens.begin(), "");  // so that sixteen tokens end within one
  const Outcome outcome = written(words, tokens);
  const auto pieces = spelled(outcome, words);
  EXPECT_EQ(words_of(pieces), words);
  EXPECT_EQ(bytes_of(pieces), words);
  EXPECT_GT(pieces.size(), 10u);
  for (const auto& piece : pieces) {
    EXPECT_LE(piece.tokens.size(), 17u);
    EXPECT_EQ(valid_utf8(piece.words), piece.words);
  }
}

Outcome paris() {
  Outcome outcome = written("Paris.", {" Paris", "."});
  outcome.tokens[0].likeliest = {{" Paris", -0.5}, {"\xC3", -2}};
  return outcome;
}

constexpr const char* first_token =
    R"({"token":" Paris","logprob":-0.5,"bytes":[32,80,97,114,105,115],"top_logprobs":[)"
    R"({"token":" Paris","logprob":-0.5,"bytes":[32,80,97,114,105,115]},)"
    R"({"token":"�","logprob":-2,"bytes":[195]}]})";
constexpr const char* second_token =
    R"({"token":".","logprob":-0.5,"bytes":[46],"top_logprobs":[]})";

TEST(Logprobs, OfAChatAreTheGoldenObject) {
  const openai::Stamp stamp{"c", "kai:auto", WallTime{}, false, true};
  const std::string tokens = std::string("[") + first_token + "," + second_token + "]";
  EXPECT_TRUE(openai::encode_chat(stamp, paris())
                  .contains(R"("logprobs":{"content":)" + tokens + R"(,"refusal":null})"));
  const std::string events = openai::encode_all_words(stamp, paris(), true);
  EXPECT_TRUE(events.contains(R"("delta":{"role":"assistant","content":"Paris."},)"
                              R"("logprobs":{"content":)" +
                              tokens))
      << events;
  const openai::Stamp plain{"c", "kai:auto", WallTime{}, false, false};
  EXPECT_TRUE(openai::encode_chat(plain, paris()).contains(R"("logprobs":null)"));
}

TEST(Logprobs, OfAResponseAreWithItsText) {
  ChatRequest request;
  request.top_logprobs = 2;
  openai::ResponseWriter writer(request, WallTime{});
  const std::string tokens =
      std::string(R"("logprobs":[)") + first_token + "," + second_token + "]";
  EXPECT_TRUE(writer.whole(paris()).contains(tokens));
  const std::string words = writer.all_words(paris());
  EXPECT_TRUE(words.contains(R"("delta":"Paris.",)" + tokens)) << words;
  const std::string last = writer.last(paris());
  EXPECT_TRUE(last.contains(R"("text":"Paris.",)" + tokens)) << last;
}

TEST(Logprobs, AreAskedForWithinTheirBounds) {
  const std::string question =
      R"({"model":"kai","messages":[{"role":"user","content":"Why?"}],"logprobs":true)";
  const auto chat = openai::decode_chat(question + R"(,"top_logprobs":20,"max_tokens":975})");
  ASSERT_TRUE(chat) << chat.error().message;
  EXPECT_EQ(chat->top_logprobs, 20);
  EXPECT_EQ(openai::decode_chat(question + "}")->top_logprobs, 0);
  const std::string asked = R"({"model":"kai","input":"Why?","include":)"
                            R"(["message.output_text.logprobs"],"top_logprobs":3})";
  EXPECT_EQ(openai::decode_response_request(asked)->top_logprobs, 3);
  for (const auto& [more, named] :
       {std::pair{R"(,"top_logprobs":21})", "top_logprobs"},
        std::pair{R"(,"top_logprobs":20,"max_tokens":976})", "max_tokens"},
        std::pair{R"(,"top_logprobs":0,"max_completion_tokens":20481})", "max_completion_tokens"},
        std::pair{R"(,"tools":[{"type":"function","function":{"name":"f"}}]})", "logprobs"}}) {
    const auto refused = openai::decode_chat(question + more);
    ASSERT_FALSE(refused) << more;
    EXPECT_TRUE(refused.error().message.contains("\"" + std::string(named) + "\""))
        << refused.error().message;
  }
}

}  // namespace
}  // namespace kai::wire
