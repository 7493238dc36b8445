#include "worker/speed.h"

#include <gtest/gtest.h>

#include "worker/testing.h"

namespace kai {
namespace {

RuntimeDevice cpu() {
  testing_worker::start_runtime_once();
  return runtime_device("cpu").value();
}

TEST(Speed, IsOfTheSizeThatAProcessorCanHave) {
  const auto speed = measure_speed(cpu(), {1, 2, Bytes(64'000'000)});
  ASSERT_TRUE(speed) << speed.error().message;
  EXPECT_GT(speed->lane_read, 1e8);
  EXPECT_LT(speed->lane_read, 1e12);
  EXPECT_GE(speed->all_read, speed->lane_read);
  EXPECT_GT(speed->lane_flops, 1e9);
  EXPECT_LT(speed->lane_flops, 1e13);
}

TEST(Speed, NeedsSomeMemory) {
  RuntimeDevice device = cpu();
  device.facts.free = Bytes(100'000'000);
  for (const Bytes weights : {Bytes(101'000'000), Bytes(15'000'000)}) {
    const auto speed = measure_speed(device, {1, 1, weights});
    ASSERT_FALSE(speed);
    EXPECT_EQ(speed.error().code, ErrorCode::internal);
  }
}

}  // namespace
}  // namespace kai
