#include "api/gate.h"

#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

const std::string chat = R"({"model":"kai:auto","messages":[{"role":"user","content":"Why?"}]})";

class GateTest : public testing_api::ApiTest {
 public:
  // A key of these scopes; its secret.
  std::string add(const std::string& name, const std::string& scopes, Key more = {}) {
    std::string made = new_secret();
    more.name = name;
    more.hash = hash_of(made);
    more.scopes = *scopes_in(scopes);
    more.created = WallTime(1'700'000'000s);
    EXPECT_TRUE(add_key(file(), more));
    return made;
  }
  void serve_keys(const ServeOptions& options = {}) {
    keys = std::make_unique<KeyWatch>(*clock, file());
    serve_api(options);
  }
  std::string file() const { return key_file_in(folder + "/data"); }

  Task<std::string> with(std::string header, std::string what, std::string body = "") {
    return say(what + " HTTP/1.1\r\nHost: localhost\r\n" + header, std::move(body));
  }
  Task<std::string> by(const std::string& key, std::string what, std::string body = "") {
    return with("Authorization: Bearer " + key, std::move(what), std::move(body));
  }
  void run_whole(Task<void> (*steps)(GateTest&)) {
    run([](GateTest& test, Task<void> (*body)(GateTest&)) -> Task<void> {
      co_await body(test);
      test.api->close();
      co_await test.api->settle(test.soon());
    }(*this, steps));
  }
  static std::string cookie_in(const std::string& said) {
    const auto at = said.find("Set-Cookie: ");
    return at == std::string::npos ? "" : said.substr(at + 12, said.find(';', at) - at - 12);
  }

  std::string secret, other;
};

TEST_F(GateTest, EveryRouteSaysWhatItNeeds) {
  serve_api();
  for (const auto& route : api->routes()) {
    const auto blank = route.find(' ');
    EXPECT_TRUE(has_need(route.substr(0, blank), route.substr(blank + 1)))
        << route << ": give it a row in src/api/needs.cpp";
  }
  EXPECT_EQ(need_of("POST", "/new"), Need::manage);
  EXPECT_EQ(need_of("HEAD", "/metrics"), Need::watch);
}

TEST_F(GateTest, WithoutAKeyEveryoneOnThisMachineComesIn) {
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.post("/v1/chat/completions", chat), "HTTP/1.1 200 "));
    const auto any = co_await test.by("anything", "POST /v1/chat/completions", chat);
    EXPECT_TRUE(has(any, "HTTP/1.1 200 ")) << "clients want to send some key";
    EXPECT_FALSE(has(any, "x-ratelimit"));
    EXPECT_TRUE(has(co_await test.post("/api/v1/login", R"({"key":"x"})"), "HTTP/1.1 400 "));
  });
}

TEST_F(GateTest, WithOneEveryoneNeedsOneAndIsToldHow) {
  add("a", "ask");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    for (const std::string open : {"/healthz", "/readyz", "/health", "/"}) {
      EXPECT_TRUE(has(co_await test.get(open), "HTTP/1.1 200 ")) << open;
    }
    struct Row {
      std::string what, body, form;
    };
    for (const auto& [what, body, form] :
         {Row{"POST /v1/chat/completions", chat, R"("code":"invalid_api_key")"},
          Row{"GET /metrics", "", R"("code":"invalid_api_key")"},
          Row{"GET /none", "", R"("code":"invalid_api_key")"},
          Row{"POST /api/chat", chat, R"({"error":"this server wants a key)"},
          Row{"POST /mcp", "{}", R"("jsonrpc":"2.0")"},
          Row{"GET /api/v1/models", "", R"({"error":{"code":"unauthorized",)"},
          Row{"PATCH /api/v1/models", "", R"({"error":{"code":"unauthorized",)"}}) {
      const auto said = co_await test.say(what + " HTTP/1.1\r\nHost: localhost", body);
      EXPECT_TRUE(has(said, "HTTP/1.1 401 ")) << said;
      EXPECT_TRUE(has(said, "WWW-Authenticate: Bearer realm=\"kai\"")) << said;
      EXPECT_TRUE(has(said, form) && has(said, "kai keys create")) << said;
    }
    EXPECT_EQ(test.asked, 0);
    EXPECT_EQ(test.api->sent_away().unauthorized, 7);
  });
}

