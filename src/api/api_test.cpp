#include "api/api.h"

#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_api::ApiTest;

const std::string chat = R"({"model":"kai:auto","messages":[{"role":"user","content":"Why?"}])";

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST(CheckServe, OthersReachItWithAKeyAlone) {
  EXPECT_TRUE(check_serve({}, false));
  EXPECT_TRUE(check_serve({.address = "0.0.0.0"}, true));
  const auto open = check_serve({.address = "0.0.0.0"}, false);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, ErrorCode::invalid_config);
  EXPECT_TRUE(has(open.error().message, "kai keys create") &&
              has(open.error().message, "127.0.0.1"));
}

TEST_F(ApiTest, HealthIsThereBeforeTheModels) {
  serve_api({}, false);
  run([](ApiTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.get("/healthz"), "HTTP/1.1 200 "));
    EXPECT_TRUE(has(co_await test.get("/readyz"), "HTTP/1.1 503 "));
    EXPECT_TRUE(has(co_await test.get("/v1/models"), "kai:auto"));
    for (const auto* path : {"/v1/chat/completions", "/api/chat"}) {
      const auto early = co_await test.post(path, chat + "}");
      EXPECT_TRUE(has(early, "HTTP/1.1 503 ") && has(early, "Retry-After: 1")) << early;
    }
    EXPECT_TRUE(has(co_await test.post("/api/generate", R"({"model":"kai"})"), "HTTP/1.1 503 "));
    test.api->open(test.backend());
    EXPECT_TRUE(has(co_await test.get("/readyz"), "HTTP/1.1 200 "));
    test.api->close();
    EXPECT_TRUE(has(co_await test.get("/readyz"), "HTTP/1.1 503 "));
    EXPECT_TRUE(has(co_await test.post("/api/chat", chat + "}"), "kai is stopping"));
  }(*this));
}

TEST_F(ApiTest, NotReadyWithoutAUsableModel) {
  models.erase(models.begin());
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.get("/readyz"), "HTTP/1.1 503 "));
    EXPECT_EQ(test.looks, 1);
  }(*this));
}

TEST_F(ApiTest, ListsWhatCanBeAsked) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto models = co_await test.get("/v1/models");
    EXPECT_EQ(test.looks, 1);
    EXPECT_TRUE(has(models, "kai:expert") && has(models, "small:1b"));
    EXPECT_FALSE(has(models, "broken:1b"));
    EXPECT_TRUE(has(co_await test.get("/v1/models/small:1b"), R"("id":"small:1b")"));
    EXPECT_TRUE(has(co_await test.get("/v1/models/small%3A1b"), R"("id":"small:1b")"));
    EXPECT_TRUE(has(co_await test.get("/v1/models/small%3"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.get("/v1/models/broken:1b"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.get("/api/tags"), R"("name":"small:1b")"));
    EXPECT_TRUE(has(co_await test.post("/api/show", R"({"name":"kai:auto"})"), "capabilities"));
    EXPECT_TRUE(has(co_await test.post("/api/show", R"({"name":"none"})"), "HTTP/1.1 404 "));
    EXPECT_FALSE(has(co_await test.get("/api/tags"), R"("digest":"")"));
    EXPECT_TRUE(has(co_await test.get("/api/version"), R"("kai":"1.2.3")"));
    test.loaded = {{&test.models[0], Bytes(7), Bytes(0)}};
    EXPECT_TRUE(has(co_await test.get("/api/ps"), R"("size":7)"));
  }(*this));
}

// As the command of Ollama 0.17.4 sends them, with the fields that it leaves empty.
TEST_F(ApiTest, TakesWhatTheOllamaCommandSends) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto shown = [](const std::string& model, const std::string& name) {
      return R"({"model":")" + model + R"(","system":"","template":"","verbose":false,)" +
             R"("options":null,"name":")" + name + R"("})";
    };
    EXPECT_TRUE(has(co_await test.post("/api/show", shown("", "small:1b")), "model_info"));
    EXPECT_TRUE(has(co_await test.post("/api/show", shown("small:1b", "")), "model_info"));
    EXPECT_TRUE(has(co_await test.post("/api/show", shown("", "")), "HTTP/1.1 404 "));
    EXPECT_TRUE(
        has(co_await test.post("/api/generate", R"({"model":"small:1b","prompt":"","suffix":"",)"
                                                R"("system":"","template":"","options":null})"),
            R"("done_reason":"load")"));
    const auto pulled =
        co_await test.post("/api/pull", R"({"model":"","username":"","password":"","name":"x"})");
    EXPECT_TRUE(has(pulled, "HTTP/1.1 404 ") && has(pulled, "GGUF")) << pulled;
    const auto gone = co_await test.send("DELETE", "/api/delete", R"({"model":"","name":"x"})");
    EXPECT_TRUE(has(gone, "HTTP/1.1 404 ") && has(gone, "GGUF")) << gone;
  }(*this));
}

