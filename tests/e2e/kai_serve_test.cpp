// kai as a server: real sockets, real clients, real models.
#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const std::string tides =
    R"({"model":"kai:simple","stream":true,"max_tokens":2000,)"
    R"("messages":[{"role":"user","content":"Explain at length how the tides come about"}]})";

const std::string question =
    R"({"model":"kai:simple",)"
    R"("messages":[{"role":"user","content":"What is the capital of France?"}]})";

TEST_F(Server, SaysItsAddressWithinAFifthOfASecond) {
  auto best = std::chrono::steady_clock::duration::max();
  for (int start = 0; start < 5; ++start) {
    serve();
    EXPECT_EQ(status_of("/healthz"), "200");
    best = std::min(best, took_);
    server_.reset();
  }
  EXPECT_LE(best, 200ms);
}

TEST_F(Server, AnswersSeveralAtOnce) {
  serve();
  wait_until_ready();
  const Ran ran = shell(
      "ask() { curl -s \"$KAI_URL/v1/chat/completions\" -d '{\"model\":\"kai:simple\",\"messages\":"
      "[{\"role\":\"user\",\"content\":\"What is the capital of '$1'?\"}]}'; }\n"
      "ask France >$$.1 & ask Italy >$$.2 & ask Spain >$$.3 & wait\n"
      "cat $$.1 $$.2 $$.3; rm $$.?",
      100s);
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.out.contains("Paris") && ran.out.contains("Rome")) << ran.out;
  EXPECT_TRUE(ran.out.contains("Spain") || ran.out.contains("Madrid")) << ran.out;
}

TEST_F(Server, SeesModelsComeAndGo) {
  std::filesystem::create_directories(path("models"));
  std::filesystem::create_symlink(smollm2(), path("models/smollm2.gguf"));
  set("KAI_MODELS", path("models"));
  serve();
  wait_until_ready();
  EXPECT_FALSE(shell("curl -s \"$KAI_URL/v1/models\"").out.contains("gemma3:270m"));
  std::filesystem::create_symlink(gemma3(), path("models/gemma-3-270m.Q4_K_M.gguf"));
  // Folders are read once a second at most.
  const auto lists = [this](const std::string& path) {
    return shell("curl -s \"$KAI_URL" + path + "\"").out.contains("gemma3:270m");
  };
  EXPECT_TRUE(until([&] { return lists("/v1/models"); }, 5s));
  std::filesystem::remove(path("models/gemma-3-270m.Q4_K_M.gguf"));
  EXPECT_TRUE(until([&] { return !lists("/api/tags"); }, 5s));
}

TEST_F(Server, StartsWithoutAModelAndWaitsForOne) {
  std::filesystem::create_directories(path("models"));
  set("KAI_MODELS", path("models"));
  serve();
  const std::string said = path("background.err");
  ASSERT_TRUE(until([&] { return read(said).contains("ready, 0 of 0 models"); }, 60s))
      << read(said);
  EXPECT_TRUE(read(said).contains("put GGUF files into " + path("models"))) << read(said);
  EXPECT_EQ(status_of("/readyz"), "503");
  const auto refused = request("POST", "/v1/chat/completions", question);
  EXPECT_TRUE(refused.contains("no usable model") && refused.ends_with("\n503")) << refused;
  std::filesystem::create_symlink(smollm2(), path("models/smollm2.gguf"));
  wait_until_ready();
  const auto answered = request("POST", "/v1/chat/completions", question);
  EXPECT_TRUE(answered.contains("Paris") && answered.ends_with("\n200")) << answered;
}

// A pipe that is full, since its reader has stopped.
TEST_F(Server, NobodyHasToReadItsLog) {
  set("KAI", KAI_BINARY);
  set("LOG", path("log"));
  auto started = Process::start({"/bin/sh", "-c",
                                 "mkfifo \"$LOG\"; exec 3<>\"$LOG\"; head -c 65536 /dev/zero >&3; "
                                 "exec \"$KAI\" serve --set serve.port=0 </dev/null 2>\"$LOG\""},
                                path("background.err"));
  ASSERT_TRUE(started.has_value());
  server_ = std::move(*started);
  set("KAI_URL", address_of(*server_));
  wait_until_ready();
  ::kill(pid(), SIGHUP);  // it says what became of that
  EXPECT_EQ(status_of("/healthz"), "200");
  const auto answered = request("POST", "/v1/chat/completions", question);
  EXPECT_TRUE(answered.contains("Paris") && answered.ends_with("\n200")) << answered;
  const std::string drain = "dd if=\"$LOG\" iflag=nonblock bs=65536 2>/dev/null | tr -d '\\0'";
  EXPECT_EQ(shell(drain).out, "") << "there was no room";
  ::kill(pid(), SIGHUP);
  std::string said;
  EXPECT_TRUE(until([&] { return (said += shell(drain).out).contains("was read again"); })) << said;
  EXPECT_TRUE(said.contains("lines were lost here, since nobody read")) << said;
  shell("head -c 65536 /dev/zero >\"$LOG\"");
  ::kill(pid(), SIGTERM);
  EXPECT_TRUE(until([&] { return server_->dead(); }, 10s));
}