TEST_F(GateTest, WhereOthersReachItAKeyIsNeededFromTheStart) {
  serve_keys({.address = "0.0.0.0"});
  run_whole([](GateTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.get("/v1/models"), "HTTP/1.1 401 "));
    const auto numbered = co_await test.say("GET /v1/models HTTP/1.1\r\nHost: 192.168.0.2");
    EXPECT_TRUE(has(numbered, "HTTP/1.1 401 ")) << "a number is no foreign name there";
    const auto foreign = co_await test.say("GET /v1/models HTTP/1.1\r\nHost: evil.example");
    EXPECT_TRUE(has(foreign, "HTTP/1.1 403 ") && has(foreign, "serve.hosts")) << foreign;
  });
}

TEST_F(GateTest, TakesAKeyHoweverItIsSent) {
  secret = add("a", "ask");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /v1/models"), "HTTP/1.1 200 "));
    EXPECT_TRUE(
        has(co_await test.with("x-api-key: " + test.secret, "GET /v1/models"), "HTTP/1.1 200 "));
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /none"), "HTTP/1.1 404 "));
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /api/chat"), "HTTP/1.1 405 "));
  });
}

TEST_F(GateTest, AKeyDoesForItsScopesAlone) {
  secret = add("asker", "ask");
  other = add("watcher", "watch");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    test.api->watch({.metrics = [] { return "kai_queue_depth 1\n"; }});
    EXPECT_TRUE(has(
        co_await test.by(test.secret, "POST /api/generate", R"({"model":"kai","prompt":"Why?"})"),
        "HTTP/1.1 200 "));
    EXPECT_TRUE(has(co_await test.by(test.other, "GET /metrics"), "HTTP/1.1 200 "));
    for (const std::string what : {"GET /metrics", "HEAD /metrics", "GET /api/v1/events",
                                   "GET /api/v1/queries", "POST /api/v1/reload"}) {
      const auto said = co_await test.by(test.secret, what);
      EXPECT_TRUE(has(said, "HTTP/1.1 403 ")) << what << said;
    }
    const auto said = co_await test.by(test.other, "POST /v1/chat/completions", chat);
    EXPECT_TRUE(has(said, "HTTP/1.1 403 ") && has(said, R"("code":"insufficient_scope")") &&
                has(said, "--scope ask"))
        << said;
    const auto native = co_await test.by(test.other, "POST /api/v1/reload");
    EXPECT_TRUE(has(native, R"({"error":{"code":"forbidden",)") && has(native, "--scope manage"));
    EXPECT_EQ(test.asked, 1);
  });
}

TEST_F(GateTest, OnesOwnQuestionsNeedNoFurtherScope) {
  secret = add("asker", "ask");
  other = add("another", "ask");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    const auto taken =
        co_await test.by(test.secret, "POST /api/v1/queries", R"({"question":"Why?"})");
    EXPECT_TRUE(has(taken, "HTTP/1.1 202 ")) << taken;
    const std::string query = "/api/v1/queries/q_1";
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET " + query + "/events"), "query.completed"));
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET " + query), "Paris."));
    const std::string good = R"({"said":"good"})";
    EXPECT_TRUE(has(co_await test.by(test.secret, "PUT " + query + "/feedback", good), "200 "));
    for (const std::string& what : {"GET " + query, "GET " + query + "/events", "DELETE " + query,
                                    "PUT " + query + "/feedback", "POST " + query + "/replay"}) {
      const auto said = co_await test.by(test.other, what, good);
      EXPECT_TRUE(has(said, "HTTP/1.1 403 ")) << what;
      // What there is not is refused in the same words: nobody learns of others' questions.
      std::string none = what, same = said;
      none.replace(none.find("q_1"), 3, "q_9");
      while (has(same, "q_1")) same.replace(same.find("q_1"), 3, "q_9");
      EXPECT_EQ(co_await test.by(test.other, none, good), same);
    }
    // One that came by another protocol, streamed and whole.
    co_await test.by(test.secret, "POST /v1/chat/completions", chat);
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /api/v1/queries/q_2"), "HTTP/1.1 200 "));
    co_await test.by(test.secret, "POST /api/chat", chat);
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /api/v1/queries/q_3"), "HTTP/1.1 200 "));
    EXPECT_TRUE(has(co_await test.by(test.other, "GET /api/v1/queries/q_3"), "HTTP/1.1 403 "));
  });
}

