// kai bench quality on real models: a few questions in four ways.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

class KaiBench : public Kai {
 protected:
  void SetUp() override {
    Kai::SetUp();
    write("three.csv",
          "question,answer\n"
          "What is the capital of France?,Paris\n"
          "a row without an answer\n"
          "How much is 7 + 5?,12\n"
          "Why is the sky blue?,Because air scatters blue light most.\n");
    // An explanation that is cut is one all the same.
    write("config/kai/kai.toml",
          "tiers.simple.answer_max = 24\ntiers.medium.answer_max = 24\n"
          "tiers.complex.answer_max = 24\ntiers.expert.answer_max = 24\n");
  }
  std::string bench() const { return "\"$KAI\" bench quality " + path("three.csv") + " --seed 1"; }
};

TEST_F(KaiBench, PrintsFourArmsAndWhatEachModelIsWorth) {
  const Ran ran = shell(bench() + " -v --json " + path("out.json"));
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* part :
       {"3 questions, 2 marked", "1 asks for open text", "best ", "samples ", "adaptive ", "all ",
        "95 %", "won-lost", "gemma3:270m ", "smollm2:135m ", "ithout ", "Skipped: 1 row."}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in\n" << ran.out;
  }
  EXPECT_NE(ran.err.find("line 3 skipped: too few cells"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("line 4: 12 · best ✓"), std::string::npos) << ran.err;
  const Ran valid = holds_of(
      path("out.json"), "bench-quality",
      "assert document['problems'] == 3 and document['marked'] == 2, document\n"
      "assert [arm['arm'] for arm in document['arms']] == ['best', 'samples', 'adaptive', 'all']\n"
      "assert all(arm['tokens'] > 0 and arm['compute_ms'] > 0 for arm in document['arms'])\n"
      "assert len(document['worth']) == 2, document\n"
      "assert document['skipped'][0]['line'] == 3, document\n");
  EXPECT_EQ(valid.status, 0) << valid.err;
}

TEST_F(KaiBench, LeavesNothingInHistory) {
  ASSERT_EQ(shell(bench() + " --limit 1").status, 0);
  EXPECT_EQ(shell("\"$KAI\" logs --json").out, "");
  // The figures that `kai report` reads, for the user alone and without drafts beside them.
  const Ran kept = shell("stat -c '%a %n' \"$KAI_DATA_FOLDER\"/bench-quality*");
  EXPECT_EQ(kept.out, "600 " + path("data/bench-quality.json") + "\n");
  // The same, that the dashboard shows.
  const Ran shown = shell("cd \"$KAI_DATA_FOLDER\" && cmp bench-quality.json bench/quality-*.json");
  EXPECT_EQ(shown.status, 0) << shown.err;
}

TEST_F(KaiBench, AsksOnlyTheMembersThatAreNamed) {
  const Ran ran = shell(bench() + " --limit 1 --members gemma3:270m");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out.find("smollm2"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("There is one model"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("only the first 1 questions"), std::string::npos) << ran.err;
}

TEST_F(KaiBench, WrongFilesAndOptionsAreRefusedWithASentence) {
  struct Case {
    std::string arguments;
    const char* says;
  };
  write("empty", "");
  write("broken.csv", "prompt,gold\na,b\n");
  write("meaningless.csv", "question,answer\nHow much is 7 + 5?,?\n");
  const std::string three = path("three.csv");
  for (const auto& [arguments, says] :
       {Case{path("none.csv"), "there is no file"}, Case{path("empty"), "is empty"},
        Case{path("broken.csv"), "the first line must be the header"},
        Case{path("meaningless.csv"), "says nothing that could be compared"},
        Case{path(""), "is no file that can be read twice"}, Case{"", "FILE"},
        Case{three + " --limit 0", "--limit"}, Case{three + " --samples 9", "--samples"},
        Case{three + " --samples 8", "planner.samples_per_model_max"},
        Case{three + " --members nobody", "there is no model nobody"},
        Case{three + " --json " + path("no/folder/x"), "cannot be written"}}) {
    const Ran ran = shell("\"$KAI\" bench quality " + arguments);
    EXPECT_EQ(ran.status, 2) << arguments << ran.err;
    EXPECT_NE(ran.err.find(says), std::string::npos) << arguments << ran.err;
  }
}

TEST_F(KaiBench, WithoutAModelThatFitsThereIsNoTable) {
  const Ran ran = shell(bench() + " --set cpu.memory=64MiB");
  EXPECT_EQ(ran.status, 6) << ran.out << ran.err;
  EXPECT_EQ(ran.out, "");
}

TEST_F(KaiBench, AnInterruptPrintsWhatWasDone) {
  std::string many = "question,answer\n";
  for (int row = 0; row < 200; ++row) many += "How much is 7 + 5?,12\n";
  write("many.csv", many);
  // Interrupted as soon as the third row's marks are told.
  const Ran ran = shell("mkfifo " + path("told") + "\n\"$KAI\" bench quality " + path("many.csv") +
                        " -v 2>" + path("told") +
                        " &\n"
                        "while read -r line; do\n"
                        "  case $line in *'line 4:'*) kill -INT $!;; esac\n"
                        "done <" +
                        path("told") + "\nwait $!");
  EXPECT_EQ(ran.status, 130) << ran.err;
  EXPECT_NE(ran.out.find(" marked right or wrong"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("adaptive "), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("200 questions"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace kai