TEST_F(Server, SaysNoAddressWhereItCannotServe) {
  std::filesystem::create_directories(path("open"));
  std::filesystem::permissions(path("open"), std::filesystem::perms(0755));
  set("KAI_RUNTIME_FOLDER", path("open"));
  const Ran ran = shell("\"$KAI\" serve --set serve.port=0 </dev/null");
  EXPECT_NE(ran.status, 0);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.err.contains("is open to other users")) << ran.err;
}

TEST_F(Server, WhoHangsUpIsCancelled) {
  serve();
  wait_until_ready();
  auto client = curl(tides, "stream");
  ASSERT_TRUE(until([&] { return read(path("stream")).contains("\"content\""); }, 60s));
  client->kill();
  EXPECT_TRUE(until([&] { return ending_of_last() == "cancelled"; }, 5s)) << ending_of_last();
}

TEST_F(Server, AnotherKaiWaitsWhileAQuestionRuns) {
  serve();
  wait_until_ready();
  auto client = curl(tides, "stream");
  ASSERT_TRUE(until([&] { return read(path("stream")).contains("\"content\""); }, 60s));
  const Ran other = shell("\"$KAI\" ask --local --deadline 500ms 'What is the capital of France?'");
  EXPECT_NE(other.status, 0);
  EXPECT_TRUE(other.err.contains("another kai (process " + std::to_string(pid()) + ")"))
      << other.err;
}

TEST_F(Server, StopsBehindTheAnswersUnderWay) {
  serve();
  wait_until_ready();
  auto client = curl(R"({"model":"smollm2:135m","stream":true,"max_tokens":60,)"
                     R"("messages":[{"role":"user","content":"Explain how tides come about"}]})",
                     "stream");
  ASSERT_TRUE(until([&] { return read(path("stream")).contains("\"content\""); }, 60s));
  ASSERT_EQ(::kill(pid(), SIGTERM), 0);
  EXPECT_TRUE(until([&] { return server_->dead(); }, 40s));
  EXPECT_TRUE(read(path("stream")).contains("data: [DONE]")) << read(path("stream"));
  EXPECT_EQ(status_of("/healthz"), "000");
}

TEST_F(Server, ASecondSignalEndsItAtOnce) {
  serve();
  wait_until_ready();
  auto client = curl(tides, "stream");
  ASSERT_TRUE(until([&] { return read(path("stream")).contains("\"content\""); }, 60s));
  const pid_t server = pid();
  ASSERT_EQ(::kill(server, SIGTERM), 0);
  ASSERT_TRUE(until([&] { return read(path("background.err")).contains("stopping behind"); }, 5s));
  ASSERT_EQ(::kill(server, SIGTERM), 0);
  EXPECT_TRUE(until([&] { return server_->dead(); }, 2s));
  EXPECT_FALSE(read(path("stream")).contains("[DONE]"));
}

TEST_F(Server, ListensForThisMachineAloneWithoutAKey) {
  const Ran ran = shell("\"$KAI\" serve --address 0.0.0.0");
  EXPECT_EQ(ran.status, 2) << ran.err;
  EXPECT_TRUE(ran.err.contains("kai keys create NAME")) << ran.err;
}

TEST_F(Server, SaysThatItsPortIsTaken) {
  serve();
  const Ran ran = shell("\"$KAI\" serve --set serve.port=\"${KAI_URL##*:}\"");
  EXPECT_NE(ran.status, 0);
  EXPECT_TRUE(ran.err.contains("choose another port")) << ran.err;
}

// As they come from their registries; setup/clients.sh has put them there.
class ServerAndClient : public Server, public testing::WithParamInterface<const char*> {};

TEST_F(Server, OverStandardInputEndsWithIt) {
  const auto ran = shell("\"$KAI\" mcp </dev/null");
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
}

TEST_P(ServerAndClient, SpeakWithEachOther) {
  const std::string clients = KAI_SOURCE "/.deps/clients";
  if (std::getenv("KAI_TEST_ALL") == nullptr && !std::filesystem::exists(clients)) {
    GTEST_SKIP() << "the clients are not in " << clients << "; run setup/clients.sh";
  }
  // Without it (setup/models.sh embedding) clients ask for no vectors.
  const std::string minilm = models_folder() + "/../embedding/all-MiniLM-L6-v2.F16.gguf";
  if (std::filesystem::exists(minilm)) {
    set("KAI_MODELS", models_folder() + ":" + minilm);
    set("KAI_EMBEDDER", "all-minilm-l6");
  }
  serve();
  wait_until_ready();
  const std::string client = GetParam();
  const Ran ran = shell("export KAI; PYTHONPATH='" + clients +
                            "' python3 " KAI_SOURCE "/tests/clients/" + client + "_client.py",
                        100s);
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  EXPECT_TRUE(ran.out.contains(client)) << ran.out;
}

INSTANTIATE_TEST_SUITE_P(Clients, ServerAndClient,
                         testing::Values("openai", "openai_forms", "ollama", "mcp",
                                         "langchain_openai", "langchain_ollama", "llm", "litellm"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace kai
