#include "api/guard.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

TEST(Guard, KnowsThisMachine) {
  for (const auto* own : {"127.0.0.1", "127.255.3.4", "::1"}) EXPECT_TRUE(is_loopback(own)) << own;
  for (const auto* other : {"0.0.0.0", "192.168.1.1", "::", "127.0.0", "127.0.0.1.1", "127.0.0.256",
                            "localhost", "", "127", "128.0.0.1", "127.0.0.1 ", "127..0.1",
                            "99999999999.0.0.1", "127.0.0.99999999999", "Basic bmFtZQ=="}) {
    EXPECT_FALSE(is_loopback(other)) << other;
  }
}

std::string objection(std::vector<http::Header> headers, const Doors& doors = {}) {
  return objection_to(headers, doors);
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

TEST(Guard, KnowsHostsAndOrigins) {
  for (const auto* good : {"kai.example", "192.168.0.2", "fd00::2", "my_pc", "a"}) {
    EXPECT_TRUE(is_host(good)) << good;
  }
  EXPECT_FALSE(is_host(std::string_view("::1\0/path", 9))) << "a number and what is behind it";
  for (const auto* bad : {"", "Kai.Example", "kai.example:80", "http://kai", "a/b", "[::1]", "*"}) {
    EXPECT_FALSE(is_host(bad)) << bad;
  }
  for (const auto* good : {"http://localhost:3000", "https://page.example", "http://[::1]:80"}) {
    EXPECT_TRUE(is_origin(good)) << good;
  }
  for (const auto* bad : {"", "*", "null", "page.example", "https://page.example/", "https://",
                          "ftp://page.example", "https://page.example:", "https://a:b",
                          "https://a@b", "https://*.example", "https://a:1234567"}) {
    EXPECT_FALSE(is_origin(bad)) << bad;
  }
}

// Only a name can be made to lead here by others.
TEST(Guard, WhereOthersReachItNumbersAndItsNamesAreTaken) {
  const Doors doors{.open = true, .hosts = {"kai.example"}, .origins = {}};
  for (const auto* host :
       {"192.168.0.2:11524", "[fd00::2]", "Kai.Example", "kai.example:80", "localhost"}) {
    EXPECT_EQ(objection({{"host", host}}, doors), "") << host;
  }
  for (const auto* host : {"evil.example", "kai.example.evil.example", "192.168.0.2.evil", ""}) {
    EXPECT_NE(objection({{"host", host}}, doors), "") << host;
  }
  const Doors shut{.open = false, .hosts = {"kai.example"}, .origins = {}};
  EXPECT_EQ(objection({{"host", "kai.example"}}, shut), "");
  EXPECT_NE(objection({{"host", "192.168.0.2"}}, shut), "");
}

TEST(Guard, ARelayWithTlsMayStandBeforeANameOfTheConfiguration) {
  const Doors doors{.open = false, .hosts = {"kai.example"}, .origins = {}};
  EXPECT_EQ(objection({{"host", "kai.example"}, {"origin", "https://kai.example"}}, doors), "");
  EXPECT_NE(objection({{"host", "localhost"}, {"origin", "https://localhost"}}, doors), "");
}

TEST(Guard, LetsPagesInThatWereNamed) {
  const Doors doors{.open = false, .hosts = {}, .origins = {"http://localhost:3000"}};
  const std::vector<http::Header> page{{"host", "localhost:11524"},
                                       {"origin", "http://localhost:3000"},
                                       {"sec-fetch-site", "same-site"}};
  EXPECT_EQ(objection(page, doors), "");
  EXPECT_EQ(foreign_origin(page, doors), "http://localhost:3000");
  EXPECT_FALSE(from_own_page(page, doors));
  EXPECT_NE(objection({{"host", "localhost"}, {"origin", "http://localhost:3001"}}, doors), "");
  EXPECT_NE(objection({{"host", "evil.example"}, {"origin", "http://localhost:3000"}}, doors), "");
  EXPECT_NE(objection({{"host", "localhost"},
                       {"origin", "http://localhost:3000"},
                       {"origin", "http://evil.example"}},
                      doors),
            "");
  EXPECT_TRUE(from_own_page({{"host", "localhost"}, {"origin", "http://localhost"}}, doors));
  EXPECT_FALSE(from_own_page({{"host", "localhost"}}, doors));
}

}  // namespace
}  // namespace kai
