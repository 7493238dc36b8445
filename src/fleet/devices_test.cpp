#include "fleet/devices.h"

#include <gtest/gtest.h>

#include <thread>

#include "fleet/fake_store_test.h"
#include "wire/machine.h"

namespace kai {
namespace {

constexpr std::int64_t gb = 1'000'000'000;

std::vector<wire::DeviceFacts> reference_pc() {
  return {{"cpu", DeviceKind::cpu, "i7-13620H", Bytes(64 * gb), Bytes(64 * gb)},
          {"gpu0", DeviceKind::gpu, "RTX 4070", Bytes(8 * gb), Bytes(7 * gb)}};
}

TEST(Devices, AutoTakesAllOfThem) {
  const auto devices = choose_devices(reference_pc(), {}, {10, Bytes(50 * gb)});
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 2u);
  const Device& cpu = devices->at(0);
  EXPECT_EQ(cpu.id.text, "cpu");
  EXPECT_EQ(cpu.capacity, Bytes(45 * gb));  // less a tenth
  EXPECT_EQ(cpu.lanes, 2);
  EXPECT_EQ(cpu.running, 1);
  EXPECT_EQ(cpu.threads_per_lane, 10);
  const Device& gpu = devices->at(1);
  EXPECT_EQ(gpu.capacity, Bytes(7 * gb - 1 * gb - 600'000'000));
  EXPECT_EQ(gpu.lanes, 2);
}

TEST(Devices, ThreadsOfThoseThatAnswerNeverExceedTheCores) {
  for (int cores = 1; cores <= 33; ++cores) {
    for (int lanes = 0; lanes <= cores; ++lanes) {
      FleetOptions options;
      options.cpu_lanes = lanes;
      const auto devices = choose_devices({reference_pc()[0]}, options, {cores, Bytes(4 * gb)});
      ASSERT_TRUE(devices) << devices.error().message;
      const Device& cpu = devices->at(0);
      EXPECT_GE(cpu.lanes, 1);
      EXPECT_GE(cpu.threads_per_lane, 1);
      EXPECT_LE(cpu.running * cpu.threads_per_lane, cores);
      EXPECT_EQ(cpu.running, lanes > 0 ? lanes : cores < 4 ? std::min(2, cores) : 1);
      EXPECT_EQ(cpu.lanes, std::max(cpu.running, std::min(2, cores)));
    }
  }
}

TEST(Devices, SmallMachinesKeepHalfTheirMemory) {
  const auto capacity = [](std::int64_t bytes) {
    return choose_devices({reference_pc()[0]}, {}, {2, Bytes(bytes)})->at(0).capacity;
  };
  EXPECT_EQ(capacity(1 * gb), Bytes(gb / 2));
  EXPECT_EQ(capacity(3 * gb), Bytes(2 * gb));
  EXPECT_EQ(capacity(0), Bytes(0));
}

TEST(Devices, TakesTheUsersWord) {
  FleetOptions options;
  options.devices = "gpu0, cpu,gpu0";
  options.cpu_lanes = 1;
  options.cpu_threads = 3;
  options.cpu_memory = Bytes(2 * gb);
  const auto devices = choose_devices(reference_pc(), options, {10, Bytes(50 * gb)});
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 2u);
  EXPECT_EQ(devices->at(0).id.text, "gpu0");
  EXPECT_EQ(devices->at(1).capacity, Bytes(2 * gb));
  EXPECT_EQ(devices->at(1).running, 1);
  EXPECT_EQ(devices->at(1).threads_per_lane, 3);
}

TEST(Devices, RefusesWhatIsNotThere) {
  const auto error_of = [](FleetOptions options, std::vector<wire::DeviceFacts> found) {
    const auto devices = choose_devices(found, options, {2, Bytes(8 * gb)});
    EXPECT_FALSE(devices);
    EXPECT_EQ(devices.error().code, ErrorCode::invalid_config);
    return devices.error().message;
  };
  FleetOptions unknown;
  unknown.devices = "gpu1";
  EXPECT_EQ(error_of(unknown, reference_pc()),
            "there is no device \"gpu1\"; this machine has cpu, gpu0");
  FleetOptions threads;
  threads.cpu_threads = 8;
  EXPECT_EQ(error_of(threads, reference_pc()),
            "cpu.threads is 8, but kai may use 2 cores here; lower it, or leave it out");
  FleetOptions lanes;
  lanes.cpu_lanes = 3;
  EXPECT_EQ(error_of(lanes, reference_pc()),
            "cpu.lanes is 3, but kai may use 2 cores here; lower it, or leave it out");
  FleetOptions starved;
  starved.cpu_threads = 1;
  starved.cpu_lanes = 2;
  EXPECT_EQ(error_of(starved, reference_pc()),
            "cpu.lanes is 2, but cpu.threads is 1: every lane needs a thread");
  auto full = reference_pc();
  full[1].free = Bytes(gb);
  FleetOptions named;
  named.devices = "gpu0";
  EXPECT_EQ(error_of(named, full),
            "gpu0 has only 1000 MB free, less than gpu.buffer and its two lanes need; free some, "
            "or leave it out of devices");
  EXPECT_EQ(choose_devices(full, {}, {2, Bytes(8 * gb)})->size(), 1u);
  EXPECT_EQ(error_of({}, {}), "no device is left to run models on; this machine has ");
}

