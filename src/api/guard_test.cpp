#include "api/guard.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

TEST(Guard, KnowsThisMachine) {
  for (const auto* own : {"127.0.0.1", "127.255.3.4", "::1"}) EXPECT_TRUE(is_loopback(own)) << own;
  for (const auto* other : {"0.0.0.0", "192.168.1.1", "::", "127.0.0", "127.0.0.1.1", "127.0.0.256",
                            "localhost", "", "127", "128.0.0.1", "127.0.0.1 ", "127..0.1"}) {
    EXPECT_FALSE(is_loopback(other)) << other;
  }
}

std::string objection(std::vector<http::Header> headers) {
  return objection_to(headers);
}

TEST(Guard, LetsThisMachinesNamesIn) {
  for (const auto* host : {"localhost", "LocalHost:11524", "127.0.0.1", "127.0.0.1:80", "[::1]",
                           "[::1]:11524", "127.1.2.3:4"}) {
    EXPECT_EQ(objection({{"host", host}}), "") << host;
  }
}

// DNS rebinding: a page's own name that suddenly leads here.
TEST(Guard, KeepsOtherNamesOut) {
  for (const auto* host :
       {"evil.example", "evil.example:11524", "127.0.0.1.evil.example", "localhost.evil.example",
        "", "[::1", "[::1]evil", "192.168.0.2", "0.0.0.0:11524", "evil.example@127.0.0.1"}) {
    EXPECT_NE(objection({{"host", host}}), "") << host;
  }
  EXPECT_NE(objection({}), "");
  EXPECT_NE(objection({{"host", "localhost"}, {"host", "localhost"}}), "");
}

TEST(Guard, KeepsForeignPagesOut) {
  const auto from = [](const std::string& origin) {
    return objection({{"host", "localhost:11524"}, {"origin", origin}});
  };
  EXPECT_EQ(from("http://localhost:11524"), "");
  for (const auto* origin : {"http://localhost:3000", "https://localhost:11524", "null", "",
                             "http://evil.example", "http://127.0.0.1:11524"}) {
    EXPECT_NE(from(origin), "") << origin;
  }
  for (const auto* site : {"cross-site", "same-site"}) {
    EXPECT_NE(objection({{"host", "localhost"}, {"sec-fetch-site", site}}), "") << site;
  }
  for (const auto* site : {"same-origin", "none"}) {
    EXPECT_EQ(objection({{"host", "localhost"}, {"sec-fetch-site", site}}), "") << site;
  }
}

}  // namespace
}  // namespace kai
