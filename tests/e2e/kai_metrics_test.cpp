// What a running server tells of itself.
#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class Metrics : public Server {
 protected:
  std::string metrics() const { return shell("curl -s \"$KAI_URL/metrics\"").out; }
  void ask(const std::string& question) const {
    const Ran ran = shell(
        "curl -sf \"$KAI_URL/v1/chat/completions\" -d '{\"model\":\"kai:medium\","
        "\"messages\":[{\"role\":\"user\",\"content\":\"" +
        question + "\"}]}'");
    ASSERT_EQ(ran.status, 0) << ran.err << read(path("background.err"));
  }
};

TEST_F(Metrics, TellsWhatItAnswered) {
  serve();
  EXPECT_TRUE(metrics().contains("kai_build_info{version=")) << "before it knows its models";
  wait_until_ready();
  ask("What is the capital of France?");
  const std::string text = metrics();
  EXPECT_TRUE(text.contains("kai_queries_total{tier=\"medium\",outcome=\"answered\"} 1\n")) << text;
  EXPECT_TRUE(text.contains("kai_model_up{model=\"smollm2:135m\"} 1\n")) << text;
  EXPECT_TRUE(text.contains("kai_model_ttft_seconds_count{model=\"smollm2:135m\"}")) << text;
  EXPECT_TRUE(text.contains("process_resident_memory_bytes ")) << text;
}

// As it comes from the distribution; setup/promtool.sh has put it there.
TEST_F(Metrics, PromtoolFindsNothingWrong) {
  const std::string promtool = KAI_SOURCE "/.deps/promtool/promtool";
  if (std::getenv("KAI_TEST_ALL") == nullptr && !std::filesystem::exists(promtool)) {
    GTEST_SKIP() << promtool << " is not there; run setup/promtool.sh";
  }
  serve();
  wait_until_ready();
  ask("What is the capital of Italy?");
  const Ran ran = shell("curl -s \"$KAI_URL/metrics\" | '" + promtool + "' check metrics");
  EXPECT_EQ(ran.status, 0) << ran.err << ran.out;
  EXPECT_EQ(ran.err + ran.out, "");
  const Ran rules =
      shell("'" + promtool + "' check rules '" KAI_SOURCE "/examples/monitoring/kai-rules.yml'");
  EXPECT_EQ(rules.status, 0) << rules.err << rules.out;
  EXPECT_TRUE(rules.out.contains("3 rules found")) << rules.out;
}

TEST_F(Metrics, ReadsTheMachineAndKeepsIt) {
  serve();
  wait_until_ready();
  ask("What is the capital of Spain?");
  ASSERT_TRUE(until([&] { return metrics().contains("kai_host_cpu_utilization_ratio "); }, 20s));
  EXPECT_TRUE(metrics().contains("kai_host_memory_limit_bytes "));
  const std::string lately = "curl -s \"$KAI_URL/api/v1/metrics/history?from=-900";
  const std::string count =
      lately +
      "&series=questions\" | python3 -c 'import json,sys; "
      "d=json.load(sys.stdin)[\"data\"]; print(sum(v or 0 for v in (d[1] if len(d)>1 else [])))'";
  ASSERT_TRUE(until([&] { return shell(count).out == "1\n"; }, 20s)) << shell(count).out;
  const Ran ran = shell(lately +
                        "\" | python3 -c 'import json,sys; d=json.load(sys.stdin); "
                        "assert d[\"step_s\"]==1 and len(d[\"data\"])==len(d[\"series\"])+1; "
                        "assert all(len(c)==len(d[\"data\"][0]) for c in d[\"data\"]); "
                        "print([a[\"kind\"] for a in d[\"annotations\"]])'");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.out.contains("start") && ran.out.contains("load")) << ran.out;
}

// Of one stretch of time one server's measurements are kept.
TEST_F(Metrics, ASecondServerOnOneFolderLeavesTheKeepingToTheFirst) {
  serve();
  wait_until_ready();
  const Ran ran = shell("\"$KAI\" serve --set serve.port=0 >/dev/null 2>'" + path("second.err") +
                        "' & for i in $(seq 200); do grep -q ready '" + path("second.err") +
                        "' && break; sleep 0.1; done; kill $!; wait $!");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(read(path("second.err")).contains("another kai server on this data folder keeps"))
      << read(path("second.err"));
  EXPECT_FALSE(read(path("background.err")).contains("another kai server"));
}