TEST(Devices, RealWorkerFindsTheCpu) {
  FleetOptions options;
  options.worker = KAI_WORKER;
  options.devices = "cpu";
  const auto devices = find_devices(options);
  ASSERT_TRUE(devices) << devices.error().message;
  ASSERT_EQ(devices->size(), 1u);
  EXPECT_FALSE(devices->at(0).name.empty());
  EXPECT_GT(devices->at(0).capacity, 100_MiB);
}

TEST(Devices, TheRealWorkerMeasuresTheCpu) {
  FleetOptions options;
  options.worker = KAI_WORKER;
  Device device;
  device.id = DeviceId("cpu");
  device.capacity = Bytes(1'000'000'000);
  const auto speed = measure_device(options, device);
  ASSERT_TRUE(speed) << speed.error().message;
  EXPECT_GT(speed->lane_read, 1e8);
  EXPECT_GT(speed->lane_flops, 1e9);
  device.capacity = Bytes(100'000'000);
  EXPECT_EQ(measure_device(options, device).error().message,
            "there is too little free memory to measure speed with");
  device.id = DeviceId("gpu9");
  EXPECT_TRUE(measure_device(options, device).error().message.starts_with("no device \"gpu9\""));
}

TEST(Devices, AWorkerThatCannotMeasureIsAClearError) {
  const TempFolder folder;
  FleetOptions options;
  options.worker = folder.script("old", "exit 109");
  EXPECT_EQ(measure_device(options, {}).error().message,
            "`" + options.worker + " speed` ended with status 109");
  const std::string last_words =
      R"(echo '{"error":{"code":"internal","message":"llama.cpp gave up: CUDA error"}}'; )";
  options.worker = folder.script("gives_up", last_words + "kill -ABRT $$");
  EXPECT_EQ(measure_device(options, {}).error().message, "llama.cpp gave up: CUDA error");
  EXPECT_EQ(find_devices(options).error().message,
            "kai-worker finds no devices: llama.cpp gave up: CUDA error");
}

TEST(Devices, ASpeedIsRecalledForTheSameDeviceOnly) {
  FakeStore store;
  Device device;
  device.id = DeviceId("cpu");
  device.name = "i7-13620H";
  device.lanes = device.running = 2;
  device.threads_per_lane = 5;
  device.speed = DeviceSpeed{2, 3, 4};
  store.put_speed(device);
  const auto recalled = [&](auto change) {
    std::vector<Device> devices{device};
    devices[0].speed.reset();
    change(devices[0]);
    recall_speeds(devices, store);
    return devices[0].speed.has_value();
  };
  EXPECT_TRUE(recalled([](Device&) {}));
  EXPECT_FALSE(recalled([](Device& other) { other.id = DeviceId("gpu0"); }));
  EXPECT_FALSE(recalled([](Device& other) { other.name = "i9-13900K"; }));
  EXPECT_FALSE(recalled([](Device& other) { other.running = 1; }));
  EXPECT_FALSE(recalled([](Device& other) { other.threads_per_lane = 4; }));
}

TEST(Devices, ABrokenWorkerIsAClearError) {
  const TempFolder folder;
  FleetOptions options;
  options.worker = folder / "missing";
  EXPECT_EQ(find_devices(options).error().code, ErrorCode::internal);
  options.worker = folder.script("failing", "exit 3");
  EXPECT_EQ(find_devices(options).error().message,
            "kai-worker does not run: `" + options.worker +
                " devices` ended with status 3; install kai again");
  options.worker = folder.script("babbling", "echo hello");
  EXPECT_EQ(find_devices(options).error().code, ErrorCode::internal);
  options.worker = folder.script("hanging", "exec sleep 60");
  options.inspect_max = std::chrono::milliseconds(50);
  EXPECT_EQ(find_devices(options).error().code, ErrorCode::internal);
}

// A worker that finds a card, and whose driver's library sees less of its memory free.
TEST(Devices, AFullerCardThanLlamaCppSeesIsBelieved) {
  const TempFolder folder;
  FleetOptions options;
  const wire::DeviceFacts card{"gpu0",        DeviceKind::gpu, "NVIDIA RTX 4070",
                               Bytes(8 * gb), Bytes(7 * gb),   "0000:01:00.0",
                               "CUDA"};
  const wire::NvidiaFacts view{
      "", "", "580", {{"RTX 4070", "0000:01:00.0", Bytes(8 * gb), Bytes(5 * gb), 1}}};
  options.worker =
      folder.script("worker", "case $1 in\ndevices) echo '" + wire::encode(std::vector{card}) +
                                  "' ;;\nnvidia) echo '" + wire::encode(view) + "' ;;\nesac");
  const auto devices = find_devices(options);
  ASSERT_TRUE(devices) << devices.error().message;
  EXPECT_EQ(devices->at(0).capacity, Bytes(5 * gb - 1 * gb - 600'000'000));
}

// What the kernel would say, in files of our own.
class Host : public testing::Test {
 protected:
  void SetUp() override {
    folder.write("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n");
  }
  HostFiles files() const {
    return {folder / "proc", folder / "cgroup", folder / "pci", folder / "dev", folder / "etc"};
  }
  TempFolder folder;
};

TEST_F(Host, WithoutGroupsTakesWhatIsAvailable) {
  EXPECT_EQ(usable_memory(files()), Bytes(8000 * 1024));
  EXPECT_GE(usable_cores(files()), 1);
  EXPECT_LE(usable_cores(files()), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST_F(Host, TheTightestGroupAboveCounts) {
  folder.write("proc/self/cgroup", "0::/user/app\n");
  folder.write("cgroup/user/app/memory.max", "max\n");
  folder.write("cgroup/user/memory.max", "5000000\n");
  folder.write("cgroup/user/memory.current", "3000000\n");
  folder.write("cgroup/user/memory.stat", "anon 1\ninactive_file 500000\n");
  folder.write("cgroup/user/app/cpu.max", "150000 100000\n");
  folder.write("cgroup/user/cpu.max", "max 100000\n");
  EXPECT_EQ(usable_memory(files()), Bytes(2500000));
  EXPECT_EQ(usable_cores(files()), 1);
}

TEST_F(Host, ReadsVersionOneFromInsideAContainer) {
  folder.write("proc/self/cgroup", "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/\n");
  folder.write("cgroup/memory/memory.limit_in_bytes", "4000000\n");
  folder.write("cgroup/memory/memory.usage_in_bytes", "1000000\n");
  folder.write("cgroup/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 250000\n");
  folder.write("cgroup/cpu/cpu.cfs_quota_us", "50000\n");
  folder.write("cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(usable_memory(files()), Bytes(3250000));
  EXPECT_EQ(usable_cores(files()), 1);
}

TEST_F(Host, MoreUsedThanAllowedIsNothingLeft) {
  folder.write("proc/self/cgroup", "0::/../../app\n");
  folder.write("cgroup/memory.max", "1000\n");
  folder.write("cgroup/memory.current", "5000\n");
  EXPECT_EQ(usable_memory(files()), Bytes(0));
}

TEST_F(Host, GraphicsCardsAreToldByMakerAndDriver) {
  EXPECT_TRUE(graphics_cards(files()).empty());
  const auto device = [&](const std::string& bus, const char* kind, const char* vendor) {
    folder.write("pci/" + bus + "/class", kind);
    folder.write("pci/" + bus + "/vendor", vendor);
  };
  device("0000:01:00.0", "0x030200\n", "0x10de\n");
  device("0000:00:02.0", "0x030000\n", "0x8086\n");
  device("0000:00:03.0", "0x020000\n", "0x8086\n");  // of a network
  device("0000:00:04.0", "0x030000\n", "0x1234\n");  // of a virtual machine
  std::filesystem::create_symlink("../drivers/i915", folder / "pci/0000:00:02.0/driver");
  const auto cards = graphics_cards(files());
  ASSERT_EQ(cards.size(), 2u);
  EXPECT_EQ(cards[0].maker, CardMaker::intel);
  EXPECT_EQ(cards[0].driver, "i915");
  EXPECT_EQ(cards[1].maker, CardMaker::nvidia);
  EXPECT_EQ(cards[1].bus, "0000:01:00.0");
  EXPECT_EQ(cards[1].driver, "");
}

TEST_F(Host, ARenderNodeIsThereOrNot) {
  EXPECT_EQ(render_node(files()), RenderNode::none);
  folder.write("dev/dri/card0", "");
  EXPECT_EQ(render_node(files()), RenderNode::none);
  folder.write("dev/dri/renderD128", "");
  EXPECT_EQ(render_node(files()), RenderNode::open);
}

TEST_F(Host, TheDistributionIsNamedWithItsFamily) {
  EXPECT_EQ(distribution(files()), "");
  folder.write("etc/os-release", "NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n");
  EXPECT_EQ(distribution(files()), "linuxmint ubuntu debian");
}

}  // namespace
}  // namespace kai
