#include "http/url.h"

#include <gtest/gtest.h>

namespace kai::http {
namespace {

TEST(Url, ComesApart) {
  const auto url = parse_url("http://box:8000/v1/x%20y?a=b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "http");
  EXPECT_EQ(url->host, "box");
  EXPECT_FALSE(url->number);
  EXPECT_EQ(url->port, 8000);
  EXPECT_EQ(url->target, "/v1/x%20y?a=b");
  EXPECT_TRUE(url->query);
  EXPECT_FALSE(url->fragment);
  EXPECT_FALSE(url->user);
}

TEST(Url, ANumberIsNoName) {
  EXPECT_TRUE(parse_url("http://127.0.0.1")->number);
  EXPECT_EQ(parse_url("http://[::1]:81/")->host, "::1");
  EXPECT_TRUE(parse_url("http://[::1]:81/")->number);
  EXPECT_EQ(parse_url("http://127.0.0.1")->port, 80);
}

TEST(Url, APortThatIsNone) {
  for (const auto* text :
       {"http://a:0/", "http://a:65536/", "http://a:4294967376/", "http://a:/"}) {
    ASSERT_TRUE(parse_url(text)) << text;
    EXPECT_EQ(parse_url(text)->port, std::nullopt) << text;
  }
}

TEST(Url, WhatItHasIsTold) {
  EXPECT_TRUE(parse_url("http://u:p@a/")->user);
  EXPECT_TRUE(parse_url("http://a/#b")->fragment);
  for (const auto* text : {"", "box:x:y", "/v1", "http://a b/", "http://[::1/"}) {
    EXPECT_FALSE(parse_url(text) && !parse_url(text)->host.empty()) << text;
  }
}

}  // namespace
}  // namespace kai::http
