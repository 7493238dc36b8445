// kai's own protocol over a real socket, with models that the test plays.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;
using testing_api::ApiTest;

bool has(const std::string& text, std::string_view words) {
  return text.contains(words);
}

class Native : public ApiTest {
 public:
  // The test's steps, and behind them the end of all questions.
  void run_native(Task<void> steps) {
    run([](Native& test, Task<void> task) -> Task<void> {
      co_await std::move(task);
      test.api->close();
      co_await test.api->settle(test.clock->now());
    }(*this, std::move(steps)));
  }
  Task<std::string> ask(std::string question = "Why?") {
    return post("/api/v1/queries", R"({"question":")" + question + R"("})");
  }
  Task<std::string> events(std::string id, std::string after = "") {
    return get("/api/v1/queries/" + id + "/events" + (after.empty() ? "" : "?after=" + after));
  }
  // The id of the last event in a stream.
  static std::string last_id(const std::string& stream) {
    const auto at = stream.rfind("\nid: ");
    return at == std::string::npos ? "" : stream.substr(at + 5, stream.find('\n', at + 5) - at - 5);
  }
  static int count(std::string_view text, std::string_view what) {
    int times = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++times;
    return times;
  }
};

event::Started started() {
  Plan plan;
  plan.tier = Tier::medium;
  return {QueryId("q_1"), {}, plan};
}

TEST_F(Native, AQuestionGoesOnWithoutItsClient) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    const auto taken = co_await test.ask();
    EXPECT_TRUE(has(taken, "HTTP/1.1 202 ") && has(taken, "Location: /api/v1/queries/q_1"));
    EXPECT_TRUE(has(taken, R"({"id":"q_1","query":"/api/v1/queries/q_1",)"
                           R"("events":"/api/v1/queries/q_1/events"})"))
        << taken;
    const auto told = co_await test.events("q_1");
    EXPECT_TRUE(has(told, "Content-Type: text/event-stream")) << told;
    EXPECT_TRUE(has(told, R"("type":"query.asked")") && has(told, R"("question":"Why?")"));
    EXPECT_TRUE(has(told, R"("type":"query.completed")") && has(told, R"("text":"Paris.")"));
    const auto document = co_await test.get("/api/v1/queries/q_1");
    EXPECT_TRUE(has(document, R"("schema":"kai.answer.v1")") && has(document, "Paris."));
  }(*this));
  EXPECT_EQ(begun, 1);
}

TEST_F(Native, AskedWithEverythingThatCanBeSaid) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    const auto taken = co_await test.post(
        "/api/v1/queries",
        R"({"messages":[{"role":"system","content":"Be brief"},{"role":"user","content":"Why?"}],)"
        R"("tier":"expert","mode":"all","members":["small:1b"],"deadline_ms":1500,)"
        R"("seed":"18446744073709551615","answer_max":7,"stop":["x"],"temperature":0.5,)"
        R"("top_p":0.9,"synthesize":true})");
    EXPECT_TRUE(has(taken, "HTTP/1.1 202 ")) << taken;
    co_await test.events("q_1");
    const Query& query = test.last;
    EXPECT_EQ(query.messages.size(), 2u);
    EXPECT_EQ(query.tier, Tier::expert);
    EXPECT_EQ(query.mode, Mode::all);
    EXPECT_EQ(query.models, std::vector{ModelId("small:1b")});
    EXPECT_EQ(query.time_limit, 1500ms);
    EXPECT_EQ(query.seed, 18446744073709551615u);
    EXPECT_EQ(query.answer_max, Tokens(7));
    EXPECT_TRUE(query.synthesize && query.hear_all);
  }(*this));
}

TEST_F(Native, WhatIsNoQuestionIsNotTaken) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    const auto said = co_await test.post("/api/v1/queries", R"({"question":""})");
    EXPECT_TRUE(has(said, "HTTP/1.1 400 ") && has(said, "it is empty")) << said;
    EXPECT_FALSE(has(said, "Location:")) << said;
    EXPECT_TRUE(test.documents.empty()) << "nothing is kept of it";
  }(*this));
  EXPECT_EQ(begun, 0);
}

