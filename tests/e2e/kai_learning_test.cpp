// kai learns from what its user says: feedback, skills, replay, on real models.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

class KaiLearning : public Kai {
 protected:
  // Asks, and gives the question's id.
  std::string ask(const std::string& question) const {
    const Ran ran = shell("\"$KAI\" ask --json '" + question + "'");
    EXPECT_EQ(ran.status, 0) << ran.err;
    const auto at = ran.out.find("\"id\":\"");
    return at == std::string::npos ? "" : ran.out.substr(at + 6, 28);
  }
  std::string skills() const { return shell("\"$KAI\" skills --json").out; }
};

TEST_F(KaiLearning, FeedbackTeachesShowsAndIsForgotten) {
  const std::string id = ask("How much is 7 + 5?");
  const std::string before = skills();
  EXPECT_NE(before.find(R"("shape":"number","lessons":0,"labels":0)"), std::string::npos);
  const Ran said = shell("\"$KAI\" feedback " + id + " --answer 12");
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_NE(said.err.find("1 with feedback"), std::string::npos) << said.err;
  EXPECT_NE(skills().find(R"("shape":"number","lessons":1,"labels":1)"), std::string::npos)
      << skills();
  EXPECT_EQ(shell("\"$KAI\" feedback " + id + " good").status, 0);  // said anew: still one
  EXPECT_NE(skills().find(R"("shape":"number","lessons":1,"labels":1)"), std::string::npos);
  EXPECT_EQ(shell("\"$KAI\" skills --reset").status, 0);
  EXPECT_EQ(skills(), before);
}

TEST_F(KaiLearning, SomeQuestionsAreAskedInFullAndItIsSaid) {
  const std::string ask = "KAI_LEARNING_FULL_SHARE=1 KAI_LEARNING_ORDER_SHARE=0 \"$KAI\" ask -v ";
  const std::string question = "'What is the capital of France?'";
  const Ran full = shell(ask + question);
  EXPECT_EQ(full.status, 0) << full.err;
  EXPECT_NE(full.err.find("asked in full, to learn when to stop"), std::string::npos) << full.err;
  EXPECT_EQ(full.err.find("stopped early"), std::string::npos) << full.err;
  const Ran chosen = shell(ask + "--tier simple " + question);  // the user's word comes first
  EXPECT_EQ(chosen.err.find("asked in full"), std::string::npos) << chosen.err;
}

TEST_F(KaiLearning, WrongFeedbackIsRefusedWithASentence) {
  const std::string id = ask("How much is 7 + 5?");
  struct Case {
    const char* words;
    const char* says;
  };
  const std::string given = "\"$KAI\" feedback ";
  for (const auto& [words, says] :
       {Case{"q_nothing good", "kai logs"}, Case{"ID maybe", "good"}, Case{"ID", "--answer"},
        Case{"ID --answer ' '", "--answer is empty"}, Case{"ID good --answer 12", "answer"}}) {
    std::string line = words;
    if (line.starts_with("ID")) line.replace(0, 2, id);
    const Ran ran = shell(given + line);
    EXPECT_EQ(ran.status, 2) << words << ran.err;
    EXPECT_NE(ran.err.find(says), std::string::npos) << words << ran.err;
  }
}

TEST_F(KaiLearning, ADamagedSheetIsLearnedAgainAndSaid) {
  const std::string id = ask("How much is 7 + 5?");
  ASSERT_EQ(shell("\"$KAI\" feedback " + id + " good").status, 0);
  const std::string before = skills();
  const Ran damage = shell(
      "python3 - <<'E'\n"
      "import sqlite3\n"
      "file = sqlite3.connect('" +
      path("data/kai.db") +
      "')\n"
      "assert file.execute(\"UPDATE learned SET document = '{oh'\").rowcount == 1\n"
      "file.commit()\n"
      "E");
  ASSERT_EQ(damage.status, 0) << damage.err;
  const Ran ran = shell("\"$KAI\" ask 'How much is 7 + 5?'");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.err.find("damaged; it is learned again"), std::string::npos) << ran.err;
  EXPECT_NE(skills().find(R"("labels":1)"), std::string::npos);
}

TEST_F(KaiLearning, AReplayUnderTheSameRulesIsTheSameToTheByte) {
  const Ran asked = shell("\"$KAI\" ask --json 'What is the capital of France?'");
  ASSERT_EQ(asked.status, 0) << asked.err;
  const auto at = asked.out.find("\"id\":\"");
  const std::string id = asked.out.substr(at + 6, 28);
  const Ran replayed = shell("\"$KAI\" replay " + id + " --json");
  EXPECT_EQ(replayed.status, 0) << replayed.err;
  std::string verdict = replayed.out;
  while (verdict.ends_with('\n')) verdict.pop_back();
  EXPECT_NE(asked.out.find("\"verdict\":" + verdict), std::string::npos) << verdict << asked.out;
  const Ran others = shell("\"$KAI\" replay " + id + " --members gemma3:270m");
  EXPECT_EQ(others.status, 0) << others.err;
  EXPECT_NE(others.out.find("Paris"), std::string::npos) << others.out;
  const Ran nobody = shell("\"$KAI\" replay " + id + " --members llama3:8b");
  EXPECT_EQ(nobody.status, 2) << nobody.err;
}

}  // namespace
}  // namespace kai