TEST_F(GateTest, AThousandWrongKeysChangeNothingForTheRightOne) {
  secret = add("a", "ask");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    for (int i = 0; i < 1000; ++i) {
      const auto said = co_await test.by(new_secret(), "GET /v1/models");
      if (!has(said, "HTTP/1.1 401 ")) {
        ADD_FAILURE() << said;
        break;
      }
    }
    EXPECT_EQ(test.api->sent_away().unauthorized, 1000);
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /v1/models"), "HTTP/1.1 200 "));
  });
}

TEST_F(GateTest, WhatIsNoKeyIsRefused) {
  secret = add("a", "ask");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    const std::string right = "Authorization: Bearer " + test.secret;
    for (const std::string& header :
         {std::string("Authorization: Bearer ") + std::string(8192, 'x'),
          "Authorization: Bearer " + test.secret + "0", std::string("Authorization: Bearer "),
          "Authorization: Bearer " + test.secret.substr(0, 51)}) {
      EXPECT_TRUE(has(co_await test.with(header, "GET /v1/models"), "HTTP/1.1 401 "))
          << header.size();
    }
    const auto twice = co_await test.with(right + "\r\n" + right, "GET /v1/models");
    EXPECT_TRUE(has(twice, "HTTP/1.1 400 ") && has(twice, "two keys")) << twice;
    const auto address = co_await test.get("/v1/models?key=" + test.secret);
    EXPECT_TRUE(has(address, "HTTP/1.1 400 ") && has(address, "address")) << address;
    EXPECT_FALSE(has(address, test.secret));
    const auto both = co_await test.with(right, "GET /v1/models?key=" + test.secret);
    EXPECT_TRUE(has(both, "HTTP/1.1 400 ")) << both;
  });
}

TEST_F(GateTest, AnExpiredKeyDoesNotCount) {
  Key old;
  old.expires = WallTime(1'700'000'001s);
  secret = add("old", "ask", old);
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    const auto said = co_await test.by(test.secret, "GET /v1/models");
    EXPECT_TRUE(has(said, "HTTP/1.1 401 ") && has(said, "the key old has expired")) << said;
  });
}

TEST_F(GateTest, NewAndRevokedKeysCountWithoutARestart) {
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.get("/v1/models"), "HTTP/1.1 200 "));
    test.secret = test.add("a", "ask");
    test.keys->look();
    EXPECT_TRUE(has(co_await test.get("/v1/models"), "HTTP/1.1 401 "));
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /v1/models"), "HTTP/1.1 200 "));
    const auto new_one = test.add("b", "ask");
    EXPECT_TRUE(has(co_await test.by(new_one, "GET /v1/models"), "HTTP/1.1 200 "))
        << "one that was made in this second";
    EXPECT_TRUE(remove_key(test.file(), "a"));
    EXPECT_TRUE(remove_key(test.file(), "b"));
    test.keys->look();
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /v1/models"), "HTTP/1.1 401 "));
    EXPECT_TRUE(has(co_await test.get("/v1/models"), "HTTP/1.1 401 "))
        << "a server that wanted keys does not open by itself";
  });
}

TEST_F(GateTest, ThisUsersOwnCommandsMayDoEverything) {
  add("a", "ask");
  serve_keys();
  secret = new_secret();
  api->trust(hash_of(secret));
  run_whole([](GateTest& test) -> Task<void> {
    EXPECT_TRUE(has(co_await test.by(test.secret, "POST /api/v1/reload"), "HTTP/1.1 200 "));
    EXPECT_TRUE(has(co_await test.by(new_secret(), "POST /api/v1/reload"), "HTTP/1.1 401 "));
  });
}

TEST_F(GateTest, BeyondItsRateAKeyIsToldWhenToComeAgain) {
  secret = add("slow", "ask", {.rate_max = 2});
  other = add("fast", "ask");
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    const auto first = co_await test.by(test.secret, "GET /v1/models");
    EXPECT_TRUE(has(first, "HTTP/1.1 200 ") && has(first, "x-ratelimit-limit-requests: 2") &&
                has(first, "x-ratelimit-remaining-requests: 1"))
        << first;
    // Of a stream, too.
    EXPECT_TRUE(has(co_await test.by(test.secret, "POST /api/chat", chat),
                    "x-ratelimit-remaining-requests: 0"));
    for (const std::string what :
         {"POST /v1/chat/completions", "POST /api/chat", "POST /mcp", "POST /api/v1/queries"}) {
      const auto said = co_await test.by(test.secret, what, chat);
      EXPECT_TRUE(has(said, "HTTP/1.1 429 ") && has(said, "x-ratelimit-remaining-requests: 0"))
          << said;
      EXPECT_TRUE(has(said, "Retry-After: 30") || has(said, "Retry-After: 29")) << said;
    }
    EXPECT_TRUE(has(co_await test.by(test.other, "GET /v1/models"), "HTTP/1.1 200 "));
    EXPECT_EQ(test.api->sent_away().too_often, 4);
    EXPECT_EQ(test.asked, 1);
  });
}

