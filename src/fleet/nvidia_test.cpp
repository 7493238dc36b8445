#include "fleet/nvidia.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "fleet/fake_store_test.h"

namespace kai {
namespace {

using std::chrono::milliseconds;

// The real worker, whose loader finds the fake library first.
wire::NvidiaFacts ask(const char* behaviour, Duration limit) {
  ::setenv("LD_LIBRARY_PATH", FAKE_NVML "/new", 1);
  ::setenv("FAKE_NVML", behaviour, 1);
  FleetOptions options;
  options.worker = KAI_WORKER;
  auto facts = ask_nvidia(options, limit);
  ::unsetenv("LD_LIBRARY_PATH");
  ::unsetenv("FAKE_NVML");
  return facts;
}

TEST(Nvidia, IsAskedThroughTheWorker) {
  const auto facts = ask("good", std::chrono::seconds(20));
  EXPECT_EQ(facts.missing + facts.fault, "");
  ASSERT_EQ(facts.cards.size(), 1u);
  EXPECT_EQ(facts.cards[0].free, Bytes(5'000'000'000));
}

TEST(Nvidia, ALibraryThatHangsIsLeftAlone) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ask("hanging", milliseconds(400)).fault, "no answer within 0 s");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(Nvidia, ALibraryThatCrashesTakesOnlyItsProcessAlong) {
  const auto facts = ask("crashing", std::chrono::seconds(20));
  EXPECT_EQ(facts.fault, "it ended kai-worker with status 134");
  EXPECT_TRUE(facts.cards.empty());
}

TEST(Nvidia, AWorkerThatSaysSomethingElseIsAFault) {
  const TempFolder folder;
  FleetOptions options;
  options.worker = folder.script("babbling", "echo hello");
  EXPECT_NE(ask_nvidia(options).fault, "");
  options.worker = folder / "missing";
  EXPECT_NE(ask_nvidia(options).fault, "");
}

std::vector<wire::DeviceFacts> two_cards() {
  return {
      {"cpu", DeviceKind::cpu, "i7", Bytes(64), Bytes(60)},
      {"gpu0", DeviceKind::gpu, "NVIDIA RTX 4070", Bytes(80), Bytes(70), "0000:01:00.0", "CUDA"},
      {"gpu1", DeviceKind::gpu, "NVIDIA RTX 4070", Bytes(80), Bytes(70), "0000:02:00.0", "CUDA"}};
}

Bytes free_of_gpu0(const wire::NvidiaCard& card) {
  auto devices = two_cards();
  trust_smaller(devices, {"", "", "", {card}});
  EXPECT_EQ(devices[0].free, Bytes(60));  // the CPU's memory is none of its business
  EXPECT_EQ(devices[2].free, Bytes(70));
  return devices[1].free;
}

TEST(Nvidia, OfTwoViewsTheSmallerCounts) {
  const auto card = [](std::int64_t total, std::int64_t free) {
    return wire::NvidiaCard{"RTX 4070", "0000:01:00.0", Bytes(total), Bytes(free), 0};
  };
  EXPECT_EQ(free_of_gpu0(card(80, 30)), Bytes(30));
  EXPECT_EQ(free_of_gpu0(card(80, 75)), Bytes(70));
  EXPECT_EQ(free_of_gpu0(card(80, 0)), Bytes(0));
  // What cannot be true counts for nothing.
  EXPECT_EQ(free_of_gpu0(card(20, 30)), Bytes(70));
  EXPECT_EQ(free_of_gpu0(card(80, -5)), Bytes(70));
  EXPECT_EQ(free_of_gpu0(card(0, 0)), Bytes(70));
}

TEST(Nvidia, ACardIsKnownByItsBusElseByItsNameIfNoOtherHasIt) {
  const wire::NvidiaFacts facts{"",
                                "",
                                "",
                                {{"RTX 4070", "0000:02:00.0", Bytes(80), Bytes(1), 0},
                                 {"RTX 4070", "0000:01:00.0", Bytes(80), Bytes(2), 0},
                                 {"RTX 3050", "", Bytes(80), Bytes(3), 0}}};
  auto devices = two_cards();
  EXPECT_EQ(card_of(devices[1], facts), &facts.cards[1]);
  EXPECT_EQ(card_of(devices[2], facts), &facts.cards[0]);
  devices[1].bus.clear();
  EXPECT_EQ(card_of(devices[1], facts), nullptr);  // two of its name
  devices[1].name = "NVIDIA RTX 3050";
  EXPECT_EQ(card_of(devices[1], facts), &facts.cards[2]);
  EXPECT_EQ(card_of(devices[0], facts), nullptr);
}

TEST(Nvidia, OnlyCardsOfNvidiaAreWorthAsking) {
  EXPECT_TRUE(has_nvidia(two_cards()));
  EXPECT_FALSE(has_nvidia({two_cards()[0]}));
  EXPECT_FALSE(
      has_nvidia({{"gpu0", DeviceKind::gpu, "AMD Radeon", Bytes(8), Bytes(8), "", "Vulkan"}}));
  EXPECT_TRUE(
      has_nvidia({{"gpu0", DeviceKind::gpu, "NVIDIA RTX 4070", Bytes(8), Bytes(8), "", "Vulkan"}}));
}

}  // namespace
}  // namespace kai
