// kai simulate and kai report: of a PC in virtual time, and of this machine.
#include "tests/e2e/kai.h"

namespace kai {
namespace {

const std::string pc = KAI_SOURCE "/examples/reference-pc.json";

// Needs no model.
class KaiReport : public Kai {
 protected:
  void SetUp() override {
    set("KAI_MODELS", folder_.path() + "/none");
    set("KAI_DATA_FOLDER", folder_.path() + "/data");
    set("KAI_RUNTIME_FOLDER", runtime());
    set("XDG_CONFIG_HOME", folder_.path() + "/config");
    set("OLLAMA_MODELS", folder_.path() + "/ollama");
    set("KAI_WORKER", KAI_WORKER);
  }
};

TEST_F(KaiReport, SimulatesAQuestionWithItsPlan) {
  const Ran ran = shell("\"$KAI\" simulate --pc " + pc + " 'What is Python?'");
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* part : {"Simulated, not measured", "What is Python?", "█ writes", "gpu0",
                           "simulated", "busy", "the same models"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in\n" << ran.out;
  }
}

TEST_F(KaiReport, SimulatesManyQuestionsTheSameEachTime) {
  write("questions.txt", "What is Python?\n\nExplain how machine learning works\n");
  const std::string line = "\"$KAI\" simulate --json --pc " + pc + " --questions ";
  const Ran ran = shell(line + path("questions.txt") + " >" + path("one.json") +
                        "; python3 - <<'E'\nimport json\n"
                        "document = json.load(open('" +
                        path("one.json") +
                        "'))\n"
                        "assert document['schema'] == 'kai.simulation.v1'\n"
                        "assert document['simulated'] is True and document['plan'] is None\n"
                        "tiers = [one['tier'] for one in document['questions']]\n"
                        "assert tiers == ['simple', 'medium'], tiers\n"
                        "for one in document['questions']:\n"
                        "  assert 0 < one['kai']['time_ms'] <= one['kai_all_heard']['time_ms']\n"
                        "  assert one['kai']['time_ms'] < one['original_all_models']['time_ms']\n"
                        "E");
  EXPECT_EQ(ran.status, 0) << ran.err;
  const std::string twelve = line + "12 --seed 7 2>&1";
  const Ran once = shell(twelve);
  EXPECT_EQ(once.status, 0) << once.out;
  EXPECT_EQ(once.out, shell(twelve).out);
}

TEST_F(KaiReport, WhatIsWrongIsNamed) {
  write("bad.json", R"({"const": {"BWG": -1}})");
  std::string typed = read(pc);
  write("typed.json", typed.insert(typed.find("\"VRAM\""), "\"Vram\": 24, "));
  write("long.txt", "What is Python?\n" + std::string(70'000, 'x') + "\n");
  struct Case {
    std::string options;
    std::string said;
  };
  for (const auto& [options, said] : std::initializer_list<Case>{
           {"simulate --pc " + path("bad.json") + " x", "\"const.BWG\" must be a number from"},
           {"simulate --pc " + path("typed.json") + " x", "\"const.Vram\" is not known"},
           {"simulate --pc " + path("nowhere.json") + " x", "cannot be read"},
           {"simulate --pc " + pc, "there is no question"},
           {"simulate --pc " + pc + " --models nobody x", "no model \"nobody\""},
           {"simulate --pc " + pc + " --models gemma:2b,gemma:2b x", "twice"},
           {"simulate --pc " + pc + " --questions 1001", "a number from 1 to 1000"},
           {"simulate --pc " + pc + " --tokens 0 x", "not in range"},
           {"simulate --pc " + pc + " --questions " + path("long.txt"), "line 2 is longer"},
           {"simulate --pc " + pc + " --questions 3 x", "excludes"},
           {"report --pc " + path("bad.json"), "\"const.BWG\""},
           {"report --models gemma:2b", "add --pc"}}) {
    const Ran ran = shell("\"$KAI\" " + options + " </dev/null");
    EXPECT_EQ(ran.status, 2) << options << '\n' << ran.err;
    EXPECT_NE(ran.err.find(said), std::string::npos) << said << " is not in\n" << ran.err;
  }
}

// `make report` writes it anew.
TEST_F(KaiReport, DocsPerformanceIsWhatIsWrittenToday) {
  const std::string page = read(KAI_SOURCE "/docs/performance.md");
  const auto begin = page.find("`kai report");
  ASSERT_NE(begin, std::string::npos);
  const std::string command = page.substr(begin + 5, page.find('`', begin + 1) - begin - 5);
  const Ran ran =
      shell("cd " KAI_SOURCE " && \"$KAI\" " + command + " --json --out " + path("out"));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(read(path("out/performance.md")), page) << "`make report` writes it anew";
  int pictures = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path("out"))) {
    if (entry.path().extension() != ".svg") continue;
    ++pictures;
    const std::string name = entry.path().filename();
    EXPECT_EQ(read(entry.path()), read(KAI_SOURCE "/docs/" + name)) << name;
    EXPECT_NE(page.find("(" + name + ")"), std::string::npos) << name;
  }
  EXPECT_EQ(pictures, 4);
  const Ran valid = holds_of(path("out/performance.json"), "report",
                             "assert document['simulated'] and len(document['tiers']) == 4\n"
                             "assert all(one['faster'] > 1 for one in document['tiers'])\n"
                             "assert len(document['kinds']) == 20 and document['curve']\n"
                             "assert len(document['timeouts']) == 4\n");
  EXPECT_EQ(valid.status, 0) << valid.err;
}

TEST_F(KaiReport, WhatNobodyAnswersIsAnErrorToo) {
  const std::string late = "\"$KAI\" simulate --pc " + pc + " --tokens 16384 --deadline 100ms ";
  for (const std::string more : {"", "--json "}) {
    const Ran one = shell(late + more + "'What is Python?'");
    EXPECT_EQ(one.status, 6) << one.out << one.err;
    const Ran many = shell(late + more + "--questions 3");
    EXPECT_EQ(many.status, 5) << many.out << many.err;
    EXPECT_NE(many.out.find(more.empty() ? "no answer: " : "\"error\":\""), std::string::npos)
        << many.out;
  }
}

TEST_F(KaiReport, SaysHowItIsMadeAgainAndLeavesNoOldPicture) {
  std::filesystem::copy(pc, path("my pc; it's `mine`.json"));
  write("out/performance-quality.svg", "of an earlier report");
  write("out/other-quality.svg", "of another");
  const std::string options =
      " --models gemma:2b,mistral:7b --set planner.splits=true --out " + path("out");
  const Ran ran = shell("cd " + path("") +
                        " && \"$KAI\" report --pc \"my pc; it's "
                        "\\`mine\\`.json\"" +
                        options);
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(path("out/performance-quality.svg")));
  EXPECT_EQ(read(path("out/other-quality.svg")), "of another");
  EXPECT_TRUE(std::filesystem::exists(path("out/performance-tiers.svg")));
  const std::string page = read(path("out/performance.md"));
  const std::string command =
      "kai report --set planner.splits=true --pc 'my pc; it'\\''s `mine`.json' "
      "--models gemma:2b,mistral:7b";
  EXPECT_NE(page.find("Written by `` " + command + " ``; not by hand."), std::string::npos)
      << page.substr(0, 300);
  const Ran again = shell("cd " + path("") + " && kai() { \"$KAI\" \"$@\"; } && " + command +
                          " --out " + path("again"));
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read(path("again/performance.md")), page);
}

