#include "worker/text_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <utf8.h>

namespace kai {
namespace {

std::string all(TextStream& stream, const std::vector<std::string>& pieces) {
  std::string text;
  for (const auto& piece : pieces) text += stream.push(piece);
  return text + stream.finish();
}

TEST(TextStream, NeverSplitsACharacter) {
  TextStream stream({});
  EXPECT_EQ(stream.push("a\xF0\x9F"), "a");
  EXPECT_EQ(stream.push("\x98"), "");
  EXPECT_EQ(stream.push("\x80!"), "\xF0\x9F\x98\x80!");
}

TEST(TextStream, EndsBeforeAStopStringSplitOverPieces) {
  TextStream stream({"\nQuestion:"});
  EXPECT_EQ(stream.push("Paris\nQue"), "Paris");
  EXPECT_EQ(stream.push("stion: next"), "");
  EXPECT_TRUE(stream.stopped());
  EXPECT_EQ(stream.finish(), "");
}

TEST(TextStream, GivesBackWhatOnlyLookedLikeAStopString) {
  TextStream stream({"\nQuestion:"});
  EXPECT_EQ(stream.push("one\nQ"), "one");
  EXPECT_EQ(stream.push("uick"), "\nQuick");
}

TEST(TextStream, DropsLeadingBlanksOnly) {
  TextStream stream({});
  EXPECT_EQ(all(stream, {" ", "\n Paris", " is "}), "Paris is ");
}

TEST(TextStream, ReplacesBytesThatAreNoText) {
  TextStream stream({});
  EXPECT_EQ(all(stream, {"a\xFF", "b"}),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(TextStream, ReplacesACharacterCutOffByTheEnd) {
  TextStream stream({});
  EXPECT_EQ(all(stream, {"a\xE2\x82"}), "a\xEF\xBF\xBD");
}

RC_GTEST_PROP(TextStream, TheSplitIntoPiecesDoesNotMatter, (std::string text)) {
  TextStream whole({"ab", "b\n"});
  const std::string expected = all(whole, {text});
  TextStream stream({"ab", "b\n"});
  std::string got;
  for (const char byte : text) got += stream.push(std::string_view(&byte, 1));
  got += stream.finish();
  RC_ASSERT(utf8::is_valid(got.begin(), got.end()));
  if (utf8::is_valid(text.begin(), text.end())) RC_ASSERT(got == expected);
}

}  // namespace
}  // namespace kai
