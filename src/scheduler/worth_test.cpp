#include "scheduler/worth.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kai {
namespace {

using std::chrono::seconds;

const ModelId a("a");
const ModelId b("b");

TEST(Worth, NothingIsKnownOfAModelThatWasNeverAsked) {
  Worth worth;
  EXPECT_EQ(worth.of(a, Bytes(10)), 0);
  worth.loaded(a, seconds(2));
  EXPECT_EQ(worth.of(a, Bytes(10)), 0);
}

TEST(Worth, IsUsesTimesLoadByBytes) {
  Worth worth;
  worth.loaded(a, seconds(2));
  worth.used(a);
  EXPECT_DOUBLE_EQ(worth.of(a, Bytes(10)), 0.2);
  EXPECT_DOUBLE_EQ(worth.of(a, Bytes(20)), 0.1);
  worth.used(b);  // its load was not measured
  EXPECT_DOUBLE_EQ(worth.of(b, Bytes(10)), 0.0001);
}

TEST(Worth, AnAskCountsHalfAfter32Others) {
  Worth worth;
  worth.loaded(a, seconds(2));
  worth.used(a);
  for (int count = 0; count < 32; ++count) worth.used(b);
  EXPECT_NEAR(worth.of(a, Bytes(10)), 0.1, 1e-9);
  worth.used(a);
  for (int count = 0; count < 31; ++count) worth.used(b);
  worth.used(b);
  EXPECT_NEAR(worth.of(a, Bytes(10)), 0.1 + 0.05 * std::exp2(-1.0 / 32), 1e-9);
}

TEST(Worth, WhatWasNotUsedForLongIsForgotten) {
  Worth worth;
  worth.loaded(a, seconds(2));
  worth.used(a);
  for (int count = 0; count < 319; ++count) worth.used(b);
  EXPECT_GT(worth.of(a, Bytes(10)), 0);
  for (int count = 0; count < 2; ++count) worth.used(b);
  EXPECT_EQ(worth.of(a, Bytes(10)), 0);
}

}  // namespace
}  // namespace kai
