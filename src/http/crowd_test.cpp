#include "http/crowd.h"

#include <gtest/gtest.h>

namespace kai::http {
namespace {

int entered(Crowd& crowd, const std::string& peer, int tries) {
  int count = 0;
  for (int at = 0; at < tries; ++at) count += crowd.enter(peer) ? 1 : 0;
  return count;
}

TEST(Crowd, OneRemotePeerHasAQuarterOfAllConnections) {
  Crowd crowd(100);
  EXPECT_EQ(entered(crowd, "192.168.1.5", 100), 25);
  EXPECT_EQ(entered(crowd, "192.168.1.6", 100), 25) << "another one has room";
  EXPECT_FALSE(crowd.enter("192.168.1.5"));
  crowd.leave("192.168.1.5");
  EXPECT_TRUE(crowd.enter("192.168.1.5"));
  EXPECT_FALSE(crowd.enter("192.168.1.5"));
}

TEST(Crowd, OfFewConnectionsItHasEight) {
  Crowd crowd(10);
  EXPECT_EQ(entered(crowd, "2001:db8::1", 20), 8);
}

TEST(Crowd, ThisMachineHasNoBoundOfItsOwn) {
  Crowd crowd(10);
  for (const char* peer : {"127.0.0.1", "127.5.5.5", "::1", "::ffff:127.0.0.1", ""}) {
    EXPECT_EQ(entered(crowd, peer, 1000), 1000) << peer;
    crowd.leave(peer);
  }
  EXPECT_EQ(entered(crowd, "::ffff:10.0.0.1", 20), 8);
}

TEST(Crowd, WhoLeavesIsForgotten) {
  Crowd crowd(10);
  for (int turn = 0; turn < 1000; ++turn) {
    EXPECT_EQ(entered(crowd, "10.0.0.1", 20), 8);
    EXPECT_EQ(crowd.peers(), 1u);
    for (int at = 0; at < 8; ++at) crowd.leave("10.0.0.1");
    EXPECT_EQ(crowd.peers(), 0u);
  }
}

TEST(Crowd, AHostOfIpv6IsOnePeerWhicheverOfItsAddressesItTakes) {
  Crowd crowd(10);
  EXPECT_EQ(entered(crowd, "2001:db8::1", 5), 5);
  EXPECT_EQ(entered(crowd, "2001:db8:0:0:ffff::2", 5), 3);
  EXPECT_EQ(entered(crowd, "2001:db8:0:1::1", 20), 8) << "another network";
  crowd.leave("2001:db8::9");
  EXPECT_TRUE(crowd.enter("2001:db8::1"));
}

}  // namespace
}  // namespace kai::http
