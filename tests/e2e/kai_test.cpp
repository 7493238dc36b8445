// The whole of kai as a user meets it: real models, real processes, every kind of bad input.
#include "tests/e2e/kai.h"

#include <sys/stat.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

const std::string capital = "'What is the capital of France?'";

TEST_F(Kai, AnswersARealQuestionWithSeveralRealModels) {
  const Ran ran = shell("\"$KAI\" " + capital);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("Paris"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("smollm2:135m"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("gemma3:270m"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("agree"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("kai logs q_"), std::string::npos) << ran.err;
}

TEST_F(Kai, TenFactualQuestionsGiveDocumentsValidAgainstTheirSchema) {
  const std::vector<std::string> questions{"What is the capital of France?",
                                           "What is the capital of Italy?",
                                           "How much is 7 + 5?",
                                           "Which planet is closest to the sun?",
                                           "Who wrote Romeo and Juliet?",
                                           "What colour is the sky on a clear day?",
                                           "How many days are in a week?",
                                           "What is the largest ocean?",
                                           "Which animal is called man's best friend?",
                                           "What is the chemical symbol of water?"};
  for (const auto& question : questions) {
    set("Q", question);
    const Ran ran = shell("\"$KAI\" ask --json -- \"$Q\"");
    EXPECT_TRUE(ran.status == 0 || ran.status == 5) << question << ran.err;
    const Ran valid = holds(ran.out, "assert document['models_answered'], 'nobody answered'\n");
    EXPECT_EQ(valid.status, 0) << question << "\n" << valid.err << ran.out;
  }
}

struct BadInput {
  const char* name;
  const char* command;
  int status;
  const char* says;  // a part of stderr
};

class BadInputs : public Kai, public testing::WithParamInterface<BadInput> {};

TEST_P(BadInputs, AreRefusedWithASentence) {
  const Ran ran = shell(GetParam().command, 60s);
  EXPECT_EQ(ran.status, GetParam().status) << ran.out << ran.err;
  EXPECT_NE((ran.err + ran.out).find(GetParam().says), std::string::npos) << ran.out << ran.err;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadInputs,
    testing::Values(
        BadInput{"Empty", "\"$KAI\" ask ''", 2, "no question"},
        BadInput{"Blank", "\"$KAI\" ask '   '", 2, "no question"},
        BadInput{"InvalidUtf8", "printf 'caf\\351?' | \"$KAI\" ask", 2, "UTF-8"},
        BadInput{"NulByte", "printf 'a\\0b' | \"$KAI\" ask", 2, "NUL"},
        BadInput{"UnknownTier", "\"$KAI\" ask --tier huge x", 2, "expert"},
        BadInput{"UnknownMember", "\"$KAI\" ask --members smolm2:135m x", 2, "smollm2:135m"},
        BadInput{"MemberWithPath", "\"$KAI\" ask --members ../../etc/passwd x", 2, "passwd"},
        BadInput{"UnknownOption", "\"$KAI\" ask --frobnicate x", 2, "frobnicate"},
        BadInput{"UnknownMode", "\"$KAI\" ask --mode fast x", 2, "adaptive"},
        BadInput{"NegativeDeadline", "\"$KAI\" ask --deadline=-3s x", 2, "deadline"},
        BadInput{"DeadlineWithoutUnit", "\"$KAI\" ask --deadline soon x", 2, "deadline"},
        BadInput{"NoSuchLog", "\"$KAI\" logs show q_nothing", 2, "q_nothing"},
        BadInput{"NoModelAtAll", "KAI_MODELS=/nonexistent \"$KAI\" ask x", 6, "model"},
        BadInput{"LongerThanAnyContext",
                 "head -c 400000 /dev/zero | tr '\\0' 'x' | sed 's/xxxx/why /g' | \"$KAI\" ask", 6,
                 "context"}),
    [](const auto& input) { return input.param.name; });

TEST_F(Kai, AQuestionOfTenThousandCharactersWorks) {
  const Ran ran = shell(
      "for i in $(seq 1 227); do printf 'The river flows from the mountain to the sea.'; done | "
      "\"$KAI\" ask --json 'Where does the river flow to?'");
  EXPECT_TRUE(ran.status == 0 || ran.status == 5) << ran.status << ran.err << ran.out;
  EXPECT_NE(ran.out.find("\"text\":\""), std::string::npos);
}

TEST_F(Kai, AQuestionMayComeFromArgumentsAndInput) {
  const Ran ran = shell("echo 'Paris is in France.' | \"$KAI\" ask --json 'Where is Paris?'");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("Where is Paris?\\n\\nParis is in France."), std::string::npos) << ran.out;
}

TEST_F(Kai, AnUnknownConfigurationKeyNamesFileAndLine) {
  write("config/kai/kai.toml", "# mine\n[tiers.simple]\ntimeout = \"30s\"\nmembrs_max = 3\n");
  const Ran ran = shell("\"$KAI\" ask x");
  EXPECT_EQ(ran.status, 2) << ran.err;
  EXPECT_NE(ran.err.find("kai.toml"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("4"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("membrs_max"), std::string::npos) << ran.err;
}

TEST_F(Kai, ABadRangeInTheConfigurationNamesTheRange) {
  write("config/kai/kai.toml", "[tiers.simple]\ntimeout = \"900h\"\n");
  const Ran ran = shell("\"$KAI\" config check");
  EXPECT_EQ(ran.status, 2) << ran.out << ran.err;
  EXPECT_NE((ran.err + ran.out).find("1h"), std::string::npos) << ran.err << ran.out;
}

TEST_F(Kai, BrokenModelFilesAreListedWithTheirReasonAndHarmNobody) {
  std::filesystem::create_directories(path("models"));
  std::filesystem::create_symlink(smollm2(), path("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
  write("models/text.gguf", "this is a text file renamed");
  write("models/empty.gguf", "");
  shell("head -c 5000000 '" + smollm2() + "' > '" + path("models/cut.gguf") + "'");
  ASSERT_EQ(::mkfifo(path("models/pipe.gguf").c_str(), 0600), 0);
  set("KAI_MODELS", path("models"));
  const Ran models = shell("\"$KAI\" models");
  EXPECT_EQ(models.status, 0) << models.err;
  for (const char* name : {"text", "empty", "cut"}) {
    EXPECT_NE(models.out.find(name), std::string::npos) << name << "\n" << models.out;
  }
  EXPECT_NE(models.out.find("not a GGUF"), std::string::npos) << models.out;
  EXPECT_NE(models.out.find("cut off"), std::string::npos) << models.out;
  const Ran ran = shell("\"$KAI\" " + capital);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_FALSE(ran.out.empty());
}

TEST_F(Kai, AnOllamaManifestWithoutItsBlobIsNamed) {
  write("ollama/manifests/registry.ollama.ai/library/llama3.2/3b",
        R"({"schemaVersion":2,"layers":[{"mediaType":"application/vnd.ollama.image.model",)"
        R"("digest":"sha256:)" +
            std::string(64, 'a') + R"(","size":10}]})");
  std::filesystem::create_directories(path("ollama/blobs"));
  const Ran ran = shell("\"$KAI\" models");
  EXPECT_NE(ran.out.find("llama3.2:3b"), std::string::npos) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("ollama pull llama3.2:3b"), std::string::npos) << ran.out;
}

TEST_F(Kai, AnswersGoOnWhenTheDataFolderCannotBeWritten) {
  write("file", "in the way");
  set("KAI_DATA_FOLDER", path("file/data"));
  const Ran ran = shell("\"$KAI\" " + capital);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("Paris"), std::string::npos);
  EXPECT_NE(ran.err.find("file/data"), std::string::npos) << ran.err;
}