TEST_F(GateTest, WithoutKeysAnAddressHasARate) {
  serve_keys({.rate_max = 3});
  run_whole([](GateTest& test) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(has(co_await test.get("/v1/models"), "HTTP/1.1 200 "));
    }
    EXPECT_TRUE(has(co_await test.get("/v1/models"), "HTTP/1.1 429 "));
    EXPECT_TRUE(has(co_await test.get("/healthz"), "HTTP/1.1 200 ")) << "health is not counted";
  });
}

TEST_F(GateTest, BeyondItsRequestsAtOnceAKeyWaits) {
  gated = true;
  secret = add("a", "ask", {.at_once_max = 1});
  serve_keys();
  run_whole([](GateTest& test) -> Task<void> {
    const auto busy = co_await test.connect();
    co_await busy->write(
        *test.clock,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nx-api-key: " + test.secret +
            "\r\nContent-Length: " + std::to_string(chat.size()) + "\r\n\r\n" + chat,
        test.soon());
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    const auto said = co_await test.by(test.secret, "POST /v1/chat/completions", chat);
    EXPECT_TRUE(has(said, "HTTP/1.1 429 ") && has(said, "1 questions at once")) << said;
    EXPECT_TRUE(has(co_await test.by(test.secret, "GET /v1/models"), "HTTP/1.1 200 "))
        << "what does not ask is counted apart";
    test.gated = false;
    test.gate.resume();
    EXPECT_TRUE((co_await busy->read(*test.clock, test.soon())).has_value());
    EXPECT_TRUE(
        has(co_await test.by(test.secret, "POST /v1/chat/completions", chat), "HTTP/1.1 200 "));
  });
}

TEST_F(GateTest, BegunQuestionsCountUntilTheyAreOver) {
  gated = true;
  secret = add("a", "ask", {.at_once_max = 2});
  other = add("b", "ask");
  serve_keys({.questions_max = 1});
  run_whole([](GateTest& test) -> Task<void> {
    const std::string ask = "POST /api/v1/queries";
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(has(co_await test.by(test.secret, ask, R"({"question":"Why?"})"), " 202 "));
    }
    const auto third = co_await test.by(test.secret, ask, R"({"question":"Why?"})");
    EXPECT_TRUE(has(third, "HTTP/1.1 429 ") && has(third, "2 questions at once")) << third;
    EXPECT_TRUE(has(co_await test.by(test.secret, "DELETE /api/v1/queries/q_2"), " 202 "));
    while (has(co_await test.by(test.secret, "GET /api/v1/queries/q_2"), "\"begun\"")) {
    }
    EXPECT_TRUE(has(co_await test.by(test.secret, ask, R"({"question":"Why?"})"), " 202 "));
    EXPECT_TRUE(has(co_await test.by(test.other, ask, R"({"question":"Why?"})"), " 202 "));
    test.gated = false;
    test.gate.resume();
  });
}

TEST_F(GateTest, OneKeysQuestionsLeavePlacesForAnothers) {
  gated = true;
  secret = add("a", "ask");
  other = add("b", "ask");
  serve_keys({.questions_max = 1, .waiting_max = 4});
  run_whole([](GateTest& test) -> Task<void> {
    const std::string ask = "POST /api/v1/queries", body = R"({"question":"Why?"})";
    EXPECT_TRUE(has(co_await test.by(test.secret, ask, body), " 202 "));
    while (test.running == 0) co_await test.clock->sleep_until(test.clock->now() + 1ms);
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(has(co_await test.by(test.secret, ask, body), " 202 "));
    }
    EXPECT_TRUE(has(co_await test.by(test.secret, ask, body), "HTTP/1.1 429 "));
    EXPECT_TRUE(has(co_await test.by(test.other, ask, body), " 202 "));
    test.gated = false;
    test.gate.resume();
  });
}

}  // namespace
}  // namespace kai