TEST_F(ApiTest, HeadAnswersWithoutABody) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    for (const std::string path : {"/", "/api/version", "/api/tags", "/healthz"}) {
      const auto said = co_await test.say("HEAD " + path + " HTTP/1.1\r\nHost: localhost");
      EXPECT_TRUE(has(said, "HTTP/1.1 200 ") && said.ends_with("\r\n\r\n")) << said;
    }
  }(*this));
}

TEST_F(ApiTest, AnswersAtOnce) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto openai = co_await test.post("/v1/chat/completions",
                                           chat + R"(,"max_tokens":9,"seed":3,"stop":"x"})");
    EXPECT_TRUE(has(openai, "HTTP/1.1 200 ") && has(openai, R"("content":"Paris.")")) << openai;
    EXPECT_TRUE(has(openai, R"("id":"chatcmpl-q_1")"));
    EXPECT_TRUE(has(openai, "x-kai-query-id: q_1") && has(openai, "x-kai-tier: medium") &&
                has(openai, "x-kai-response-path: consensus"));
    EXPECT_EQ(test.last.answer_max, Tokens(9));
    EXPECT_EQ(test.last.seed, 3u);
    EXPECT_EQ(test.last.stop, std::vector<std::string>{"x"});
    EXPECT_FALSE(test.last.tier);
    const auto ollama = co_await test.post("/api/chat", chat + R"(,"stream":false})");
    EXPECT_TRUE(has(ollama, R"("content":"Paris."},"done":true)")) << ollama;
    const auto generated = co_await test.post(
        "/api/generate", R"({"model":"kai:latest","prompt":"Why?","stream":false})");
    EXPECT_TRUE(has(generated, R"("response":"Paris.","done":true)")) << generated;
  }(*this));
}

TEST_F(ApiTest, TheModelsNameChoosesTheTierOrTheMember) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto ask = [&](std::string model, std::string more) {
      return test.post("/v1/chat/completions",
                       R"({"model":")" + model +
                           R"(","messages":[{"role":"user","content":"Why?"}])" + more + "}");
    };
    co_await ask("kai:expert", "");
    EXPECT_EQ(test.last.tier, Tier::expert);
    co_await ask("small:1b", "");
    EXPECT_EQ(test.last.models, std::vector{ModelId("small:1b")});
    co_await ask("kai:auto", R"(,"kai":{"members":["small:1b"],"tier":"complex"})");
    EXPECT_EQ(test.last.tier, Tier::complex);
    EXPECT_EQ(test.last.models, std::vector{ModelId("small:1b")});
    const int before = test.asked;
    for (const auto* none : {"gpt-4", "kai:hard", "broken:1b", "../etc/passwd"}) {
      const auto said = co_await ask(none, "");
      EXPECT_TRUE(has(said, "HTTP/1.1 404 ") && has(said, "not_found")) << said;
      EXPECT_TRUE(has(said, "the nearest: ")) << said;
    }
    EXPECT_TRUE(has(co_await ask("smal:1b", ""), R"(the nearest: \"small:1b\", )"));
    EXPECT_TRUE(has(co_await ask("kai:medum", ""), R"(the nearest: \"kai:medium\", )"));
    EXPECT_TRUE(has(co_await ask("small:1b", R"(,"kai":{"members":["small:1b"]})"), "400 "));
    EXPECT_EQ(test.asked, before);
  }(*this));
}

TEST_F(ApiTest, FailuresSayWhetherToTryAgain) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    struct Row {
      ErrorCode code;
      std::string status;
      bool retry_false;
    };
    for (const auto& [code, status, retry_false] :
         {Row{ErrorCode::deadline, "504", true}, Row{ErrorCode::internal, "500", true},
          Row{ErrorCode::nothing_fits, "422", false}, Row{ErrorCode::no_members, "503", true},
          Row{ErrorCode::overloaded, "429", true}}) {
      test.ending.error = Error{code, "no answer"};
      for (const std::string stream : {"false", "true"}) {
        const auto said =
            co_await test.post("/v1/chat/completions", chat + R"(,"stream":)" + stream + "}");
        EXPECT_TRUE(has(said, "HTTP/1.1 " + status) && has(said, "no answer")) << said;
        EXPECT_EQ(has(said, "x-should-retry: false"), retry_false) << said;
      }
    }
    EXPECT_TRUE(has(co_await test.post("/api/chat", chat + "}"), R"({"error":"no answer"})"));
  }(*this));
}

