#include "fleet/host_reading.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace kai {
namespace {

namespace fs = std::filesystem;

class HostReaderTest : public testing::Test {
 protected:
  HostReaderTest() {
    std::string name = (fs::temp_directory_path() / "kai-host-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    files_ = {
        .proc = folder_ + "/proc", .cgroup = folder_ + "/cgroup", .classes = folder_ + "/class"};
  }
  ~HostReaderTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_;
  HostFiles files_;
};

TEST_F(HostReaderTest, CpuIsWhatWasUsedSinceTheReadingBefore) {
  HostReader reader(files_);
  write("proc/stat", "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3\n");
  EXPECT_FALSE(reader.read().cpu_utilization);
  write("proc/stat", "cpu  130 10 110 740 110 0 0 0 5 0\n");
  EXPECT_DOUBLE_EQ(reader.read().cpu_utilization.value_or(-1), 0.5);
  // A counter that went backwards cannot be true.
  write("proc/stat", "cpu  100 0 100 760 110 0 0 0 0 0\n");
  EXPECT_FALSE(reader.read().cpu_utilization);
}

TEST_F(HostReaderTest, MemoryIsBoundedByTheControlGroup) {
  write("proc/meminfo", "MemTotal:       8000 kB\nMemAvailable:   6000 kB\n");
  HostReader reader(files_);
  EXPECT_EQ(reader.read().memory_limit, Bytes(8000 * 1024));
  EXPECT_EQ(reader.read().memory_available, Bytes(6000 * 1024));
  write("proc/self/cgroup", "0::/kai\n");
  write("cgroup/kai/memory.max", "2048000\n");
  write("cgroup/kai/memory.current", "1024000\n");
  EXPECT_EQ(reader.read().memory_limit, Bytes(2'048'000));
  EXPECT_EQ(reader.read().memory_available, Bytes(1'024'000));
}

TEST_F(HostReaderTest, AQuotaCountsInParts) {
  write("proc/self/cgroup", "0::/kai\n");
  write("cgroup/kai/cpu.max", "50000 100000\n");
  EXPECT_DOUBLE_EQ(HostReader(files_).read().cores.value_or(0), 0.5);
  EXPECT_EQ(usable_cores(files_), 1);
}

TEST_F(HostReaderTest, PressureIsTheTimeThatSomeTaskWaited) {
  write("proc/pressure/cpu", "some avg10=1.00 avg60=0.50 avg300=0.10 total=2500000\nfull …\n");
  write("proc/pressure/io", "nonsense\n");
  const auto stalled = HostReader(files_).read().stalled;
  ASSERT_EQ(stalled.size(), 1u);
  EXPECT_EQ(stalled[0].resource, "cpu");
  EXPECT_DOUBLE_EQ(stalled[0].seconds, 2.5);
}

TEST_F(HostReaderTest, WhatIsNotThereIsAbsent) {
  HostReader reader(files_);
  for (int time = 0; time < 2; ++time) {
    const HostReading reading = reader.read();
    EXPECT_FALSE(reading.cpu_utilization || reading.memory_available || reading.memory_limit);
    EXPECT_TRUE(reading.stalled.empty());
  }
}

}  // namespace
}  // namespace kai
