// kai's own protocol with real models: questions that go on alone, their events, `kai ask` by way
// of a server, and a configuration that is read again.
#include <csignal>

#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

const std::string capital = R"({"question":"What is the capital of France?","tier":"simple"})";
const std::string tides = R"({"question":"Explain at length how the tides come about",)"
                          R"("tier":"simple","answer_max":2000})";

class NativeServer : public Server {
 protected:
  // Begins a question and gives its id.
  std::string begin(const std::string& body) const {
    const std::string taken = request("POST", "/api/v1/queries", body);
    EXPECT_TRUE(taken.ends_with("\n202")) << taken;
    const auto at = taken.find("q_");
    return at == std::string::npos ? "" : taken.substr(at, 28);
  }
  std::string events(const std::string& id, const std::string& options = "") const {
    return shell("curl -sN " + options + " \"$KAI_URL/api/v1/queries/" + id + "/events\"").out;
  }
  // In milliseconds, a little of it gone.
  std::string time_for_capital() const {
    const std::string plan = request("POST", "/api/v1/plan", capital);
    const auto at = plan.find("\"deadline_ms\":");
    return at == std::string::npos ? plan : plan.substr(at + 14, 8);
  }
  static std::string last_id(const std::string& stream) {
    const auto at = stream.rfind("\nid: ");
    return at == std::string::npos ? "" : stream.substr(at + 5, stream.find('\n', at + 5) - at - 5);
  }
};

TEST_F(NativeServer, WhatIsNoQuestionIsNotTaken) {
  serve({"--set", "question_chars_max=100"});
  wait_until_ready();
  const std::string reasons[] = {"the question is empty", "a NUL byte", "the limit is 100"};
  const std::string questions[] = {" \\n", "a\\u0000b", std::string(101, 'a')};
  for (std::size_t at = 0; at < std::size(questions); ++at) {
    const auto said =
        request("POST", "/api/v1/queries", "{\"question\":\"" + questions[at] + "\"}");
    EXPECT_TRUE(said.ends_with("\n400") && said.contains(reasons[at])) << said;
  }
}

TEST_F(NativeServer, AQuestionIsWatchedLeftAndFoundAgain) {
  serve();
  wait_until_ready();
  const std::string id = begin(capital);
  const std::string told = events(id);
  for (const auto* type : {"query.asked", "query.started", "member.token", "member.ended",
                           "agreement.updated", "query.completed"}) {
    EXPECT_TRUE(told.contains(std::string("\"type\":\"") + type)) << type << told;
  }
  EXPECT_TRUE(told.contains("Paris"));
  const std::string status =
      shell("curl -s -o /dev/null -w '%{http_code}' -H 'Last-Event-ID: " + last_id(told) +
            "' \"$KAI_URL/api/v1/queries/" + id + "/events\"")
          .out;
  EXPECT_EQ(status, "204");
  const std::string document = request("GET", "/api/v1/queries/" + id);
  const Ran valid = holds(document.substr(0, document.rfind('\n')),
                          "assert document['id'] == '" + id + "' and not document['error']\n");
  EXPECT_EQ(valid.status, 0) << valid.err;
  EXPECT_TRUE(request("GET", "/api/v1/queries?search=capital+fran").contains(id));
  EXPECT_FALSE(request("GET", "/api/v1/queries?search=nowhere").contains(id));
  const std::string said =
      request("PUT", "/api/v1/queries/" + id + "/feedback", R"({"said":"good"})");
  EXPECT_TRUE(said.ends_with("\n200")) << said;
  EXPECT_TRUE(until([&] { return shell("\"$KAI\" skills").out.contains("1 with feedback"); }, 10s));
  const std::string plan = request("POST", "/api/v1/plan", capital);
  EXPECT_TRUE(plan.contains("kai.plan.v1") && plan.ends_with("\n200")) << plan;
  EXPECT_TRUE(request("GET", "/api/v1/models").contains("smollm2:135m"));
  EXPECT_TRUE(request("GET", "/api/v1/devices").contains(R"("kind":"cpu")"));
  // A restarted server tells it from what is kept.
  server_.reset();
  serve();
  wait_until_ready();
  const std::string again = events(id);
  EXPECT_TRUE(again.contains("query.asked") && again.contains("query.completed")) << again;
}

