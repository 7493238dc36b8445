#include "worker/gpu_sensors.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace kai {
namespace {

namespace fs = std::filesystem;

constexpr const char* library = FAKE_NVML "/new/libnvidia-ml.so.1";
constexpr const char* no_library = "/nowhere/libnvidia-ml.so.1";

class GpuSensorsTest : public testing::Test {
 protected:
  GpuSensorsTest() {
    std::string name = (fs::temp_directory_path() / "kai-gpu-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~GpuSensorsTest() override {
    fs::remove_all(folder_);
    ::unsetenv("FAKE_NVML");
  }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string folder_;
};

TEST_F(GpuSensorsTest, ReadsWhatNvidiasLibrarySays) {
  const auto readings = GpuSensors(library, folder_).read();
  ASSERT_EQ(readings.size(), 1u);
  const GpuReading& card = readings[0];
  EXPECT_EQ(card.gpu, "0");
  EXPECT_EQ(card.name, "NVIDIA GeForce RTX 4070");
  EXPECT_EQ(card.utilization, 0.37);
  EXPECT_EQ(card.memory_used, Bytes(3'000'000'000));
  EXPECT_EQ(card.memory_total, Bytes(8'000'000'000));
  EXPECT_EQ(card.power, 123.456);
  EXPECT_EQ(card.temperature, 61);
  EXPECT_EQ(card.throttled, std::vector<std::string>({"power_cap", "hw_thermal"}));
}

TEST_F(GpuSensorsTest, WhatACardDoesNotSayIsAbsent) {
  ::setenv("FAKE_NVML", "lost", 1);
  const auto readings = GpuSensors(library, folder_).read();
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_FALSE(readings[0].memory_used || readings[0].memory_total);
  EXPECT_FALSE(readings[0].utilization || readings[0].power || readings[0].temperature);
  EXPECT_FALSE(readings[0].throttled);
}

TEST_F(GpuSensorsTest, WithoutALibraryThatWorksThereAreNoCards) {
  EXPECT_TRUE(GpuSensors(no_library, folder_).read().empty());
  EXPECT_TRUE(GpuSensors(FAKE_NVML "/old/libnvidia-ml.so.1", folder_).read().empty());
  ::setenv("FAKE_NVML", "unloaded", 1);
  EXPECT_TRUE(GpuSensors(library, folder_).read().empty());
}

TEST_F(GpuSensorsTest, ReadsAmdsCardsFromTheKernel) {
  write("drm/card0-DP-1/device/vendor", "0x1002\n");
  write("drm/card1/device/vendor", "0x8086\n");
  write("drm/card0/device/vendor", "0x1002\n");
  write("drm/card0/device/gpu_busy_percent", "42\n");
  write("drm/card0/device/mem_info_vram_used", "1000\n");
  write("drm/card0/device/mem_info_vram_total", "4000\n");
  write("drm/card0/device/hwmon/hwmon3/power1_average", "25500000\n");
  const auto readings = GpuSensors(no_library, folder_).read();
  ASSERT_EQ(readings.size(), 1u);
  EXPECT_EQ(readings[0].gpu, "card0");
  EXPECT_EQ(readings[0].utilization, 0.42);
  EXPECT_EQ(readings[0].memory_used, Bytes(1000));
  EXPECT_EQ(readings[0].memory_total, Bytes(4000));
  EXPECT_EQ(readings[0].power, 25.5);
  EXPECT_FALSE(readings[0].temperature || readings[0].throttled);
}

}  // namespace
}  // namespace kai