// As a kill leaves it.
TEST_F(Metrics, HistoryOutlivesTheServer) {
  serve();
  wait_until_ready();
  const std::string steps =
      "curl -s \"$KAI_URL/api/v1/metrics/history?from=-3600&series=cpu_utilization\" | python3 -c "
      "'import json,sys; d=json.load(sys.stdin); print(d[\"step_s\"], len(d[\"data\"][0]) > 1, "
      "end=\"\")'";
  ASSERT_TRUE(until([&] { return shell(steps).out == "10 True"; }, 40s)) << shell(steps).out;
  ::kill(pid(), SIGKILL);
  server_.reset();
  serve();
  wait_until_ready();
  EXPECT_EQ(shell(steps).out, "10 True");
}

TEST_F(Metrics, CommandsAskTheRunningServer) {
  const Ran nobody = shell("\"$KAI\" alerts --set serve.port=1");
  EXPECT_EQ(nobody.status, 1);
  EXPECT_TRUE(nobody.err.contains("start one with `kai serve`")) << nobody.err;
  EXPECT_EQ(shell("\"$KAI\" top --set serve.port=1").status, 1);
  serve();
  wait_until_ready();
  const std::string port = " --set serve.port=\"${KAI_URL##*:}\"";
  const Ran alerts = shell("\"$KAI\" alerts" + port);
  EXPECT_EQ(alerts.status, 0) << alerts.err;
  EXPECT_EQ(alerts.out, "no alert fires or is pending\n");
  const Ran silence = shell("\"$KAI\" alerts silence ModelDown --for 5m --json" + port);
  EXPECT_EQ(silence.status, 0) << silence.err;
  EXPECT_TRUE(silence.out.contains("\"VRAMNearFull\"")) << silence.out;
  EXPECT_NE(shell("\"$KAI\" alerts silence NoSuchAlert" + port).status, 0);
  ask("What is the capital of France?");
  ASSERT_TRUE(
      until([&] { return shell("\"$KAI\" top" + port).out.contains("smollm2:135m"); }, 20s));
  const Ran top = shell("\"$KAI\" top" + port);
  EXPECT_TRUE(top.out.contains(" running, 0 waiting; in ")) << top.out;
}

// With the real terminal that script(1) makes; q is typed after a while.
TEST_F(Metrics, TopEndsWithAKey) {
  serve();
  wait_until_ready();
  const Ran ran = shell(
      "(sleep 2; printf q) | TERM=xterm timeout 30 script -qec \"'$KAI' top --set "
      "serve.port=${KAI_URL##*:}\" /dev/null");
  EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
  EXPECT_TRUE(ran.out.contains("\x1b[?1049h") && ran.out.contains("\x1b[?1049l"));
  EXPECT_TRUE(ran.out.contains("q ends"));
}

// A card, as a library says that stands in for NVIDIA's.
TEST_F(Metrics, ReadsACard) {
  set("LD_LIBRARY_PATH", FAKE_NVML "/new");
  serve();
  ::unsetenv("LD_LIBRARY_PATH");
  ASSERT_TRUE(
      until([&] { return metrics().contains("kai_gpu_power_watts{gpu=\"0\"} 123.456"); }, 60s));
}

// History that cannot be kept: of all rules that a test can have met, one that waits least.
TEST_F(Metrics, TellsTheWebhookWhatFires) {
  std::filesystem::create_directories(path("data/kai.db"));
  write(
      "listen.py",
      "import http.server,sys\n"
      "class H(http.server.BaseHTTPRequestHandler):\n"
      "  def do_POST(self):\n"
      "    body=self.rfile.read(int(self.headers['content-length']))\n"
      "    open(sys.argv[1],'ab').write(body+b'\\n'); self.send_response(200); self.end_headers()\n"
      "s=http.server.HTTPServer(('127.0.0.1',0),H)\n"
      "open(sys.argv[2],'w').write(str(s.server_port)); s.serve_forever()\n");
  auto listener =
      Process::start({"/usr/bin/env", "python3", path("listen.py"), path("told"), path("port")},
                     path("listener.err"));
  ASSERT_TRUE(listener);
  ASSERT_TRUE(until([&] { return !read(path("port")).empty(); }, 20s))
      << read(path("listener.err"));
  serve({"--set", "alerts.webhook=http://127.0.0.1:" + read(path("port")) + "/kai"});
  wait_until_ready();
  ASSERT_TRUE(until([&] { return read(path("told")).contains("HistoryNotKept"); }, 100s));
  EXPECT_TRUE(
      metrics().contains("kai_alert_firing{alertname=\"HistoryNotKept\",severity=\"warning\"} 1"));
  EXPECT_TRUE(metrics().contains("kai_webhook_posts_total{outcome=\"sent\"}"));
  const Ran alerts = shell("\"$KAI\" alerts --set serve.port=\"${KAI_URL##*:}\"");
  EXPECT_TRUE(alerts.out.contains("FIRING  HistoryNotKept")) << alerts.out;
}

}  // namespace
}  // namespace kai