TEST_F(NativeServer, AStoppedQuestionEndsAtOnce) {
  serve();
  wait_until_ready();
  const std::string id = begin(tides);
  ASSERT_TRUE(until([&] { return events(id, "-m 1").contains("member.token"); }, 60s));
  EXPECT_TRUE(request("DELETE", "/api/v1/queries/" + id).ends_with("\n202"));
  EXPECT_TRUE(until([&] { return ending_of_last() == "cancelled"; }, 3s)) << ending_of_last();
  EXPECT_TRUE(request("DELETE", "/api/v1/queries/" + id).ends_with("\n409"));
}

TEST_F(NativeServer, OneStreamTellsAll) {
  serve();
  wait_until_ready();
  auto watcher = Process::start(
      {"/bin/sh", "-c", "exec curl -sN \"$KAI_URL/api/v1/events\" >'" + path("all") + "'"},
      path("all.err"));
  ASSERT_TRUE(watcher);
  ASSERT_TRUE(until([&] { return read(path("all")).contains("\"snapshot\""); }));
  shell(
      "curl -s \"$KAI_URL/v1/chat/completions\" -d '{\"model\":\"kai:simple\",\"messages\":"
      "[{\"role\":\"user\",\"content\":\"What is the capital of Italy?\"}]}'");
  EXPECT_TRUE(until([&] { return read(path("all")).contains("\"query.completed\""); }));
  EXPECT_TRUE(read(path("all")).contains("What is the capital of Italy?"));
  EXPECT_TRUE(until([&] { return read(path("all")).contains("\"models.changed\""); }, 5s));
  (*watcher)->kill();
}

TEST_F(NativeServer, AskGoesToAServerThatRuns) {
  serve();
  wait_until_ready();
  const Ran ran = shell(
      "\"$KAI\" ask --json -t simple --deadline 90s 'What is the capital of France?' </dev/null");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(holds(ran.out, "assert 'Paris' in document['text']\n").status, 0) << ran.out;
  EXPECT_TRUE(ran.err.contains("agree") || ran.err.contains("1 answer")) << ran.err;
  // While it answers somebody else, another kai waits for the machine until its deadline.
  auto client = curl(R"({"model":"kai:simple","stream":true,"max_tokens":2000,"messages":)"
                     R"([{"role":"user","content":"Explain at length how the tides come about"}]})",
                     "stream");
  ASSERT_TRUE(until([&] { return read(path("stream")).contains("\"content\""); }, 60s));
  const Ran local = shell("\"$KAI\" ask --local --deadline 500ms 'How much is 2 + 2?' </dev/null");
  EXPECT_TRUE(local.err.contains("another kai")) << local.err;
  const Ran other = shell(
      "\"$KAI\" ask --set planner.time_margin=0.2 --deadline 500ms 'How much is 2 + 2?' "
      "</dev/null");
  EXPECT_TRUE(other.err.contains("another kai")) << other.err;
  const Ran beside = shell("\"$KAI\" ask -t simple --deadline 60s 'How much is 2 + 2?' </dev/null");
  EXPECT_FALSE(beside.err.contains("another kai")) << beside.err;
}

TEST_F(NativeServer, InterruptingAskStopsItsQuestionThere) {
  serve();
  wait_until_ready();
  auto ask = start({"ask", "-t", "simple", "Explain at length how the tides come about"});
  ASSERT_TRUE(until([&] { return request("GET", "/api/v1/queries?ending=begun").contains("q_"); }));
  const auto asking = children("ask");
  ASSERT_EQ(asking.size(), 1u);
  ASSERT_EQ(::kill(asking.front(), SIGINT), 0);
  EXPECT_TRUE(until([&] { return ask->dead(); }, 5s));
  EXPECT_TRUE(until([&] { return ending_of_last() == "cancelled"; }, 3s)) << ending_of_last();
}

