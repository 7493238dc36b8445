// kai and its model files: what comes, goes, does not fit, cannot be loaded.
#include "tests/e2e/kai.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

class KaiModels : public Kai {
 protected:
  void SetUp() override {
    Kai::SetUp();
    if (IsSkipped()) return;
    std::filesystem::create_directories(path("models"));
    set("KAI_MODELS", path("models"));
  }
  void TearDown() override { ::unsetenv("KAI_CPU_MEMORY"); }

  void link(const std::string& model) const {
    std::filesystem::create_symlink(
        model, path("models/" + std::filesystem::path(model).filename().string()));
  }
  // A starter model as a file of its own, to be damaged.
  std::string copy(const std::string& model) const {
    const std::string file = path("models/" + std::filesystem::path(model).filename().string());
    std::filesystem::copy_file(model, file);
    return file;
  }
};

TEST_F(KaiModels, OneOfAnUnknownArchitectureIsRefusedByName) {
  const std::string file = copy(smollm2());
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  std::string head(4096, '\0');
  stream.read(head.data(), std::ssize(head));
  const std::string key = "general.architecture";
  const auto at = head.find(key);
  ASSERT_NE(at, std::string::npos);
  const auto value = head.find("llama", at + key.size());
  ASSERT_NE(value, std::string::npos);
  stream.seekp(static_cast<std::streamoff>(value));
  stream << "xlama";
  stream.close();
  const Ran models = shell("\"$KAI\" models");
  EXPECT_NE(models.out.find("xlama"), std::string::npos) << models.out;
  const Ran ran = shell("\"$KAI\" ask x");
  EXPECT_EQ(ran.status, 6) << ran.err;
  EXPECT_NE(ran.err.find("kai models"), std::string::npos) << ran.err;
}

TEST_F(KaiModels, OneThatIsMissingIsListedAndHarmsNobody) {
  link(smollm2());
  std::filesystem::create_symlink(path("nowhere.gguf"), path("models/gone-1b.gguf"));
  const Ran models = shell("\"$KAI\" models");
  EXPECT_NE(models.out.find("gone"), std::string::npos) << models.out << models.err;
  EXPECT_EQ(shell("\"$KAI\" 'What is the capital of France?'").status, 0);
}

TEST_F(KaiModels, OneThatDoesNotFitTheMemoryIsLeftOutAndNamed) {
  link(smollm2());
  link(gemma3());
  set("KAI_CPU_MEMORY", "220MB");
  const Ran ran = shell("\"$KAI\" ask --verbose 'What is the capital of France?'");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.err.find("left out: gemma3:270m"), std::string::npos) << ran.err;
  set("KAI_CPU_MEMORY", "20MB");
  const Ran none = shell("\"$KAI\" ask 'What is the capital of France?'");
  EXPECT_EQ(none.status, 6) << none.err;
  EXPECT_NE(none.err.find("smollm2:135m"), std::string::npos) << none.err;
}

// What a first look said of the files is kept by size and time: they are damaged behind its back.
TEST_F(KaiModels, WhenAllFailTheErrorSaysWhatWasTried) {
  for (const auto& model : {smollm2(), gemma3()}) {
    const std::string file = copy(model);
    ASSERT_EQ(shell("\"$KAI\" models").status, 0);
    struct stat before{};
    ASSERT_EQ(::stat(file.c_str(), &before), 0);
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream << std::string(64, 'x');
    stream.close();
    const timespec times[] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  }
  const Ran ran = shell("\"$KAI\" ask --json 'What is the capital of France?'");
  EXPECT_EQ(ran.status, 1) << ran.out << ran.err;
  for (const char* name : {"smollm2:135m", "gemma3:270m"}) {
    EXPECT_NE(ran.err.find(name), std::string::npos) << ran.err;
  }
  EXPECT_NE(ran.out.find("\"error\":{"), std::string::npos) << ran.out;
}

TEST_F(KaiModels, OneDroppedIntoTheFolderJoinsTheConversation) {
  link(smollm2());
  const Ran ran = shell("cd '" + folder_.path() +
                            "'\n"
                            "{ echo 'What is the capital of France?'\n"
                            "  for i in $(seq 1 300); do [ -s out ] && break; sleep 0.1; done\n"
                            "  ln -s '" +
                            gemma3() +
                            "' models/\n"
                            "  echo 'What is the capital of Italy?'; } | \"$KAI\" chat >out\n"
                            "cat out",
                        60s);
  EXPECT_EQ(ran.status, 0) << ran.err;
  const auto told = ran.err.find("gemma3:270m is new");
  ASSERT_NE(told, std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("gemma3:270m ", told + 20), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace kai
