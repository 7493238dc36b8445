// Questions that ask for a form, told whole in virtual time: calls of tools are voted on, and who
// is cut at the length that was given is no failure.
#include <gtest/gtest.h>

#include "domain/tool_form.h"
#include "sim/testing.h"

namespace kai {
namespace {

using testing_sim::Stage;

const std::string tools(tool_form_mark);

TEST(ToolsStory, CallsAreComparedByNameAndArguments) {
  Stage stage;
  stage.model("a", R"({"tool": "f", "arguments": {"x": 1, "y": "b"}})", 0.4)
      .model("b", R"({"arguments": {"y": "b", "x": 1.0}, "tool": "f"})", 0.4)
      .model("c", R"({"tool": "f", "arguments": {"x": 2, "y": "b"}})", 0.5)
      .model("d", R"({"answer": "No tool is needed."})", 0.3);
  const Outcome outcome = stage.ask({.hear_all = true, .json_form = {tools, ""}});
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.voters, 4);
  EXPECT_EQ(outcome.verdict.agreeing, 2);
  EXPECT_EQ(outcome.verdict.groups[0].answer, R"({"arguments":{"x":1,"y":"b"},"tool":"f"})");
  EXPECT_EQ(outcome.verdict.dissent.size(), 2u);
}

TEST(ToolsStory, WordsAreComparedAsWords) {
  Stage stage;
  stage.model("a", R"({"answer": "Paris"})", 0.4)
      .model("b", R"({"answer": "It is Paris."})", 0.4)
      .model("c", R"({"tool": "f", "arguments": {}})", 0.5);
  const Outcome outcome = stage.ask({.hear_all = true, .json_form = {tools, ""}});
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.agreeing, 2);
  EXPECT_EQ(outcome.verdict.text, "Paris");
}

TEST(ToolsStory, AFenceIsNoPartOfADocument) {
  Stage stage;
  stage.model("a", "```json\n{\"city\": \"Paris\"}\n```", 0.4)
      .model("b", R"({"city":"Paris"})", 0.3);
  const Outcome outcome = stage.ask({.hear_all = true, .json_form = {"root ::= map", ""}});
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.agreeing, 2);
  EXPECT_FALSE(outcome.verdict.text.contains("```")) << outcome.verdict.text;
}

TEST(ToolsStory, WhoIsCutAtTheLengthIsNoFailure) {
  Stage stage;
  std::string many = R"({"text": "a)";
  for (int word = 0; word < 20000; ++word) many += " b";
  stage.model("a", many, 0.4).model("b", many + "c", 0.6);
  const Outcome outcome =
      stage.ask({.time_limit = std::chrono::hours(1), .json_form = {"root ::= map", ""}});
  ASSERT_TRUE(outcome.answered()) << outcome.error->message;
  EXPECT_EQ(outcome.verdict.voters, 0);
  EXPECT_TRUE(outcome.verdict.text.starts_with(R"({"text": "a b)")) << outcome.verdict.text;
  EXPECT_EQ(outcome.verdict.author, MemberId("b")) << "the stronger one";
  EXPECT_EQ(Stage::answer_of(outcome, "b").ending, Ending::token_limit);
}

TEST(ToolsStory, WhoWritesNoFormAtAllFails) {
  Stage stage;
  stage.model("a", "Paris");
  const Outcome outcome = stage.ask({.json_form = {"root ::= map", ""}});
  EXPECT_FALSE(outcome.answered());
}

}  // namespace
}  // namespace kai