TEST_F(KaiReport, OfAMachineWithoutHistorySaysWhatBringsIt) {
  const Ran ran = shell("\"$KAI\" report");
  EXPECT_EQ(ran.status, 0) << ran.err;
  for (const char* part : {"Performance on this machine", "What is missing", "kai ask --mode all",
                           "kai bench models", "kai bench quality"}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << " is not in\n" << ran.out;
  }
  write("data/bench-quality.json", "{\"schema\": \"other\"}");
  const Ran damaged = shell("\"$KAI\" report");
  EXPECT_EQ(damaged.status, 0) << damaged.err;
  EXPECT_NE(damaged.out.find("is of another document"), std::string::npos) << damaged.out;
  std::filesystem::remove(path("data/bench-quality.json"));
  const Ran json = shell("\"$KAI\" report --json >" + path("empty.json"));
  EXPECT_EQ(json.status, 0) << json.err;
  const Ran valid = holds_of(path("empty.json"), "report",
                             "assert not document['simulated'] and document['tiers'] == []\n"
                             "assert len(document['missing']) == 5, document\n");
  EXPECT_EQ(valid.status, 0) << valid.err;
}

class KaiReportOfAMachine : public Kai {};

TEST_F(KaiReportOfAMachine, ComparesWhatWasAskedInBothWays) {
  write("two.csv",
        "question,answer\nWhat is the capital of France?,Paris\nHow much is 7 + 5?,12\n");
  const Ran ran = shell(
      "\"$KAI\" ask 'What is the capital of France?' </dev/null && "
      "\"$KAI\" ask --mode all 'What is the capital of France?' </dev/null && "
      "id=$(\"$KAI\" logs --json -n 2 | tail -1 | python3 -c "
      "'import json,sys; print(json.loads(sys.stdin.readline())[\"id\"])') && "
      "\"$KAI\" feedback $id good && "
      "\"$KAI\" report --json >" +
      path("report.json"));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Ran valid = holds_of(
      path("report.json"), "report",
      "rows = document['tiers']\n"
      "assert [row['tier'] for row in rows] == ['simple'], rows\n"
      "row = rows[0]\n"
      "assert row['adaptive']['questions'] == 1 and row['original']['questions'] == 1, row\n"
      "assert row['adaptive']['marked'] == 1 and row['adaptive']['right'] == 1, row\n"
      "assert row['adaptive']['running'] > 0 and row['adaptive']['loaded_bytes'] > 0, row\n"
      "assert row['faster'] > 0 and len(document['timeouts']) == 4, document\n"
      "assert [one['way'] for one in document['trade_off']] == ['simple'], document\n");
  EXPECT_EQ(valid.status, 0) << valid.err;
  const Ran quality = shell("\"$KAI\" bench quality " + path("two.csv") +
                            " --limit 1 --seed 1 && \"$KAI\" report --json >" +
                            path("report.json") + " && \"$KAI\" report --out " + path("out"));
  ASSERT_EQ(quality.status, 0) << quality.err;
  const Ran has = holds_of(path("report.json"), "report",
                           "ways = [one['way'] for one in document['trade_off']]\n"
                           "assert ways == ['best', 'samples', 'adaptive', 'all'], ways\n"
                           "assert all(one['marked'] == 1 for one in document['trade_off'])\n");
  EXPECT_EQ(has.status, 0) << has.err;
  EXPECT_NE(read(path("out/performance.md")).find("performance-quality.svg"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path("out/performance-quality.svg")));
}

}  // namespace
}  // namespace kai
