#include "store/store_fixture.h"

namespace kai {
namespace {

using namespace std::chrono_literals;

using MetricsStore = StoreFixture;

Rollup rollup_at(Duration step, Duration at, double value) {
  return {step, WallTime(at), {{"cpu_utilization", value}}};
}

TEST_F(MetricsStore, KeepsWhatWasMeasured) {
  {
    const auto store = open();
    store->put_rollup(rollup_at(10s, 1000s, 0.25));
    store->put_rollup(rollup_at(10s, 1010s, 0.5));
    store->put_rollup(rollup_at(5min, 900s, 0.75));
    store->put_rollup(rollup_at(10s, 1010s, 0.6));  // in its place
    store->put_annotation({WallTime(1005s), "load", "a was loaded"});
  }
  const auto store = open();
  const auto rows = store->rollups();
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->at(0).at, WallTime(1000s));
  EXPECT_EQ(rows->at(1).values, rollup_at(10s, 0s, 0.6).values);
  EXPECT_EQ(rows->at(2).step, 5min);
  const auto notes = store->annotations();
  ASSERT_TRUE(notes && notes->size() == 1);
  EXPECT_EQ(notes->front().text, "a was loaded");
}

TEST_F(MetricsStore, WhatIsTooOldIsForgotten) {
  const auto store = open();
  store->put_rollup(rollup_at(10s, 1000s, 1));
  store->put_rollup(rollup_at(10s, 1010s, 1));
  store->put_rollup(rollup_at(5min, 900s, 1));
  store->put_rollup(rollup_at(10s, 1000s + 10s * 8640, 1));
  const auto rows = store->rollups();
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->front().at, WallTime(1010s));
}

// A clock that was years ahead for a while must not make everything measured later look old.
TEST_F(MetricsStore, AFutureThatIsNoMoreIsForgotten) {
  const auto store = open();
  store->put_rollup(rollup_at(10s, 4'000'000'000s, 1));
  store->put_rollup(rollup_at(10s, 1000s, 1));
  const auto rows = store->rollups();
  ASSERT_TRUE(rows && rows->size() == 1);
  EXPECT_EQ(rows->front().at, WallTime(1000s));
}

TEST_F(MetricsStore, AnnotationsAreBounded) {
  const auto store = open();
  for (int i = 0; i < 600; ++i) {
    store->put_annotation({WallTime(Duration(i)), "load", std::to_string(i)});
    if (i % 100 == 0) store->flush(5s);
  }
  const auto notes = store->annotations();
  ASSERT_TRUE(notes);
  ASSERT_EQ(notes->size(), 500u);
  EXPECT_EQ(notes->back().text, "599");
}

}  // namespace
}  // namespace kai
