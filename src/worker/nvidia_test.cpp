#include "worker/nvidia.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace kai {
namespace {

constexpr const char* library = FAKE_NVML "/new/libnvidia-ml.so.1";

class Nvidia : public testing::Test {
 protected:
  wire::NvidiaFacts read(const char* behaviour) {
    ::setenv("FAKE_NVML", behaviour, 1);
    return read_nvidia(library);
  }
  void TearDown() override { ::unsetenv("FAKE_NVML"); }
};

TEST_F(Nvidia, TellsDriverAndCards) {
  const auto facts = read("good");
  EXPECT_EQ(facts.missing + facts.fault, "");
  EXPECT_EQ(facts.driver, "580.65.06");
  ASSERT_EQ(facts.cards.size(), 1u);
  EXPECT_EQ(facts.cards[0].name, "NVIDIA GeForce RTX 4070");
  EXPECT_EQ(facts.cards[0].bus, "0000:0a:00.0");
  EXPECT_EQ(facts.cards[0].total, Bytes(8'000'000'000));
  EXPECT_EQ(facts.cards[0].free, Bytes(5'000'000'000));
  EXPECT_EQ(facts.cards[0].processes, 2);
}

TEST_F(Nvidia, AMissingLibraryIsNoFault) {
  const auto facts = read_nvidia("/nowhere/libnvidia-ml.so.1");
  EXPECT_NE(facts.missing.find("/nowhere/libnvidia-ml.so.1"), std::string::npos);
  EXPECT_EQ(facts.fault, "");
  EXPECT_TRUE(facts.cards.empty());
}

TEST_F(Nvidia, ALibraryWithoutTheFunctionsIsTooOld) {
  const auto facts = read_nvidia(FAKE_NVML "/old/libnvidia-ml.so.1");
  EXPECT_EQ(facts.missing, "");
  EXPECT_TRUE(facts.fault.starts_with("it is too old")) << facts.fault;
}

TEST_F(Nvidia, SaysWhatTheLibrarySaysOfItself) {
  EXPECT_EQ(read("unloaded").fault, "Driver Not Loaded");
  EXPECT_EQ(read("mismatch").fault, "Driver/library version mismatch");
  const auto lost = read("lost");
  EXPECT_EQ(lost.fault, "card 0: GPU is lost");
  EXPECT_EQ(lost.driver, "580.65.06");
  EXPECT_TRUE(lost.cards.empty());
}

// Whether it can be true is for others to judge.
TEST_F(Nvidia, PassesOnWhatCannotBeTrue) {
  EXPECT_EQ(read("lying").cards.at(0).free, Bytes(90'000'000'000));
}

}  // namespace
}  // namespace kai