TEST_F(Native, WhatIsWrongIsRefusedByName) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"question":"Why?","depth":3})", "depth"},
        {R"({})", "question"},
        {R"({"question":"Why?","messages":[{"role":"user","content":"a"}]})", "exclude"},
        {R"({"question":"Why?","tier":"hard"})", "tier"},
        {R"({"question":"Why?","deadline_ms":1})", "deadline_ms"},
        {R"({"messages":[{"role":"user","content":"a","name":"b"}]})", "messages[0].name"},
        {R"({"messages":[{"role":"assistant","content":"a"}]})", "must end with"},
        {R"([])", "object"},
        {"", "JSON"},
    };
    for (const auto& [body, name] : cases) {
      for (const auto* path : {"/api/v1/queries", "/api/v1/plan"}) {
        const auto said = co_await test.post(path, body);
        EXPECT_TRUE(has(said, "HTTP/1.1 400 ") && has(said, R"({"error":{"code":)")) << said;
        EXPECT_TRUE(has(said, name)) << said;
      }
    }
    EXPECT_TRUE(has(co_await test.get("/api/v1/queries?depth=3"), "depth"));
    EXPECT_TRUE(has(co_await test.get("/api/v1/queries?limit=0"), "1 to 200"));
    EXPECT_TRUE(has(co_await test.get("/api/v1/queries?search=%zz"), "HTTP/1.1 400 "));
    EXPECT_TRUE(has(co_await test.get("/api/v1/queries/q_9"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.events("q_9"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.events("q_9", "x"), "HTTP/1.1 400 "));
    const auto put = co_await test.send("PUT", "/api/v1/queries/q_9");
    EXPECT_TRUE(has(put, "HTTP/1.1 405 ") && has(put, "Allow: GET, HEAD, DELETE")) << put;
    EXPECT_TRUE(has(co_await test.get("/api/v1/nothing"), R"({"error":{"code":"not_found")"));
  }(*this));
  EXPECT_EQ(begun, 0);
}

TEST_F(Native, WordsComeTogetherAndNothingTwice) {
  script = {started(), event::Queued{MemberId("small:1b")}};
  for (int word = 0; word < 50; ++word) script.push_back(event::Token{MemberId("small:1b"), "w "});
  serve_api();
  run_native([](Native& test) -> Task<void> {
    co_await test.ask();
    const auto told = co_await test.events("q_1");
    EXPECT_EQ(count(told, "w "), 50) << told;
    EXPECT_LE(count(told, "member.token"), 5) << told;
    // 51 waits of 1 ms and more: where the machine is slow, they go in more batches.
    EXPECT_GE(count(told, "member.token"), 1);
    const auto whole = co_await test.events("q_1");
    EXPECT_EQ(last_id(whole), last_id(told));
    const auto second = whole.find("\nid: ", whole.find("\nid: ") + 1);
    const auto id = whole.substr(second + 5, whole.find('\n', second + 5) - second - 5);
    const auto rest = co_await test.events("q_1", id);
    EXPECT_FALSE(has(rest, "query.asked") || has(rest, "query.started")) << rest;
    EXPECT_EQ(count(rest, "w "), 50);
    const auto again = co_await test.say(
        "GET /api/v1/queries/q_1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " +
        last_id(whole));
    EXPECT_TRUE(has(again, "HTTP/1.1 204 ")) << again;
    const auto foreign = co_await test.events("q_1", "12");
    EXPECT_TRUE(has(foreign, "query.anew") && has(foreign, "query.asked")) << foreign;
  }(*this));
}

