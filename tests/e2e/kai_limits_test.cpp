// kai where the machine gives it less than it asks for: a disk that fails, memory that has run out,
// a model's file that shrinks.
#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Limits : public Server {};

const std::string tide =
    R"({"model":"smollm2:135m","messages":[{"role":"user","content":"What is a tide?"}]})";

// strace gives EIO in the disk's place; where it may not, there is nothing to see.
TEST_F(Limits, ADiskThatFailsCostsTheHistoryAndNoAnswer) {
  ASSERT_EQ(shell("\"$KAI\" 'What is the capital of France?' </dev/null").status, 0);
  if (shell("strace -o /dev/null true").status != 0) GTEST_SKIP() << "strace may not trace here";
  for (const std::string call : {"fsync,fdatasync", "pwrite64"}) {
    const Ran ran = shell("strace -f -qq -o /dev/null -e trace=" + call + " -e inject=" + call +
                          ":error=EIO \"$KAI\" ask --local 'What is the capital of Italy?' "
                          "</dev/null");
    EXPECT_EQ(ran.status, 0) << call << ran.err;
    EXPECT_TRUE(ran.out.contains("Rome")) << call << ran.out << ran.err;
    EXPECT_TRUE(ran.err.contains("history is not kept")) << call << ran.err;
  }
  const Ran sound = shell(
      "python3 -c 'import os, sqlite3; print(sqlite3.connect(os.environ["
      "\"KAI_DATA_FOLDER\"] + \"/kai.db\").execute("
      "\"pragma integrity_check\").fetchall())'");
  EXPECT_EQ(sound.out, "[('ok',)]\n") << sound.err;
  EXPECT_EQ(shell("\"$KAI\" 'What is the capital of Spain?' </dev/null").status, 0);
  const Ran list = shell("\"$KAI\" logs list");
  EXPECT_TRUE(list.out.contains("France") && list.out.contains("Spain")) << list.out << list.err;
}

// Its workers do not start then: they have kai's own limits.
TEST_F(Limits, WithoutMemoryAQuestionIsRefusedAndTheServerLives) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer needs address space of its own";
#endif
  serve();
  wait_until_ready();
  const std::string limit = "prlimit --pid " + std::to_string(pid()) + " --as=";
  ASSERT_EQ(shell(limit + "1048576:").status, 0);
  const auto refused = request("POST", "/v1/chat/completions", tide);
  EXPECT_TRUE(refused.ends_with("\n500") && refused.contains("cannot be started")) << refused;
  EXPECT_EQ(status_of("/healthz"), "200");
  ASSERT_EQ(shell(limit + "unlimited:").status, 0);
  const auto answered = [&] {
    return request("POST", "/v1/chat/completions", tide).ends_with("\n200");
  };
  EXPECT_TRUE(until(answered, 60s)) << read(path("background.err"));
}

// Weights are read, not mapped: what happens to their file is no fault of whoever writes from them.
TEST_F(Limits, AFileThatShrinksHarmsNobodyWhoIsLoaded) {
  std::filesystem::create_directories(path("models"));
  const std::string file = path("models/smollm2.gguf");
  std::filesystem::copy_file(smollm2(), file);
  set("KAI_MODELS", path("models"));
  serve();
  wait_until_ready();
  auto client = curl(
      R"({"model":"kai:simple","stream":true,"max_tokens":200,)"
      R"("messages":[{"role":"user","content":"Explain at length how the tides come about"}]})",
      "stream");
  ASSERT_TRUE(until([&] { return read(path("stream")).contains("\"content\""); }, 60s));
  std::filesystem::resize_file(file, 1000);
  EXPECT_TRUE(until([&] { return client->dead(); }, 100s));
  const std::string said = read(path("stream"));
  EXPECT_TRUE(said.contains("\"finish_reason\":") && said.ends_with("[DONE]\n\n")) << said;
  EXPECT_FALSE(said.contains("\"error\"")) << said;
  EXPECT_EQ(status_of("/healthz"), "200");
}

}  // namespace
}  // namespace kai
