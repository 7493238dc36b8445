#include "fleet/sensors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>

#include "base/task_group.h"

namespace kai {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class SensorsTest : public testing::Test {
 protected:
  SensorsTest() {
    std::string name = (fs::temp_directory_path() / "kai-sensors-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    files_.classes = folder_ + "/class";
  }
  ~SensorsTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }
  static Time at(int second) { return Time(std::chrono::seconds(second)); }

  std::string folder_;
  HostFiles files_;
};

TEST_F(SensorsTest, PowerIsEnergyByTime) {
  SensorReader reader(files_);
  write("class/powercap/intel-rapl:0/energy_uj", "1000000\n");
  write("class/powercap/intel-rapl:0/max_energy_range_uj", "100000000\n");
  write("class/powercap/intel-rapl:0:0/energy_uj", "5\n");
  EXPECT_FALSE(reader.read(at(1)).power);
  write("class/powercap/intel-rapl:0/energy_uj", "31000000\n");
  EXPECT_DOUBLE_EQ(reader.read(at(3)).power.value_or(-1), 15);
  write("class/powercap/intel-rapl:0/energy_uj", "1000000\n");  // it began anew at its end
  EXPECT_DOUBLE_EQ(reader.read(at(4)).power.value_or(-1), 70);
}

TEST_F(SensorsTest, TheHottestZoneCounts) {
  write("class/thermal/thermal_zone0/temp", "45000\n");
  write("class/thermal/thermal_zone1/temp", "61500\n");
  write("class/thermal/thermal_zone2/temp", "-274000\n");
  EXPECT_DOUBLE_EQ(SensorReader(files_).read(at(1)).temperature.value_or(0), 61.5);
}

TEST_F(SensorsTest, WhatIsNotThereIsAbsent) {
  SensorReader reader(files_);
  for (int second = 1; second < 3; ++second) {
    const SensorReading reading = reader.read(at(second));
    EXPECT_FALSE(reading.power || reading.temperature);
  }
}

// A sensor whose driver hangs: nobody waits, and once it speaks again it is heard.
TEST_F(SensorsTest, NobodyWaitsForOneThatHangs) {
  const std::string sensor = folder_ + "/class/thermal/thermal_zone0/temp";
  fs::create_directories(fs::path(sensor).parent_path());
  ASSERT_EQ(::mkfifo(sensor.c_str(), 0600), 0);
  boost::asio::io_context io;
  const auto clock = make_real_clock(io.get_executor());
  SensorWatch watch(*clock, files_,
                    {.every = 5ms, .patience = 200ms, .pause_first = 5ms, .pause_max = 5ms});
  TaskGroup<bool> group(io.get_executor());
  group.start(watch.run());
  const auto run_until = [&](auto so) {
    for (const Time end = clock->now() + 10s; !so() && clock->now() < end;) {
      io.restart();
      const Time before = clock->now();
      io.run_one_for(20ms);
      EXPECT_LT(clock->now() - before, 150ms);  // the thread of all others is never held
    }
    return so();
  };
  const Time begun = clock->now();
  run_until([&] { return clock->now() > begun + 100ms; });
  EXPECT_FALSE(watch.reading().temperature);
  // The thread that hangs goes on and ends.
  const int other = ::open(sensor.c_str(), O_WRONLY);
  ::unlink(sensor.c_str());
  write("class/thermal/thermal_zone0/temp", "61500\n");
  ::close(other);
  EXPECT_TRUE(run_until([&] { return watch.reading().temperature == 61.5; }));
  group.cancel_all();
  EXPECT_TRUE(run_until([&] { return group.running() == 0; }));
}

}  // namespace
}  // namespace kai