TEST_F(Native, StoppedByItsIdWhateverItsProtocol) {
  gated = true;
  serve_api({.questions_max = 1});
  run_native([](Native& test) -> Task<void> {
    co_await test.ask();
    co_await test.ask();  // waits for its turn
    EXPECT_TRUE(has(co_await test.send("DELETE", "/api/v1/queries/q_2"), "HTTP/1.1 202 "));
    EXPECT_TRUE(has(co_await test.events("q_2"), R"("code":"cancelled")"));
    EXPECT_TRUE(has(co_await test.get("/api/v1/queries/q_2"), R"("code":"cancelled")"));
    EXPECT_TRUE(has(co_await test.send("DELETE", "/api/v1/queries/q_1"), "HTTP/1.1 202 "));
    EXPECT_TRUE(has(co_await test.events("q_1"), R"("code":"cancelled")"));
    EXPECT_EQ(test.begun, 1);
    EXPECT_EQ(test.cancellations, 1);
    EXPECT_TRUE(has(co_await test.send("DELETE", "/api/v1/queries/q_1"), "HTTP/1.1 409 "));
    EXPECT_TRUE(has(co_await test.send("DELETE", "/api/v1/queries/q_9"), "HTTP/1.1 404 "));
    test.documents["q_8"] =
        R"({"schema":"kai.answer.v1","id":"q_8","asked":"2026-02-03T04:05:06.789Z",)"
        R"("error":{"code":"begun","message":"this question is still being answered"}})";
    const auto elsewhere = co_await test.send("DELETE", "/api/v1/queries/q_8");
    EXPECT_TRUE(has(elsewhere, "HTTP/1.1 409 ") && has(elsewhere, "another kai")) << elsewhere;
    const auto client = co_await test.connect();
    const std::string body = R"({"model":"kai","messages":[{"role":"user","content":"Why?"}]})";
    co_await client->write(*test.clock,
                           "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: "
                           "close\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\n\r\n" + body,
                           test.soon());
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    EXPECT_TRUE(has(co_await test.send("DELETE", "/api/v1/queries/q_3"), "HTTP/1.1 202 "));
    EXPECT_TRUE(has(co_await test.read_all(*client), "cancelled"));
  }(*this));
}

TEST_F(Native, TooManyAreRefusedAtOnce) {
  gated = true;
  serve_api({.questions_max = 1, .waiting_max = 1});
  run_native([](Native& test) -> Task<void> {
    co_await test.ask();
    co_await test.ask();
    const auto third = co_await test.ask();
    EXPECT_TRUE(has(third, "HTTP/1.1 429 ") && has(third, "Retry-After: 1")) << third;
    EXPECT_FALSE(test.documents.contains("q_3"));
  }(*this));
  EXPECT_EQ(cancellations, 1) << "the end of the server ends what nobody waits for";
  EXPECT_TRUE(has(documents["q_2"], "stopping") || has(documents["q_2"], "cancelled"));
}

TEST_F(Native, AFinishedQuestionIsToldFromWhatIsKept) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    Outcome kept = paris();
    kept.query.id = QueryId("q_old");
    kept.query.messages = {{Role::user, "Where?"}};
    kept.asked = WallTime(std::chrono::seconds(1'772'366'400));
    kept.stop_why = "settled";
    Answer answer;
    answer.member = MemberId("small:1b");
    answer.model = ModelId("small:1b");
    answer.ending = Ending::complete;
    answer.text = "Paris.";
    answer.timings = {.queued = 10ms, .load = 5ms, .prefill = 3ms, .decode = 9ms, .total = 27ms};
    kept.answers = {answer};
    test.documents["q_old"] = wire::encode_outcome(kept);
    const auto told = co_await test.events("q_old");
    std::size_t at = 0;
    for (const auto* type : {"query.asked", "query.started", "member.queued", "member.loading",
                             "member.prefill", "member.token", "member.ended", "agreement.updated",
                             "query.early_stop", "query.completed"}) {
      const auto found = told.find(std::string("\"type\":\"") + type, at);
      EXPECT_NE(found, std::string::npos) << type << " is missing or too early\n" << told;
      at = std::min(found, told.size());
    }
    EXPECT_EQ(last_id(told), "1772366400000009");
    const auto rest = co_await test.events("q_old", "1772366400000007");
    EXPECT_EQ(count(rest, "\nid: "), 2) << rest;
    EXPECT_TRUE(has(co_await test.events("q_old", last_id(told)), "HTTP/1.1 204 "));
    EXPECT_TRUE(has(co_await test.events("q_old", "5"), "query.anew"));
  }(*this));
}

TEST_F(Native, ReplayedUnderAnotherTier) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    co_await test.post("/api/v1/queries",
                       R"({"question":"Why?","deadline_ms":900,"tier":"simple"})");
    co_await test.events("q_1");
    const auto taken = co_await test.post("/api/v1/queries/q_1/replay", R"({"tier":"expert"})");
    EXPECT_TRUE(has(taken, "HTTP/1.1 202 ") && has(taken, R"("id":"q_2")")) << taken;
    co_await test.events("q_2");
    EXPECT_EQ(test.last.question(), "Why?");
    EXPECT_EQ(test.last.tier, Tier::expert);
    EXPECT_FALSE(test.last.time_limit);
    co_await test.post("/api/v1/queries/q_1/replay", "");
    co_await test.events("q_3");
    EXPECT_EQ(test.last.tier, Tier::simple);
    EXPECT_EQ(test.last.time_limit, 900ms);
    EXPECT_TRUE(has(co_await test.post("/api/v1/queries/q_9/replay", ""), "HTTP/1.1 404 "));
    co_await test.post("/api/v1/queries",
                       R"({"messages":[{"role":"user","content":"a"},)"
                       R"({"role":"assistant","content":"b"},{"role":"user","content":"c"}]})");
    co_await test.events("q_4");
    const auto inside = co_await test.post("/api/v1/queries/q_4/replay", "");
    EXPECT_TRUE(has(inside, "HTTP/1.1 400 ") && has(inside, "conversation")) << inside;
  }(*this));
}

