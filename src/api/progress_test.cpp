// The steps of a question beside its words, for clients that ask for them.
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

class ProgressTest : public testing_api::ApiTest {
 protected:
  ProgressTest() {
    event::Started started{.plan = {.tier = Tier::medium}};
    started.plan.asks.resize(1);
    started.plan.asks[0].member = MemberId("small:1b");
    script = {started, event::Loading{MemberId("small:1b"), 0},
              event::Draft{MemberId("small:1b"), "Paris.", false}, event::EarlyStop{"it is clear"}};
    ending.answers.resize(1);
    ending.answers[0].member = MemberId("small:1b");
    ending.answers[0].usage = {Tokens(5), Tokens(2)};
    serve_api();
  }

 public:
  static std::string chat(const std::string& how) {
    return R"({"model":"kai","stream":true,"messages":[{"role":"user","content":"Why?"}])" + how +
           "}";
  }
  static std::string by(const std::string& how) { return R"(,"kai":{"progress":")" + how + "\"}"; }
};

int count(const std::string& text, const std::string& words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

const std::string openai = "/v1/chat/completions";

TEST_F(ProgressTest, IsOffUnlessItIsAskedFor) {
  run([](ProgressTest& test) -> Task<void> {
    const auto said = co_await test.post(openai, chat(""));
    EXPECT_EQ(count(said, "loads"), 0) << said;
    EXPECT_EQ(count(said, R"("content":"Paris.")"), 1) << said;
  }(*this));
}

TEST_F(ProgressTest, ComesAsCommentsThatNoClientReads) {
  run([](ProgressTest& test) -> Task<void> {
    const auto said = co_await test.post(openai, chat(by("comment")));
    EXPECT_EQ(count(said, ": medium question, asks small:1b\n\n"), 1) << said;
    EXPECT_EQ(count(said, ": small:1b loads\n\n"), 1) << said;
    EXPECT_EQ(count(said, ": stops early: it is clear\n\n"), 1) << said;
    EXPECT_EQ(count(said, R"("role":"assistant","content":"Paris.")"), 1) << said;
    const auto newer = co_await test.post(
        "/v1/responses", R"({"model":"kai","input":"Why?","stream":true)" + by("comment") + "}");
    EXPECT_EQ(count(newer, ": small:1b loads\n\n"), 1) << newer;
    EXPECT_EQ(count(newer, R"("delta":"Paris.")"), 1) << newer;
  }(*this));
}

TEST_F(ProgressTest, ComesAsAFieldOfPartsWithoutWords) {
  run([](ProgressTest& test) -> Task<void> {
    const auto said = co_await test.post(openai, chat(by("field")));
    EXPECT_EQ(count(said, R"("kai":{"progress":"small:1b loads"})"), 1) << said;
    EXPECT_EQ(count(said, R"("role":"assistant")"), 1) << said;
    EXPECT_LT(said.find("\"role\""), said.find("small:1b loads")) << "the first part has it";
    EXPECT_EQ(count(said, R"("delta":{"content":"Paris."})"), 1) << said;
    const auto lines = co_await test.post("/api/chat", chat(by("field")));
    EXPECT_EQ(count(lines, R"("content":""},"done":false,"kai":{"progress":"small:1b loads"}})"), 1)
        << lines;
  }(*this));
}

TEST_F(ProgressTest, ComesAsWhatAModelThinks) {
  run([](ProgressTest& test) -> Task<void> {
    const auto said = co_await test.post(openai, chat(by("reasoning")));
    EXPECT_EQ(count(said, R"("reasoning_content":"small:1b loads\n")"), 1) << said;
    EXPECT_EQ(count(said, R"("content":"Paris.")"), 1) << said;
    const auto lines = co_await test.post("/api/chat", chat(by("reasoning")));
    EXPECT_EQ(count(lines, R"("content":"","thinking":"small:1b loads\n")"), 1) << lines;
    const auto prompt = co_await test.post(
        "/api/generate", R"({"model":"kai","prompt":"Why?")" + by("reasoning") + "}");
    EXPECT_EQ(count(prompt, R"("response":"","done":false,"thinking":"small:1b loads\n")"), 1)
        << prompt;
  }(*this));
}

TEST_F(ProgressTest, LeavesUsageAsItIs) {
  run([](ProgressTest& test) -> Task<void> {
    const std::string usage = R"(,"stream_options":{"include_usage":true})";
    const std::string sum = R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7})";
    for (const auto& how : {std::string(), by("field"), by("reasoning"), by("comment")}) {
      const auto said = co_await test.post(openai, chat(usage + how));
      EXPECT_EQ(count(said, sum), 1) << said;
    }
  }(*this));
}

TEST_F(ProgressTest, IsRefusedWhereAProtocolHasNoPlaceForIt) {
  run([](ProgressTest& test) -> Task<void> {
    const std::string whole = R"({"model":"kai","messages":[{"role":"user","content":"Why?"}])";
    struct Row {
      std::string path, body, why;
    };
    for (const auto& [path, body, why] :
         {Row{openai, chat(by("loud")), "must be comment or field or reasoning here"},
          Row{openai, whole + by("field") + "}", "is only for a stream"},
          Row{"/api/chat", chat(by("comment")), "must be field or reasoning here"},
          Row{"/v1/responses",
              R"({"model":"kai","input":"Why?","stream":true)" + by("reasoning") + "}",
              "must be comment here"}}) {
      const auto said = co_await test.post(path, body);
      EXPECT_TRUE(said.starts_with("HTTP/1.1 400 ")) << said;
      EXPECT_TRUE(said.contains(R"(field \"kai.progress\" )" + why)) << said;
    }
  }(*this));
}

}  // namespace
}  // namespace kai
