#include "cli/doctor_gpu.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

constexpr std::int64_t gb = 1'000'000'000;

std::string text_of(const GpuView& view) {
  std::string text;
  for (const auto& finding : gpu_findings(view)) {
    text += finding.mark == Mark::good ? "+ " : finding.mark == Mark::bad ? "- " : "! ";
    text += finding.text + "\n";
    for (const auto& remedy : finding.remedies) text += "    " + remedy + "\n";
  }
  return text;
}

GpuView nothing() {
  GpuView view;
  view.found = {{"cpu", DeviceKind::cpu, "i7", Bytes(64 * gb), Bytes(60 * gb), "", "CPU"}};
  view.backends = {"CPU"};
  view.nvidia.missing = "libnvidia-ml.so.1: cannot open shared object file";
  view.distribution = "debian";
  return view;
}

wire::NvidiaFacts driver(std::int64_t free) {
  return {"", "", "580.65.06", {{"RTX 4070", "0000:01:00.0", Bytes(8 * gb), Bytes(free), 2}}};
}

// A card that llama.cpp finds and kai uses.
GpuView good() {
  GpuView view = nothing();
  view.found.push_back({"gpu0", DeviceKind::gpu, "NVIDIA RTX 4070", Bytes(8 * gb), Bytes(7 * gb),
                        "0000:01:00.0", "CUDA"});
  Device device;
  device.id = DeviceId("gpu0");
  view.chosen = {device};
  view.backends = {"CUDA", "CPU"};
  view.cards = {{CardMaker::nvidia, "0000:01:00.0", "nvidia"}};
  view.nvidia = driver(7 * gb);
  return view;
}

TEST(DoctorGpu, SaysPlainlyThatThereIsNone) {
  EXPECT_EQ(text_of(nothing()), "! GPU: none found on this machine; the CPU is used\n");
  GpuView broken = nothing();  // whose library is of no interest without a card
  broken.nvidia = {"", "Driver Not Loaded", "", {}};
  EXPECT_EQ(text_of(broken), text_of(nothing()));
}

TEST(DoctorGpu, ShowsWhatIsUsedAndWhoElseUsesIt) {
  EXPECT_EQ(text_of(good()),
            "+ gpu0: NVIDIA RTX 4070 through CUDA, 7.0 GB of 8.0 GB free; others have 1.0 GB of "
            "it; 2 processes compute on "
            "it\n+ NVIDIA's driver: 580.65.06, 1 card\n");
}

TEST(DoctorGpu, TellsWhenTheDriverSeesLessMemory) {
  GpuView view = good();
  view.nvidia = driver(3 * gb);
  EXPECT_NE(text_of(view).find("; NVIDIA's library says 3.0 GB, and the smaller counts"),
            std::string::npos)
      << text_of(view);
  view.nvidia = driver(90 * gb);
  EXPECT_NE(text_of(view).find("says 90 GB of 8.0 GB, which cannot be and is ignored"),
            std::string::npos)
      << text_of(view);
}

TEST(DoctorGpu, ACardLeftOutIsNamed) {
  GpuView view = good();
  view.chosen.clear();
  EXPECT_TRUE(text_of(view).starts_with("! gpu0: ")) << text_of(view);
  EXPECT_NE(text_of(view).find("; not used\n    name it in `devices`"), std::string::npos);
}

TEST(DoctorGpu, ALibraryThatHangsOrIsOldHasItsRemedy) {
  GpuView view = good();
  view.nvidia = {"", "no answer within 3 s", "", {}};
  EXPECT_NE(text_of(view).find("! NVIDIA's library (NVML): no answer within 3 s; kai goes by what "
                               "llama.cpp says\n    restart the PC"),
            std::string::npos)
      << text_of(view);
  view.nvidia = {"", "it is too old: it lacks a function", "", {}};
  EXPECT_NE(text_of(view).find("    add contrib, non-free and non-free-firmware"),
            std::string::npos)
      << text_of(view);
}