TEST_F(Kai, HistoryKeepsTheQuestionAndItsStory) {
  const Ran asked = shell("\"$KAI\" " + capital);
  ASSERT_EQ(asked.status, 0) << asked.err;
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_NE(list.out.find("What is the capital of France?"), std::string::npos) << list.out;
  const auto at = list.out.find("q_");
  ASSERT_NE(at, std::string::npos);
  const std::string id = list.out.substr(at, 14);
  const Ran shown = shell("\"$KAI\" logs show " + id);
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_NE(shown.out.find("smollm2:135m"), std::string::npos) << shown.out;
}

TEST_F(Kai, ChatRemembersWhatWasSaid) {
  const Ran ran = shell("printf 'What is the capital of France?\\n/quit\\n' | \"$KAI\" chat");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("Paris"), std::string::npos) << ran.out << ran.err;
}

TEST_F(Kai, DoctorSaysWhetherAQuestionCouldBeAnswered) {
  const Ran good = shell("\"$KAI\" doctor");
  EXPECT_EQ(good.status, 0) << good.out << good.err;
  EXPECT_NE(good.out.find("cpu"), std::string::npos) << good.out;
  const Ran bad = shell("KAI_MODELS=/nonexistent \"$KAI\" doctor");
  EXPECT_EQ(bad.status, 6) << bad.out << bad.err;
}

}  // namespace
}  // namespace kai