// Ollama's members have a tag, which its clients leave out or add.
TEST_F(ApiTest, EveryPathKnowsAModelByTheSameNames) {
  Model tagged;
  tagged.id = ModelId("mistral:latest");
  models.push_back(tagged);
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    for (const std::string name : {"mistral", "mistral:latest", "kai", "kai:latest", "kai:expert",
                                   "small:1b", "small:1b:latest"}) {
      const std::string model = R"({"model":")" + name + "\"";
      const auto said = co_await test.post("/api/generate", model + R"(,"prompt":"Why?"})");
      EXPECT_TRUE(has(said, "HTTP/1.1 200 ")) << name << said;
      EXPECT_TRUE(has(co_await test.post("/api/show", model + "}"), "HTTP/1.1 200 ")) << name;
      EXPECT_TRUE(has(co_await test.get("/v1/models/" + name), "HTTP/1.1 200 ")) << name;
    }
    EXPECT_TRUE(has(co_await test.get("/v1/models/mistral:7b"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.get("/v1/models/kai:none"), "HTTP/1.1 404 "));
  }(*this));
}

TEST_F(ApiTest, RefusesInTheProtocolsOwnForm) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    EXPECT_TRUE(
        has(co_await test.post("/v1/chat/completions", chat + R"(,"n":2})"), R"("param":"n")"));
    EXPECT_TRUE(has(co_await test.post("/api/chat", "{"), R"({"error":")"));
    EXPECT_TRUE(has(co_await test.get("/v1/none"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.get("/../etc/passwd"), "HTTP/1.1 404 "));
    const auto wrong = co_await test.get("/api/chat");
    EXPECT_TRUE(has(wrong, "HTTP/1.1 405 ") && has(wrong, "Allow: POST")) << wrong;
    EXPECT_TRUE(has(co_await test.say("BREW / HTTP/1.1\r\nHost: localhost"), "HTTP/1.1 405 "));
    EXPECT_TRUE(has(co_await test.say("GET http://localhost/ HTTP/1.1\r\nHost: localhost"),
                    "HTTP/1.1 404 "));
    const auto garbage = co_await test.say("nonsense");
    EXPECT_TRUE(has(garbage, "HTTP/1.1 400 ") && has(garbage, R"({"error":{)")) << garbage;
    EXPECT_EQ(test.asked, 0);
  }(*this));
}

TEST_F(ApiTest, HowLongModelsStayIsSaidWithAQuestionOrWithout) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const std::string question = R"("messages":[{"role":"user","content":"Why?"}])";
    co_await test.post("/api/chat", R"({"model":"kai","keep_alive":0,)" + question + "}");
    EXPECT_EQ(test.last.keep, Duration::zero());
    co_await test.post("/api/chat", R"({"model":"kai",)" + question + "}");
    EXPECT_FALSE(test.last.keep);
    EXPECT_TRUE(test.stays.empty()) << "the question's own story says it";
    const auto gone = co_await test.post("/api/generate", R"({"model":"small:1b","keep_alive":0})");
    EXPECT_TRUE(gone.contains(R"("done_reason":"unload")")) << gone;
    EXPECT_EQ(test.stays.at(ModelId("small:1b")), Duration::zero());
    const auto kept =
        co_await test.post("/api/generate", R"({"model":"small:1b","keep_alive":"5m"})");
    EXPECT_TRUE(kept.contains(R"("done_reason":"load")")) << kept;
    EXPECT_EQ(test.stays.at(ModelId("small:1b")), 5min);
    const auto whom = co_await test.post("/api/generate", R"({"model":"kai","keep_alive":0})");
    EXPECT_TRUE(whom.starts_with("HTTP/1.1 400 ") && whom.contains("keep_alive")) << whom;
  }(*this));
}

TEST_F(ApiTest, ForeignPagesAreSentAwayBeforeAnyWork) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    for (const std::string headers :
         {"Host: evil.example", "Host: localhost\r\nOrigin: http://evil.example",
          "Host: localhost\r\nSec-Fetch-Site: cross-site"}) {
      const auto said = co_await test.say("POST /api/chat HTTP/1.1\r\n" + headers, chat + "}");
      EXPECT_TRUE(has(said, "HTTP/1.1 403 ")) << said;
      EXPECT_FALSE(has(said, "Access-Control"));
    }
    EXPECT_TRUE(has(co_await test.say("GET / HTTP/1.1"), "HTTP/1.1 400 "));
    EXPECT_EQ(test.asked, 0);
  }(*this));
}

TEST_F(ApiTest, BeyondTheQueueItIs429AtOnce) {
  gated = true;
  serve_api({.questions_max = 1, .waiting_max = 0});
  run([](ApiTest& test) -> Task<void> {
    const auto busy = co_await test.connect();
    co_await busy->write(*test.clock,
                         "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                             std::to_string(chat.size() + 1) + "\r\n\r\n" + chat + "}",
                         test.soon());
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    const int looks = test.looks;
    co_await test.get("/v1/models");
    EXPECT_EQ(test.looks, looks) << "a model must not go while it is asked";
    const auto said = co_await test.post("/v1/chat/completions", chat + "}");
    EXPECT_TRUE(has(said, "HTTP/1.1 429 ") && has(said, "Retry-After: ")) << said;
    EXPECT_TRUE(has(said, "rate_limit_error"));
    test.gate.resume();
    EXPECT_TRUE((co_await busy->read(*test.clock, test.soon())).has_value());
  }(*this));
}

