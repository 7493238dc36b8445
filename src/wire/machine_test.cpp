#include "wire/machine.h"

#include <gtest/gtest.h>

namespace kai::wire {
namespace {

TEST(MachineDocuments, SpeedHasItsGoldenLine) {
  constexpr std::string_view line =
      R"({"lane_bytes_per_s":26000000000,"all_bytes_per_s":36000000000,"lane_flops":104000000000})";
  EXPECT_EQ(encode(DeviceSpeed{26e9, 36e9, 104e9}), line);
  const auto back = decode_speed(line);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(encode(*back), line);
}

TEST(MachineDocuments, ASpeedOfNothingIsRefused) {
  EXPECT_FALSE(decode_speed(R"({"lane_bytes_per_s":0,"all_bytes_per_s":1,"lane_flops":1})"));
  EXPECT_FALSE(decode_speed(R"({"lane_bytes_per_s":1,"all_bytes_per_s":1})"));
  EXPECT_EQ(decode_speed("").error().code, ErrorCode::invalid_request);
}

TEST(MachineDocuments, AnErrorInASpeedsPlaceIsTold) {
  const auto speed = decode_speed(R"({"error":{"code":"internal","message":"no memory"}})");
  ASSERT_FALSE(speed);
  EXPECT_EQ(speed.error().code, ErrorCode::internal);
  EXPECT_EQ(speed.error().message, "no memory");
}

TEST(MachineDocuments, NvidiaHasItsGoldenLine) {
  constexpr std::string_view line =
      R"({"missing":"","fault":"","driver":"580.65.06","cards":[{"name":"RTX 4070",)"
      R"("bus":"0000:01:00.0","total_bytes":8000000000,"free_bytes":7000000000,"processes":2}]})";
  EXPECT_EQ(encode(NvidiaFacts{
                "",
                "",
                "580.65.06",
                {{"RTX 4070", "0000:01:00.0", Bytes(8'000'000'000), Bytes(7'000'000'000), 2}}}),
            line);
  const auto back = decode_nvidia(line);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(encode(*back), line);
  EXPECT_FALSE(decode_nvidia("{}"));
}

TEST(GpuReadings, ReadBackAsTheyWere) {
  GpuReading full;
  full.gpu = "0";
  full.name = "NVIDIA H100";
  full.utilization = 0.5;
  full.memory_used = Bytes(30);
  full.memory_total = Bytes(80);
  full.power = 350.5;
  full.temperature = 61;
  full.throttled = {"power_cap"};
  GpuReading silent;
  silent.gpu = "1";
  const auto read = decode_gpu_readings(encode(std::vector{full, silent}));
  ASSERT_TRUE(read && read->size() == 2);
  EXPECT_EQ(read->at(0).name, "NVIDIA H100");
  EXPECT_EQ(read->at(0).utilization, 0.5);
  EXPECT_EQ(read->at(0).memory_used, Bytes(30));
  EXPECT_EQ(read->at(0).memory_total, Bytes(80));
  EXPECT_EQ(read->at(0).power, 350.5);
  EXPECT_EQ(read->at(0).temperature, 61);
  EXPECT_EQ(read->at(0).throttled, std::vector<std::string>({"power_cap"}));
  EXPECT_FALSE(read->at(1).utilization || read->at(1).memory_total || read->at(1).throttled);
}

TEST(GpuReadings, WhatCannotBeTrueIsAbsent) {
  const auto read = decode_gpu_readings(
      R"({"gpus":[{"gpu":"0","name":"x","utilization":4e7,"memory_used_bytes":90,)"
      R"("memory_total_bytes":80,"power_watts":-5,"temperature_celsius":2e9}]})");
  ASSERT_TRUE(read && read->size() == 1);
  EXPECT_FALSE(read->at(0).utilization || read->at(0).memory_used || read->at(0).memory_total);
  EXPECT_FALSE(read->at(0).power || read->at(0).temperature || read->at(0).throttled);
}

TEST(GpuReadings, NonsenseIsRefused) {
  EXPECT_FALSE(decode_gpu_readings("Segmentation fault"));
  EXPECT_FALSE(decode_gpu_readings(R"({"gpus":[{"gpu":7}]})"));
}

}  // namespace
}  // namespace kai::wire
