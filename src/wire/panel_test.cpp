#include "wire/panel.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace kai::wire {
namespace {

TEST(Panel, ReadsAQuestionWithItsOptionsAndAnswers) {
  const auto panel = decode_panel_line(
      R"({"id":"x/1","set":"x","kind":"choice","question":"Which is a metal?",)"
      R"("options":["wood","iron"],"gold":"B","answers":[)"
      R"({"model":"m","params_b":1.5,"text":"The answer is (B).","chars":18,"correct":1},)"
      R"({"model":"n","params_b":7,"text":"","chars":0,"correct":0}]})");
  ASSERT_TRUE(panel) << panel.error().message;
  EXPECT_EQ(panel->shape, Shape::choice);
  EXPECT_EQ(panel->question, "Which is a metal?\nA) wood\nB) iron");
  EXPECT_EQ(panel->gold, "B");
  ASSERT_EQ(panel->answers.size(), 2u);
  EXPECT_EQ(panel->answers[0].billions, 1.5);
  EXPECT_EQ(panel->answers[0].score, 1);
  EXPECT_EQ(panel->answers[1].text, "");
}

TEST(Panel, ReadsAJudgesScoreOfOpenText) {
  const auto panel = decode_panel_line(R"({"id":"y","kind":"open","question":"Why?","answers":[)"
                                       R"({"model":"m","params_b":7,"text":"So.","score":0.25}]})");
  ASSERT_TRUE(panel) << panel.error().message;
  EXPECT_EQ(panel->answers[0].score, 0.25);
  EXPECT_FALSE(panel->gold);
}

TEST(Panel, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* line;
    const char* field;
  };
  const Case cases[] = {
      {"", "JSON"},
      {"[]", "object"},
      {R"({"id":"y","kind":"verse","question":"?","answers":[]})", "kind"},
      {R"({"id":"y","kind":"open","answers":[]})", "question"},
      {R"({"id":"y","kind":"open","question":"?"})", "answers"},
      {R"({"id":"y","kind":"open","question":"?","answers":[{"model":"m","params_b":-1,)"
       R"("text":"","score":0}]})",
       "params_b"},
      {R"({"id":"y","kind":"open","question":"?","answers":[{"model":"m","params_b":1,)"
       R"("text":"","score":2}]})",
       "score"},
  };
  for (const auto& [line, field] : cases) {
    const auto panel = decode_panel_line(line);
    ASSERT_FALSE(panel) << line;
    EXPECT_TRUE(panel.error().message.contains(field)) << panel.error().message;
  }
}

RC_GTEST_PROP(Panel, AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  (void)decode_panel_line(bytes);
  (void)decode_panel_line("{\"id\":\"" + bytes + "\",\"kind\":\"open\",\"answers\":[]}");
}

}  // namespace
}  // namespace kai::wire
