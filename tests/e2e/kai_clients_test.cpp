// Clients as they come from their registries (setup/clients.sh has put them there), unmodified,
// against a real kai: those that run on Node, the examples of docs/api.md, and those that mean harm
// or make requests up.
#include <algorithm>

#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Clients : public Server {
 protected:
  void SetUp() override {
    Server::SetUp();
    if (IsSkipped()) return;
    set("CLIENTS", KAI_SOURCE "/.deps/clients");
    set("KAI_NODE", KAI_SOURCE "/.deps/node");
    set("API_MD", KAI_SOURCE "/docs/api.md");
    if (std::getenv("KAI_TEST_ALL") == nullptr &&
        !std::filesystem::exists(KAI_SOURCE "/.deps/clients/node_modules")) {
      GTEST_SKIP() << "the clients are not in .deps; run setup/clients.sh";
    }
  }
  void serve_embedding_too() {
    // Without it (setup/models.sh embedding) clients ask for no vectors.
    const std::string minilm = models_folder() + "/../embedding/all-MiniLM-L6-v2.F16.gguf";
    if (std::filesystem::exists(minilm)) {
      set("KAI_MODELS", models_folder() + ":" + minilm);
      set("KAI_EMBEDDER", "all-minilm-l6");
    }
    serve();
    wait_until_ready();
  }
  void expect_ok(const std::string& name, const Ran& ran) const {
    EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
    EXPECT_TRUE(ran.out.contains(name + " ok")) << ran.out;
  }
  Ran run_python(const std::string& name, Duration limit = 110s) const {
    return shell(
        "PYTHONPATH=\"$CLIENTS\" python3 " KAI_SOURCE "/tests/clients/" + name + "_client.py",
        limit);
  }
};

class OnNode : public Clients, public testing::WithParamInterface<const char*> {};

TEST_P(OnNode, SpeaksWithKai) {
  serve_embedding_too();
  const std::string name = GetParam();
  // Node looks for packages beside the file.
  expect_ok(
      name + "_node",
      shell("mkdir \"" + path("node") + "\" && cd \"" + path("node") +
                "\" && ln -s \"$CLIENTS/node_modules\" . && cp " KAI_SOURCE "/tests/clients/node/" +
                name + "_client.mjs . && \"$KAI_NODE/bin/node\" " + name + "_client.mjs",
            110s));
}

INSTANTIATE_TEST_SUITE_P(Sdk, OnNode, testing::Values("openai", "ollama"),
                         [](const auto& each) { return std::string(each.param); });

TEST_F(Clients, TheExamplesOfTheDocsRun) {
  serve();
  wait_until_ready();
  expect_ok("docs", run_python("docs"));
}

TEST_F(Clients, WhoMeansHarmHarmsNobody) {
  serve();
  wait_until_ready();
  expect_ok("hostile", run_python("hostile"));
}

TEST_F(Clients, RequestsMadeUpByTheDescriptionAreAnsweredAsItSays) {
  // No models here, and a host that answers at once: many requests in little time.
  std::filesystem::create_directories(path("none"));
  set("KAI_MODELS", path("none"));
  auto host = Process::start({"/usr/bin/env", "python3", KAI_SOURCE "/tests/clients/mock_host.py"},
                             path("host.err"));
  ASSERT_TRUE(host) << host.error().message;
  const std::string address = address_of(**host);
  ASSERT_FALSE(address.empty()) << read(path("host.err"));
  write("config/kai/kai.toml", "[[engines]]\nname = \"mock\"\naddress = \"" + address + "\"\n");
  serve();
  wait_until_ready();
  expect_ok("schemathesis", run_python("schemathesis"));
  (*host)->kill();
}

// A stream of events is cut in the middle and taken up again by Last-Event-ID, as curl and
// browsers do it: together every event once, in order.
TEST_F(Clients, CurlTakesUpAStreamWhereItWasCut) {
  serve();
  wait_until_ready();
  write("resume.sh", R"(set -eu
id=$(curl -fsS "$KAI_URL/api/v1/queries" -d '{"question":"Explain how the tides come about",
  "tier":"simple","answer_max":60}' |
  python3 -c 'import json,sys; print(json.load(sys.stdin)["id"])')
curl -sN "$KAI_URL/api/v1/queries/$id/events" | head -n 12 >first
last=$(grep '^id: ' first | tail -n 2 | head -n 1 | cut -c5-)
curl -fsSN -H "Last-Event-ID: $last" "$KAI_URL/api/v1/queries/$id/events" >rest
echo "id: $last"
cat rest
)");
  const Ran ran = shell("cd '" + path("") + "' && bash resume.sh", 100s);
  ASSERT_EQ(ran.status, 0) << ran.err << ran.out;
  std::vector<long> numbers;
  for (auto at = ran.out.find("id: "); at != std::string::npos; at = ran.out.find("\nid: ", at)) {
    at = ran.out.find("id: ", at) + 4;
    numbers.push_back(std::stol(ran.out.substr(at)));
  }
  ASSERT_GE(numbers.size(), 3u) << ran.out;
  EXPECT_TRUE(std::ranges::is_sorted(numbers)) << ran.out;
  EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end()) << "an event was told twice";
  EXPECT_FALSE(ran.out.contains("query.asked")) << "the beginning was told again";
  EXPECT_FALSE(ran.out.contains("query.anew"));
  EXPECT_TRUE(ran.out.contains("query.completed"));
}

}  // namespace
}  // namespace kai
