// kai under a service manager, which is played by a socket.
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>

#include "tests/e2e/server.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

class ServiceManager : public Server {
 protected:
  // Listens as systemd does, and names its socket to who is started from now on.
  void listen() {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path("notify");
    ASSERT_LT(name.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, name.data(), name.size());
    ASSERT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    set("NOTIFY_SOCKET", name);
  }
  void TearDown() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
    if (socket_ >= 0) ::close(socket_);
    Server::TearDown();
  }
  // The next message that has `words`, within `limit`; empty: none came.
  std::string hear(const std::string& words, std::chrono::seconds limit = 30s) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      pollfd input{socket_, POLLIN, 0};
      if (::poll(&input, 1, 100) <= 0) continue;
      std::array<char, 512> text{};
      const ssize_t size = ::recv(socket_, text.data(), text.size(), 0);
      const std::string said(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      if (said.contains(words)) return said;
    }
    return {};
  }

  int socket_ = -1;
};

TEST_F(ServiceManager, HearsOfReadinessReloadingAndTheEnd) {
  listen();
  set("WATCHDOG_USEC", "200000");
  serve();
  const std::string ready = hear("READY=1");
  EXPECT_TRUE(ready.contains("STATUS=kai serves at http://127.0.0.1:")) << ready;
  EXPECT_EQ(status_of("/readyz"), "200") << "it is ready when it says so";
  EXPECT_FALSE(hear("WATCHDOG=1", 5s).empty());
  EXPECT_FALSE(hear("WATCHDOG=1", 5s).empty()) << "again and again";
  ASSERT_EQ(::kill(pid(), SIGHUP), 0);
  const std::string reloading = hear("RELOADING=1", 5s);
  EXPECT_TRUE(reloading.contains("MONOTONIC_USEC=")) << reloading;
  EXPECT_FALSE(hear("READY=1", 5s).empty());
  ASSERT_EQ(::kill(pid(), SIGTERM), 0);
  EXPECT_FALSE(hear("STOPPING=1", 10s).empty());
  EXPECT_TRUE(until([&] { return server_->dead(); }, 20s));
}

TEST_F(ServiceManager, OneThatDoesNotListenIsNoReasonNotToServe) {
  set("NOTIFY_SOCKET", path("nobody"));
  serve();
  wait_until_ready();
  EXPECT_EQ(status_of("/healthz"), "200");
}

TEST_F(ServiceManager, AWatchdogOfAnotherProcessIsNotAnswered) {
  listen();
  set("WATCHDOG_USEC", "100000");
  set("WATCHDOG_PID", "1");
  serve();
  EXPECT_FALSE(hear("READY=1").empty());
  EXPECT_TRUE(hear("WATCHDOG=1", 1s).empty());
}

// A collector that writes what it is sent to files of one line each.
constexpr const char* collector = R"(
import http.server, json, sys
class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(sys.argv[1] + self.path.replace("/", "_"), "w") as file:
            json.dump(document, file)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *rest): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
print(server.server_port, flush=True)
server.serve_forever()
)";

TEST_F(ServiceManager, ACollectorIsToldOfQuestionsAndOfNoWords) {
  write("collector.py", collector);
  auto listening = Process::start({"/usr/bin/env", "python3", path("collector.py"), path("told")},
                                  path("collector.err"));
  ASSERT_TRUE(listening.has_value());
  std::string port;
  pollfd output{(*listening)->output(), POLLIN, 0};
  while (!port.ends_with('\n') && ::poll(&output, 1, 20'000) > 0) {
    char letter = 0;
    if (::read((*listening)->output(), &letter, 1) != 1) break;
    port += letter;
  }
  ASSERT_TRUE(port.ends_with('\n')) << read(path("collector.err"));
  port.pop_back();
  serve({"--set", "telemetry.otlp=http://127.0.0.1:" + port});
  wait_until_ready();
  const Ran ran = shell("\"$KAI\" ask -t simple 'What is the capital of France?'");
  ASSERT_EQ(ran.status, 0) << ran.err;
  ASSERT_TRUE(until([&] { return !read(path("told_v1_traces")).empty(); }, 20s));
  const Ran shape = shell("python3 - '" + path("told_v1_traces") + R"(' <<'E'
import json, re, sys
text = open(sys.argv[1]).read()
assert "France" not in text and "Paris" not in text, text
resource = json.loads(text)["resourceSpans"][0]
names = {one["key"]: one["value"] for one in resource["resource"]["attributes"]}
assert names["service.name"] == {"stringValue": "kai"}, names
spans = resource["scopeSpans"][0]["spans"]
root, rest = spans[0], spans[1:]
assert root["name"] == "invoke_workflow kai" and rest, spans
for span in spans:
    assert re.fullmatch("[0-9a-f]{32}", span["traceId"]) and span["traceId"] == root["traceId"]
    assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
    assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
for span in rest:
    keys = {one["key"] for one in span["attributes"]}
    assert span["parentSpanId"] == root["spanId"] and span["name"].startswith("chat "), span
    assert {"gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model",
            "gen_ai.usage.output_tokens"} <= keys, keys
E)");
  EXPECT_EQ(shape.status, 0) << shape.err;
  EXPECT_TRUE(until([&] {
    return shell("curl -s \"$KAI_URL/metrics\"")
        .out.contains("kai_otlp_questions_total{outcome=\"sent\"} 1");
  }));
}

}  // namespace
}  // namespace kai