TEST_F(ApiTest, TellsItsMetricsOnceItHasSome) {
  serve_api({}, false);
  run([](ApiTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.get("/metrics"), "HTTP/1.1 503 "));
    test.api->watch({.metrics = [] { return "kai_queue_depth 1\n"; }});
    const std::string said = co_await test.get("/metrics");
    EXPECT_TRUE(has(said, "HTTP/1.1 200 ")) << said;
    EXPECT_TRUE(has(said, "Content-Type: text/plain; version=0.0.4")) << said;
    EXPECT_TRUE(said.ends_with("\r\n\r\nkai_queue_depth 1\n")) << said;
  }(*this));
}

TEST_F(ApiTest, TellsWhatWasMeasured) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto early = co_await test.get("/api/v1/metrics/history");
    EXPECT_TRUE(has(early, "HTTP/1.1 503 ") && has(early, "Retry-After: 1")) << early;
    EXPECT_TRUE(has(early, "application/json") && has(early, R"({"error":{"code":)")) << early;
    HistoryWanted wanted;
    test.api->watch({.history = [&](const HistoryWanted& asked) -> Result<HistoryColumns> {
      wanted = asked;
      if (asked.series.empty()) return fail(ErrorCode::invalid_request, "too much");
      return HistoryColumns{.step = 10s, .times = {WallTime(50s)}};
    }});
    const auto said = co_await test.get(
        "/api/v1/metrics/history?series=questions,pressure&from=-60.5&to=1000&points=50");
    EXPECT_TRUE(has(said, R"({"step_s":10,"series":[],"data":[[50]],"annotations":[]})")) << said;
    EXPECT_EQ(wanted.series, (std::vector<std::string>{"questions", "pressure"}));
    EXPECT_EQ(wanted.from, -60'500ms);
    EXPECT_EQ(wanted.to, 1000s);
    EXPECT_EQ(wanted.points, 50);
    for (const auto* bad : {"0", "10001", "-1", "x", "1.5", ""}) {
      const auto refused =
          co_await test.get(std::string("/api/v1/metrics/history?series=a&points=") + bad);
      EXPECT_TRUE(has(refused, "HTTP/1.1 400 ") && has(refused, "1 to 10000")) << bad;
    }
    EXPECT_TRUE(has(co_await test.get("/api/v1/metrics/history"), "HTTP/1.1 400 "));
    for (const auto* bad : {"from=x", "to=1s", "from=", "from=nan", "to=inf"}) {
      const auto refused =
          co_await test.get(std::string("/api/v1/metrics/history?series=a&") + bad);
      EXPECT_TRUE(has(refused, "HTTP/1.1 400 ") && has(refused, "since 1970")) << refused;
    }
  }(*this));
}

TEST_F(ApiTest, TellsAlertsAndKeepsThemSilent) {
  serve_api();
  run([](ApiTest& test) -> Task<void> {
    const auto early = co_await test.get("/api/v1/alerts");
    EXPECT_TRUE(has(early, "HTTP/1.1 503 ") && has(early, R"({"error":{"code":)")) << early;
    std::string silenced;
    test.api->watch(
        {.alerts = [] { return AlertList{.rules = {{"ModelDown", "critical", "model", ""}}}; },
         .silence = [&](const std::string& alert, Duration length) -> Result<> {
           if (alert != "ModelDown") return fail(ErrorCode::invalid_request, "no such alert");
           silenced = alert + std::to_string(seconds(length));
           return {};
         }});
    EXPECT_TRUE(has(co_await test.get("/api/v1/alerts"), R"("rules":[{"name":"ModelDown")"));
    const std::string path = "/api/v1/alerts/silences";
    EXPECT_TRUE(
        has(co_await test.post(path, R"({"alert":"ModelDown","duration_s":60})"), "HTTP/1.1 200 "));
    EXPECT_TRUE(silenced.starts_with("ModelDown60.")) << silenced;
    EXPECT_TRUE(has(co_await test.post(path, R"({"alert":"X","duration_s":60})"), "HTTP/1.1 400 "));
    EXPECT_TRUE(has(co_await test.post(path, R"({"alert":"ModelDown"})"), "HTTP/1.1 400 "));
    EXPECT_TRUE(has(co_await test.get(path), "HTTP/1.1 405 "));
  }(*this));
}

}  // namespace
}  // namespace kai
