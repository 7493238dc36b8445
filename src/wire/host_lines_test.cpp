#include "wire/host_lines.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace kai::wire {
namespace {

std::string line_of(std::string_view words, std::string_view finish = "null") {
  return fmt::format(
      R"(data: {{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":)"
      R"([{{"index":0,"delta":{{"content":"{}"}},"logprobs":null,"finish_reason":{}}}]}})",
      words, finish);
}

std::string shown(const Result<std::optional<HostPart>>& part) {
  if (!part) return "error: " + part.error().message;
  if (!*part) return "nothing";
  const HostPart& one = **part;
  return fmt::format("words \"{}\" ending {} usage {} over {} thinks {} error \"{}\"", one.words,
                     one.ending ? static_cast<int>(*one.ending) : -1,
                     one.usage ? one.usage->answer.count : -1, one.over, one.thinks, one.error);
}

void expect_same(const std::vector<std::string>& lines) {
  HostLines reader(HostKind::openai);
  for (const auto& line : lines) {
    EXPECT_EQ(shown(reader.decode(line)), shown(decode_line(HostKind::openai, line))) << line;
  }
}

TEST(HostLines, ReadsEachLineAsIfItStoodAlone) {
  expect_same({line_of("Par"), line_of("is"), line_of(""), line_of(R"(a\nb)"), line_of("ü"),
               line_of("\xff"), line_of(R"(","content":"x)"),
               line_of(R"(x"},"delta":{"content":"y)"), line_of(" is", R"("stop")"),
               line_of("on", R"("length")"), ": idle", "",
               R"(data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}})",
               R"(data: {"error":{"message":"full"}})", "data: [DONE]", line_of("late")});
}

// A field of the same name that is not the answer's.
TEST(HostLines, TakesNothingForTheWordsThatIsNot) {
  const std::string logprobs =
      R"(data: {"choices":[{"delta":{"content":"a"},"logprobs":{"content":[]}}]})";
  const std::string beside = R"(data: {"content":"a","choices":[{"delta":{"content":"a"}}]})";
  const std::string changed = R"(data: {"content":"b","choices":[{"delta":{"content":"a"}}]})";
  const std::string thought = R"(data: {"choices":[{"delta":{"reasoning":"hm","content":"a"}}]})";
  expect_same({logprobs, logprobs, beside, changed, beside, thought, thought});
}

RC_GTEST_PROP(HostLines, NoLineIsReadOtherwiseForThoseBeforeIt, ()) {
  const auto word = rc::gen::element<std::string>(
      "", "a", " b", "\"", "\\", "\\\"", "\\u00e9", "é", "\x80", "\n", "{", "}", "content",
      R"("content":")", R"("},"finish_reason":"stop)", "data: ");
  const auto words = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(word));
  HostLines reader(HostKind::openai);
  for (const auto& pieces : words) {
    std::string text;
    for (const auto& piece : pieces) text += piece;
    const std::string line = line_of(text);
    RC_ASSERT(shown(reader.decode(line)) == shown(decode_line(HostKind::openai, line)));
  }
}

}  // namespace
}  // namespace kai::wire
