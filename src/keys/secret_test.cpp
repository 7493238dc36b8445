#include "keys/secret.h"

#include <gtest/gtest.h>

#include <set>

namespace kai {
namespace {

// FIPS 180-2, appendix B.
TEST(Secret, HashesAsSha256) {
  EXPECT_EQ(to_hex(hash_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_in(to_hex(hash_of("abc"))), hash_of("abc"));
  EXPECT_TRUE(same(hash_of("abc"), hash_of("abc")));
  EXPECT_FALSE(same(hash_of("abc"), hash_of("abd")));
  for (const std::string bad : {"", "ba78", "zz"}) EXPECT_FALSE(hash_in(bad)) << bad;
  EXPECT_FALSE(hash_in(to_hex(hash_of("abc")) + "00"));
}

TEST(Secret, IsNewEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string secret = new_secret();
    EXPECT_TRUE(secret.starts_with("kai_"));
    EXPECT_EQ(secret.size(), 52u);
    EXPECT_EQ(secret.find_first_not_of("0123456789abcdef", 4), std::string::npos);
    seen.insert(secret);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

// RFC 4648, section 10.
TEST(Secret, ReadsBase64) {
  EXPECT_EQ(from_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(from_base64(""), "");
  for (const std::string bad : {"Zm9vYg", "Zm9v!", "====", "Zm9vYmFy\n"}) {
    EXPECT_FALSE(from_base64(bad)) << bad;
  }
  EXPECT_FALSE(from_base64(std::string(5000, 'A')));
}

}  // namespace
}  // namespace kai