TEST(DoctorGpu, ACardWithoutItsDriverGetsThePackageOfTheDistribution) {
  GpuView view = nothing();
  view.cards = {{CardMaker::nvidia, "0000:01:00.0", "nouveau"}};
  EXPECT_EQ(text_of(view),
            "! GPU: an NVIDIA card with the driver nouveau, without CUDA; the CPU is used\n"
            "    add contrib, non-free and non-free-firmware to the lines of "
            "/etc/apt/sources.list\n"
            "    sudo apt update && sudo apt install linux-headers-amd64 nvidia-driver libcuda1 "
            "libnvidia-ml1\n"
            "    restart the PC\n"
            "    KAI_BACKEND=cuda make setup   # in kai's sources; brings CUDA's libraries where "
            "none are\n");
  const auto with = [&](const char* distribution) {
    view.distribution = distribution;
    return text_of(view);
  };
  EXPECT_NE(with("linuxmint ubuntu debian").find("    sudo ubuntu-drivers install"),
            std::string::npos);
  EXPECT_NE(with("fedora").find("    sudo dnf install akmod-nvidia"), std::string::npos);
  EXPECT_NE(with("arch").find("    sudo pacman -S nvidia-open"), std::string::npos);
  EXPECT_NE(with("").find("    install NVIDIA's driver"), std::string::npos);
  view.cards[0].driver.clear();
  EXPECT_NE(text_of(view).find("an NVIDIA card without a driver; "), std::string::npos);
  view.cards[0].driver = "nvidia";
  EXPECT_NE(text_of(view).find("whose driver lacks its libraries; "), std::string::npos);
}

TEST(DoctorGpu, AWorkingDriverNeedsOnlyTheBackend) {
  GpuView view = good();
  view.found.pop_back();
  view.backends = {"CPU"};
  EXPECT_EQ(text_of(view),
            "+ NVIDIA's driver: 580.65.06, 1 card\n"
            "! GPU: an NVIDIA card, but kai was set up without CUDA; the CPU is used\n"
            "    KAI_BACKEND=cuda make setup   # in kai's sources; brings CUDA's libraries where "
            "none are\n");
  view.backends = {"CUDA", "CPU"};
  EXPECT_NE(text_of(view).find("but the CUDA backend finds no device"), std::string::npos);
}

TEST(DoctorGpu, WhatNoBackendFindsIsDataToo) {
  GpuView view = good();
  view.found.pop_back();
  view.cards.push_back({CardMaker::amd, "0000:03:00.0", ""});
  EXPECT_TRUE(gpus_of(view).empty());
  const CheckedNvidia nvidia = nvidia_of(view);
  EXPECT_EQ(nvidia.driver, "580.65.06");
  ASSERT_EQ(nvidia.cards.size(), 1u);
  EXPECT_EQ(nvidia.cards[0].name, "RTX 4070");
  EXPECT_EQ(nvidia.cards[0].view.free, Bytes(7 * gb));
  EXPECT_TRUE(nvidia.cards[0].view.sound);
  const auto cards = cards_of(view);
  ASSERT_EQ(cards.size(), 2u);
  EXPECT_EQ(cards[0].maker, "nvidia");
  EXPECT_EQ(cards[1].maker, "amd");
  EXPECT_EQ(cards[1].driver, "");
}

TEST(DoctorGpu, TheSmallerViewIsBelievedUnlessItCannotBe) {
  GpuView view = good();
  view.nvidia = driver(3 * gb);
  CheckedGpu gpu = gpus_of(view).at(0);
  EXPECT_EQ(gpu.believed, Bytes(3 * gb));
  EXPECT_EQ(gpu.taken, Bytes(5 * gb));
  EXPECT_TRUE(gpu.used);
  view.nvidia = driver(90 * gb);
  gpu = gpus_of(view).at(0);
  EXPECT_EQ(gpu.believed, Bytes(7 * gb));
  EXPECT_FALSE(gpu.driver->sound);
  view.nvidia = {"", "no answer within 3 s", "", {}};
  EXPECT_FALSE(gpus_of(view).at(0).driver.has_value());
}

TEST(DoctorGpu, CardsOfOthersNeedVulkan) {
  GpuView view = nothing();
  view.cards = {{CardMaker::amd, "0000:03:00.0", "amdgpu"}};
  view.render = RenderNode::open;
  EXPECT_EQ(text_of(view),
            "! GPU: a card of AMD, but kai was set up without Vulkan; the CPU is used\n"
            "    sudo apt install libvulkan1 mesa-vulkan-drivers\n"
            "    KAI_BACKEND=vulkan make setup   # in kai's sources\n");
  view.render = RenderNode::closed;
  EXPECT_NE(text_of(view).find("which you may not open"), std::string::npos);
  EXPECT_NE(text_of(view).find("    sudo usermod -aG render $USER"), std::string::npos);
  view.render = RenderNode::none;
  EXPECT_NE(text_of(view).find("without a driver of the kernel"), std::string::npos);
  view.render = RenderNode::open;
  view.backends = {"CPU", "Vulkan"};
  EXPECT_NE(text_of(view).find("but the Vulkan backend finds no device"), std::string::npos);
}

}  // namespace
}  // namespace kai
