// Browsers: logins by cookie, and pages elsewhere.
#include <gtest/gtest.h>

#include "api/testing.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

class LoginTest : public testing_api::ApiTest {
 public:
  void serve_keys(const ServeOptions& options = {}) {
    secret = new_secret();
    Key key{"page", hash_of(secret), Scopes::all(), 0, 0, WallTime(1'700'000'000s), {}};
    EXPECT_TRUE(add_key(file(), key));
    keys = std::make_unique<KeyWatch>(*clock, file());
    serve_api(options);
  }
  std::string file() const { return key_file_in(folder + "/data"); }

  Task<std::string> with(std::string headers, std::string what, std::string body = "") {
    return say(what + " HTTP/1.1\r\nHost: localhost" + headers, std::move(body));
  }
  // Logs in; the cookie as a header.
  Task<std::string> log_in() {
    const auto said = co_await post("/api/v1/login", R"({"key":")" + secret + R"("})");
    EXPECT_TRUE(has(said, "HTTP/1.1 200 ")) << said;
    EXPECT_TRUE(has(said, "; HttpOnly; SameSite=Strict") && has(said, "Max-Age=43200")) << said;
    EXPECT_TRUE(has(said, R"({"name":"page","scopes":["ask","watch","manage"],)")) << said;
    EXPECT_FALSE(has(said, secret));
    const auto at = said.find("Set-Cookie: ");
    co_return at == std::string::npos
        ? ""
        : "\r\nCookie: " + said.substr(at + 12, said.find(';', at) - at - 12);
  }

  std::string secret;
};

TEST_F(LoginTest, ACookieStandsForTheKey) {
  serve_keys();
  run([](LoginTest& test) -> Task<void> {
    const std::string cookie = co_await test.log_in();
    EXPECT_TRUE(has(co_await test.with(cookie, "GET /api/v1/models"), "HTTP/1.1 200 "));
    EXPECT_TRUE(has(co_await test.with("\r\nCookie: kai_login=kai_0", "GET /api/v1/models"),
                    "HTTP/1.1 401 "));
    EXPECT_TRUE(has(co_await test.with(cookie, "POST /api/v1/logout"), "Max-Age=0"));
    const auto over = co_await test.with(cookie, "GET /api/v1/models");
    EXPECT_TRUE(has(over, "HTTP/1.1 401 ") && has(over, "wants a key")) << over;
  }(*this));
}

TEST_F(LoginTest, AKeyIsToldWhatItMayDo) {
  serve_keys();
  const std::string asker = new_secret();
  Key key{"asker", hash_of(asker), *scopes_in("ask"), 60, 2, WallTime(1'700'000'000s), {}};
  ASSERT_TRUE(add_key(file(), key));
  keys->look();
  run([](LoginTest& test, std::string asks) -> Task<void> {
    const std::string access = "GET /api/v1/access";
    EXPECT_TRUE(has(co_await test.with("", access), "HTTP/1.1 401 "));
    const auto own = co_await test.with("\r\nx-api-key: " + asks, access);
    EXPECT_TRUE(has(own, "Cache-Control: no-store") &&
                own.ends_with(R"({"key":{"name":"asker","scopes":["ask"],"rate_max":60,)"
                              R"("at_once_max":2,"created":"2023-11-14T22:13:20.000Z",)"
                              R"("expires":null,"expired":false},"by_login":false})"))
        << own;
    const auto login = co_await test.with(co_await test.log_in(), access);
    EXPECT_TRUE(has(login, R"("name":"page")") && has(login, R"("by_login":true)")) << login;
  }(*this, asker));
}

TEST_F(LoginTest, EveryKeyIsListedForThoseWhoManage) {
  serve_keys();
  const std::string asker = new_secret();
  Key key{"asker", hash_of(asker), *scopes_in("ask,watch"), 0, 0, WallTime(1'700'000'000s), {}};
  ASSERT_TRUE(add_key(file(), key));
  keys->look();
  run([](LoginTest& test, std::string asks) -> Task<void> {
    const auto all = co_await test.with("\r\nx-api-key: " + test.secret, "GET /api/v1/keys");
    EXPECT_TRUE(has(all, R"({"keys":[{"name":"page",)") && has(all, R"({"name":"asker",)")) << all;
    EXPECT_FALSE(has(all, to_hex(hash_of(asks))) || has(all, asks)) << all;
    const auto no = co_await test.with("\r\nx-api-key: " + asks, "GET /api/v1/keys");
    EXPECT_TRUE(has(no, "HTTP/1.1 403 ") && has(no, "manage")) << no;
  }(*this, asker));
}

TEST_F(LoginTest, WhereNoKeyIsNeededEverythingIsAllowed) {
  serve_api();
  run([](LoginTest& test) -> Task<void> {
    EXPECT_TRUE(
        (co_await test.get("/api/v1/access")).ends_with(R"({"key":null,"by_login":false})"));
    EXPECT_TRUE((co_await test.get("/api/v1/keys")).ends_with(R"({"keys":[]})"));
  }(*this));
}

TEST_F(LoginTest, WithItOnlyOwnPagesChangeSomething) {
  serve_keys({.origins = {"http://localhost:3000"}});
  run([](LoginTest& test) -> Task<void> {
    const std::string cookie = co_await test.log_in();
    const std::string reload = "POST /api/v1/reload";
    const auto bare = co_await test.with(cookie, reload);
    EXPECT_TRUE(has(bare, "HTTP/1.1 403 ") && has(bare, "Origin")) << bare;
    EXPECT_TRUE(has(co_await test.with(cookie + "\r\nOrigin: http://localhost", reload), "200 "));
    for (const std::string origin : {"http://localhost:3000", "http://evil.example", "null"}) {
      const std::string from = cookie + "\r\nOrigin: " + origin;
      EXPECT_TRUE(has(co_await test.with(from, reload), "HTTP/1.1 403 ")) << origin;
      EXPECT_TRUE(has(co_await test.with(from, "GET /api/v1/models"), "HTTP/1.1 403 ")) << origin;
    }
    const std::string bearer = "\r\nAuthorization: Bearer " + test.secret;
    EXPECT_TRUE(has(co_await test.with(bearer, reload), "200 ")) << "a program sends no Origin";
  }(*this));
}

TEST_F(LoginTest, EndsWithItsKey) {
  serve_keys();
  run([](LoginTest& test) -> Task<void> {
    const std::string cookie = co_await test.log_in();
    EXPECT_TRUE(remove_key(test.file(), "page"));
    test.keys->look();
    const auto said = co_await test.with(cookie, "GET /api/v1/models");
    EXPECT_TRUE(has(said, "HTTP/1.1 401 ") && has(said, "does not count any more")) << said;
  }(*this));
}

TEST_F(LoginTest, WrongOnesAreSlowedDown) {
  serve_keys();
  run([](LoginTest& test) -> Task<void> {
    for (int i = 0; i < 30; ++i) {
      const auto said = co_await test.post("/api/v1/login", R"({"key":"kai_0"})");
      EXPECT_TRUE(has(said, "HTTP/1.1 401 ")) << said;
    }
    const auto said = co_await test.post("/api/v1/login", R"({"key":"kai_0"})");
    EXPECT_TRUE(has(said, "HTTP/1.1 429 ") && has(said, "Retry-After: ")) << said;
    co_await test.log_in();
    for (const std::string bad : {"", "{}", "[]", R"({"key":1})", R"({"key":"a","more":1})"}) {
      EXPECT_TRUE(has(co_await test.post("/api/v1/login", bad), "HTTP/1.1 400 ")) << bad;
    }
  }(*this));
}

const std::string preflight =
    "\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: "
    "authorization,content-type,x-stainless-os";

TEST_F(LoginTest, PagesElsewhereAreAllowedByName) {
  serve_keys({.origins = {"http://localhost:3000"}});
  run([](LoginTest& test) -> Task<void> {
    const std::string page = "\r\nOrigin: http://localhost:3000";
    const auto may = co_await test.with(page + preflight, "OPTIONS /v1/chat/completions");
    EXPECT_TRUE(has(may, "HTTP/1.1 204 ")) << may;
    EXPECT_TRUE(has(may, "Access-Control-Allow-Origin: http://localhost:3000\r\n")) << may;
    EXPECT_TRUE(has(may, "Access-Control-Allow-Headers: authorization,content-type,x-stainless"));
    EXPECT_FALSE(has(may, "Allow-Credentials"));
    const auto unsaid = co_await test.with(page, "GET /v1/models");
    EXPECT_TRUE(has(unsaid, "HTTP/1.1 401 ") && has(unsaid, "Access-Control-Allow-Origin: http"))
        << "a page may read why";
    const auto said = co_await test.with(
        page + "\r\nAuthorization: Bearer " + test.secret + "\r\nSec-Fetch-Site: cross-site",
        "GET /v1/models");
    EXPECT_TRUE(has(said, "HTTP/1.1 200 ") && has(said, "Vary: Origin")) << said;
    const auto other = co_await test.with("\r\nOrigin: http://localhost:3001" + preflight,
                                          "OPTIONS /v1/chat/completions");
    EXPECT_TRUE(has(other, "HTTP/1.1 403 ") && !has(other, "Access-Control")) << other;
  }(*this));
}

TEST_F(LoginTest, WithoutNamesThereIsNoCors) {
  serve_keys();
  run([](LoginTest& test) -> Task<void> {
    const auto said = co_await test.with("\r\nOrigin: http://localhost" + preflight,
                                         "OPTIONS /v1/chat/completions");
    EXPECT_FALSE(has(said, "HTTP/1.1 2") || has(said, "Access-Control")) << said;
  }(*this));
}

TEST_F(LoginTest, StreamsTellPagesElsewhereToo) {
  serve_keys({.origins = {"http://localhost:3000"}});
  run([](LoginTest& test) -> Task<void> {
    const auto said = co_await test.with(
        "\r\nOrigin: http://localhost:3000\r\nx-api-key: " + test.secret, "POST /api/chat",
        R"({"model":"kai","messages":[{"role":"user","content":"Why?"}]})");
    EXPECT_TRUE(has(said, "Access-Control-Allow-Origin: http://localhost:3000")) << said;
    EXPECT_TRUE(has(said, "x-ndjson") && has(said, "Paris.")) << said;
  }(*this));
}

}  // namespace
}  // namespace kai
