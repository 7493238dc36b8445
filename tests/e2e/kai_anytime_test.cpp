// Open text on a real terminal while it is written (R33), and one text made of all answers.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const std::string tides = "'Explain how the tides come about'";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// The answer's first words, from history: at most `bytes`, of its first line.
constexpr const char* first_words =
    "\"$KAI\" logs --json -n 1 | python3 -c '"
    "import json,sys; d = json.loads(sys.stdin.readline()); "
    "print(d[\"text\"].split(chr(10))[0][:24], end=\"\")'";

TEST_F(Kai, OpenTextStandsOnTheTerminalOnceWhileOthersStillWrite) {
  if (std::getenv("KAI_TEST_ALL") == nullptr && shell("script -qec true /dev/null").status != 0) {
    GTEST_SKIP() << "there are no pseudo-terminals here";
  }
  const Ran ran = shell(
      "script -qec \"$KAI ask --tier simple --seed 5 \\\"Explain how the tides "
      "come about\\\"\" /dev/null </dev/null",
      100s);
  const Ran history = shell(first_words);
  ASSERT_EQ(history.status, 0) << history.err << ran.out;
  ASSERT_FALSE(history.out.empty());
  EXPECT_EQ(count(ran.out, history.out), 1u + count(ran.out, "says \"" + history.out))
      << history.out << "\n"
      << ran.out;
  // Its words came before the line that tells how everyone ended.
  EXPECT_LT(ran.out.find(history.out), ran.out.rfind("agree")) << ran.out;
  const bool told = ran.out.contains("confirmed · ") || ran.out.contains("revised · ") ||
                    ran.out.contains("1 answer");
  EXPECT_TRUE(told) << ran.out;
}

TEST_F(Kai, AFileGetsTheFinalAnswerOnly) {
  const Ran ran = shell("\"$KAI\" ask --tier simple --seed 5 " + tides, 100s);
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Ran history = shell(first_words);
  EXPECT_EQ(count(ran.out, history.out), 1u) << ran.out;
  EXPECT_FALSE(ran.out.contains("agree")) << ran.out;
}

TEST_F(Kai, ASynthesisIsToldApartOrRefusedWithItsReason) {
  const Ran ran =
      shell("\"$KAI\" ask --synthesize --json --tier simple 'How much is 7 + 5?'", 100s);
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Ran valid = holds(ran.out,
                          "made = document['synthesis']\n"
                          "assert made['merged'] >= 2 or made['refused'], made\n"
                          "assert made['text'] or made['refused'], made\n"
                          "assert all(m['member'] != 'synthesis' for m in document['members'])\n");
  EXPECT_EQ(valid.status, 0) << valid.err << ran.out;
  const Ran spoken = shell("\"$KAI\" ask --synthesize --tier simple 'How much is 7 + 5?'", 100s);
  EXPECT_TRUE(spoken.err.contains("not voted on:") || spoken.err.contains("no synthesis: "))
      << spoken.err;
}

}  // namespace
}  // namespace kai
