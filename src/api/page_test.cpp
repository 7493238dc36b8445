#include "api/page.h"

#include <gtest/gtest.h>

#include <array>

#include "api/testing.h"

namespace kai {
namespace {

constexpr std::array<PageFile, 2> files{{
    {"/index.html", "text/html; charset=utf-8", "0123", "<html>", "packed"},
    {"/assets/a-1.js", "text/javascript; charset=utf-8", "4567", "code", ""},
}};

http::Request browsing(std::string target, std::vector<http::Header> more = {}) {
  more.push_back({"accept", "text/html,application/xhtml+xml,*/*;q=0.8"});
  return {.method = "GET", .target = std::move(target), .body = "", .headers = std::move(more)};
}

std::string_view header_in(const http::Response& response, std::string_view name) {
  return http::header_of(response.headers, name).value_or("");
}

TEST(Page, IsAskedForEachTimeItsFilesAreKept) {
  const auto page = page_reply(files[0], browsing("/"));
  EXPECT_EQ(page.body, "<html>");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header_in(page, "Cache-Control"), "no-cache");
  EXPECT_EQ(header_in(page, "Content-Encoding"), "");
  EXPECT_TRUE(header_in(page, "Content-Security-Policy").starts_with("default-src 'self';"));
  EXPECT_EQ(header_in(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_in(page, "X-Frame-Options"), "DENY");
  const auto asset = page_reply(files[1], browsing("/assets/a-1.js"));
  EXPECT_TRUE(header_in(asset, "Cache-Control").ends_with("immutable"));
}

TEST(Page, ComesCompressedToWhoTakesThat) {
  const auto packed = page_reply(files[0], browsing("/", {{"accept-encoding", "gzip, br"}}));
  EXPECT_EQ(packed.body, "packed");
  EXPECT_EQ(header_in(packed, "Content-Encoding"), "gzip");
  const auto plain = page_reply(files[1], browsing("/", {{"accept-encoding", "gzip, br"}}));
  EXPECT_EQ(plain.body, "code");
  EXPECT_EQ(header_in(plain, "Content-Encoding"), "");
}

TEST(Page, IsNotSentAgainToWhoHasIt) {
  const auto first = page_reply(files[0], browsing("/"));
  const std::string tag(header_in(first, "ETag"));
  const auto again = page_reply(files[0], browsing("/", {{"if-none-match", tag}}));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(header_in(again, "ETag"), tag);
  EXPECT_EQ(page_reply(files[0], browsing("/", {{"if-none-match", "W/\"9999\""}})).status, 200);
}

TEST(Page, IsAtEveryAddressThatIsNobodyElses) {
  const auto is_at = [](const http::Request& request) {
    return page_at(files, request, request.target).has_value();
  };
  EXPECT_TRUE(is_at(browsing("/history")));
  EXPECT_TRUE(is_at(browsing("/history/q_01HXYZ")));
  EXPECT_FALSE(is_at(browsing("/favicon.ico")));
  EXPECT_FALSE(is_at(browsing("/api/nothing")));
  EXPECT_FALSE(is_at(browsing("/v1/nothing")));
  EXPECT_FALSE(is_at(browsing("/assets/nothing")));
  auto program = browsing("/history");
  program.headers = {{"accept", "*/*"}};
  EXPECT_FALSE(is_at(program));
  auto post = browsing("/history");
  post.method = "POST";
  EXPECT_FALSE(is_at(post));
  EXPECT_FALSE(page_at({}, browsing("/history"), "/history").has_value());
}

class PageServer : public testing_api::ApiTest {};

// Whether this build has its page or not.
TEST_F(PageServer, TellsProgramsOnlyThatItRuns) {
  serve_api();
  run([](PageServer& test) -> Task<void> {
    EXPECT_TRUE((co_await test.get("/")).ends_with("\r\n\r\nkai is running\n"));
    const auto said = co_await test.say("GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html");
    const bool page = !page_files().empty();
    EXPECT_TRUE(said.contains(page ? "<title>kai</title>" : "`make web` builds it")) << said;
    const auto inside =
        co_await test.say("GET /history HTTP/1.1\r\nHost: localhost\r\nAccept: text/html");
    EXPECT_TRUE(inside.contains(page ? "<title>kai</title>" : "there is no such path")) << inside;
    EXPECT_TRUE((co_await test.get("/assets/none.js")).contains("HTTP/1.1 404 "));
  }(*this));
}

}  // namespace
}  // namespace kai