TEST_F(NativeServer, AskDoesWithoutAServerThatWasKilled) {
  serve();
  wait_until_ready();
  ASSERT_EQ(::kill(pid(), SIGKILL), 0);
  ASSERT_TRUE(until([&] { return server_->dead(); }, 5s));
  ASSERT_TRUE(std::filesystem::exists(runtime() + "/server"));
  const Ran ran = shell("\"$KAI\" -q -t simple 'What is the capital of France?' </dev/null");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.out.contains("Paris")) << ran.out;
}

// With Debian's python3-jsonschema, and with openapi-spec-validator where setup/clients.sh has put
// it.
TEST_F(NativeServer, EveryAnswerIsAsTheDescriptionSays) {
  serve();
  wait_until_ready();
  const std::string clients = KAI_SOURCE "/.deps/clients";
  const bool here = std::filesystem::exists(clients + "/openapi_spec_validator");
  if (std::getenv("KAI_TEST_ALL") != nullptr) EXPECT_TRUE(here) << "run setup/clients.sh";
  const Ran ran = shell((here ? "PYTHONPATH='" + clients + "' " : std::string()) +
                            "python3 " KAI_SOURCE "/tests/clients/native_client.py",
                        100s);
  EXPECT_EQ(ran.out.contains("native: a valid description"), here) << ran.out;
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  EXPECT_TRUE(ran.out.contains("native: all as described")) << ran.out;
}

// Every block of shell in docs/api.md, as it stands there but for the address.
TEST_F(NativeServer, TheExamplesOfTheDocsRun) {
  serve();
  wait_until_ready();
  write("examples.py", R"(import os, re, subprocess
text = open(os.environ['API_MD']).read()
blocks = re.findall(r'```sh\n(.*?)```', text, re.S)
assert len(blocks) >= 4, blocks
for block in blocks:
    line = block.replace('http://127.0.0.1:11524', os.environ['KAI_URL'])
    line = line.replace('curl ', 'curl -fsS ')
    ran = subprocess.run(['bash', '-euo', 'pipefail', '-c', line], capture_output=True, text=True,
                         timeout=90)
    assert ran.returncode == 0 and ran.stdout.strip(), (block, ran.stdout, ran.stderr)
)");
  set("API_MD", KAI_SOURCE "/docs/api.md");
  const Ran ran = shell("PATH=\"${KAI%/*}:$PATH\" python3 '" + path("examples.py") + "'");
  EXPECT_EQ(ran.status, 0) << ran.err;
}

TEST_F(NativeServer, ReadsItsConfigurationAgain) {
  write("config/kai/kai.toml", "[tiers.simple]\ntimeout = \"40s\"\n");
  serve();
  wait_until_ready();
  write("config/kai/kai.toml", "[tiers.simple]\ntimeout = \"50s\"\n[lane]\nsilence_max = \"9s\"\n");
  const std::string changed = request("POST", "/api/v1/reload");
  EXPECT_TRUE(changed.contains(R"("at_once":["tiers.simple.timeout"])") &&
              changed.contains(R"("next_start":["lane.silence_max"])"))
      << changed;
  EXPECT_TRUE(time_for_capital().starts_with("49"));
  write("config/kai/kai.toml", "[tiers.simple]\ntimeout = \"never\"\n");
  const std::string refused = request("POST", "/api/v1/reload");
  EXPECT_TRUE(refused.contains("invalid_config") && refused.contains("kai.toml:2") &&
              refused.ends_with("\n400"))
      << refused;
  ASSERT_EQ(::kill(pid(), SIGHUP), 0);
  EXPECT_TRUE(until(
      [&] { return read(path("background.err")).contains("the configuration stays as it was"); },
      5s));
  write("config/kai/kai.toml", "[tiers.simple]\ntimeout = \"45s\"\n");
  ASSERT_EQ(::kill(pid(), SIGHUP), 0);
  EXPECT_TRUE(until([&] { return time_for_capital().starts_with("44"); }, 5s))
      << read(path("background.err"));
}

}  // namespace
}  // namespace kai
