#include "api/credentials.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

std::string secret(std::vector<http::Header> headers, const std::string& target = "/v1/models") {
  const auto found = secret_in({"GET", target, "", std::move(headers)});
  return !found ? "refused: " + found.error() : found->value_or("none");
}

TEST(Credentials, AreReadHoweverClientsSendThem) {
  EXPECT_EQ(secret({}), "none");
  EXPECT_EQ(secret({{"authorization", "Bearer kai_1"}}), "kai_1");
  EXPECT_EQ(secret({{"authorization", "bearer  kai_1 "}}), "kai_1");
  EXPECT_EQ(secret({{"x-api-key", " kai_1"}}), "kai_1");
  EXPECT_EQ(secret({{"authorization", "Basic bmFtZTprYWlfMQ=="}}), "kai_1");  // name:kai_1
  EXPECT_EQ(secret({{"authorization", "Basic OmE6Yg=="}}), "a:b");            // :a:b
  EXPECT_EQ(secret({{"authorization", "Bearer kai_1"}, {"x-api-key", "kai_1"}}), "kai_1");
}

TEST(Credentials, WhatIsNotClearIsRefused) {
  for (const std::vector<http::Header>& headers : std::vector<std::vector<http::Header>>{
           {{"authorization", "Bearer a"}, {"authorization", "Bearer a"}},
           {{"x-api-key", "a"}, {"x-api-key", "b"}},
           {{"authorization", "Bearer a"}, {"x-api-key", "b"}},
           {{"authorization", "Digest a"}},
           {{"authorization", ""}},
           {{"authorization", "Basic !"}},
           {{"authorization", "Basic bm9uZQ=="}},  // without a colon
       }) {
    EXPECT_TRUE(secret(headers).starts_with("refused: ")) << headers.front().value;
  }
}

TEST(Credentials, AKeyInTheAddressIsRefused) {
  for (const std::string target :
       {"/v1/models?key=x", "/v1/models?a=1&api_key=x", "/api/v1/events?access_token=x",
        "/v1/models?what=kai_0123", "/v1/models?k%65y=x"}) {
    EXPECT_TRUE(secret({}, target).starts_with("refused: ")) << target;
  }
  EXPECT_EQ(secret({}, "/api/v1/queries?search=key&after=7"), "none");
}

TEST(Credentials, CookiesAreRead) {
  EXPECT_EQ(cookie_in({{"cookie", "a=1; kai_login=x; b=2"}}, "kai_login"), "x");
  EXPECT_EQ(cookie_in({{"cookie", "kai_login=x"}}, "kai_login"), "x");
  EXPECT_EQ(cookie_in({{"cookie", "a"}, {"cookie", ";;kai_login=y;"}}, "kai_login"), "y");
  for (const auto* none :
       {"", ";", "not_kai_login=x", "kai_login", "kai_login2=x", "a=kai_login=x"}) {
    EXPECT_EQ(cookie_in({{"cookie", none}}, "kai_login"), "") << none;
  }
}

}  // namespace
}  // namespace kai