TEST_F(Native, WhatThereIs) {
  serve_api();
  run_native([](Native& test) -> Task<void> {
    Device cpu;
    cpu.id = DeviceId("cpu");
    test.fleet.devices = {cpu};
    test.resident = {{ModelId("small:1b"), DeviceId("cpu"), Bytes(7)}};
    CostCard card;
    card.model = ModelId("small:1b");
    card.device = DeviceId("cpu");
    card.measured = 3;
    test.cards = {card};
    const auto models = co_await test.get("/api/v1/models");
    EXPECT_TRUE(has(models, R"("loaded":[{"device":"cpu","bytes":7}])")) << models;
    EXPECT_TRUE(has(models, R"("measured":3)") && has(models, "the file is damaged"));
    EXPECT_TRUE(has(co_await test.get("/api/v1/devices"), R"("id":"cpu","kind":"cpu")"));
    HistoryRow row;
    row.id = QueryId("q_old");
    row.ending = "answered";
    row.confidence = 0.5;
    test.history = {row};
    const auto page = co_await test.get(
        "/api/v1/queries?search=two+words&tier=expert&kind=short&model=small%3A1b&dissent=true&"
        "ending=answered&before=q_7&limit=5&confidence_min=0.5&confidence_max=.9");
    EXPECT_TRUE(has(page, R"("id":"q_old")") && has(page, R"("confidence":0.5)") &&
                has(page, R"("more":true)"))
        << page;
    const HistorySearch& what = test.searched;
    EXPECT_EQ(what.text, "two words");
    EXPECT_EQ(what.tier, Tier::expert);
    EXPECT_EQ(what.kind, Shape::short_text);
    EXPECT_EQ(what.model, ModelId("small:1b"));
    EXPECT_EQ(what.dissent, true);
    EXPECT_EQ(what.ending, "answered");
    EXPECT_EQ(what.confidence_min, 0.5);
    EXPECT_EQ(what.confidence_max, 0.9);
    for (const auto* wrong : {"1.1", "-0.1", "nan", "x", ""}) {
      const auto said = co_await test.get(std::string("/api/v1/queries?confidence_min=") + wrong);
      EXPECT_TRUE(has(said, "HTTP/1.1 400 ") && has(said, "from 0 to 1")) << wrong;
    }
    EXPECT_EQ(what.before, QueryId("q_7"));
    EXPECT_EQ(what.rows_max, 5);
    EXPECT_TRUE(has(co_await test.post("/api/v1/plan", R"({"question":"Why?"})"), "kai.plan.v1"));
    test.misfit = "too long";
    EXPECT_TRUE(has(co_await test.post("/api/v1/plan", R"({"question":"Why?"})"), "HTTP/1.1 422 "));
    const std::string path = "/api/v1/queries/q_1/feedback";
    EXPECT_TRUE(has(co_await test.send("PUT", path, R"({"answer":"Rome"})"), "HTTP/1.1 200 "));
    EXPECT_EQ(test.feedback.answer, "Rome");
    for (const auto* wrong : {R"({"said":"ok"})", R"({"said":"bad","answer":"x"})", "{}"}) {
      EXPECT_TRUE(has(co_await test.send("PUT", path, wrong), "HTTP/1.1 400 ")) << wrong;
    }
    EXPECT_TRUE(has(co_await test.post("/api/v1/reload", ""), "tiers.simple.timeout"));
    test.reloaded = fail(ErrorCode::invalid_config, "kai.toml:3: no");
    const auto refused = co_await test.post("/api/v1/reload", "");
    EXPECT_TRUE(has(refused, "HTTP/1.1 400 ") && has(refused, "kai.toml:3: no")) << refused;
  }(*this));
}

}  // namespace
}  // namespace kai
