#include "scheduler/preload.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

PreloadCandidate used(const char* model, std::int64_t bytes, double worth) {
  return {ModelId(model), DeviceId("gpu"), Bytes(bytes), false, worth};
}
PreloadCandidate asked(const char* model, std::int64_t bytes) {
  return {ModelId(model), DeviceId("gpu"), Bytes(bytes), true, 0};
}
Shelf shelf(std::int64_t free, std::int64_t ahead = 0, bool open = true) {
  return {DeviceId("gpu"), Bytes(100), Bytes(free), Bytes(ahead), open};
}

std::string chosen(const std::vector<PreloadCandidate>& candidates, const Shelf& where,
                   int loads = 0, PreloadOptions options = {.on = true}) {
  const auto next = next_preload(candidates, std::span(&where, 1), loads, options);
  return next ? candidates[*next].model.text : "";
}

TEST(Preload, TheLastQuestionsComeFirstInItsOrder) {
  const std::vector<PreloadCandidate> all{used("often", 10, 5), asked("second", 10),
                                          asked("third", 10)};
  EXPECT_EQ(chosen(all, shelf(100)), "second");
}

TEST(Preload, OfTheOthersTheOneOfMostWorth) {
  const std::vector<PreloadCandidate> all{used("a", 10, 1), used("b", 10, 3), used("c", 10, 2)};
  EXPECT_EQ(chosen(all, shelf(100)), "b");
}

TEST(Preload, OnlyWhatFitsIntoFreeMemory) {
  const std::vector<PreloadCandidate> all{asked("large", 40), used("small", 10, 1)};
  EXPECT_EQ(chosen(all, shelf(39)), "small");
  EXPECT_EQ(chosen(all, shelf(9)), "");
}

TEST(Preload, NotBeyondItsShareOfTheDevice) {
  const std::vector<PreloadCandidate> all{asked("a", 20)};
  EXPECT_EQ(chosen(all, shelf(100, 30)), "a");
  EXPECT_EQ(chosen(all, shelf(100, 31)), "");
}

TEST(Preload, NotMoreOftenThanAllowed) {
  const std::vector<PreloadCandidate> all{asked("a", 20)};
  EXPECT_EQ(chosen(all, shelf(100), 3), "a");
  EXPECT_EQ(chosen(all, shelf(100), 4), "");
}

TEST(Preload, NotWhereSomebodyWaits) {
  EXPECT_EQ(chosen({asked("a", 20)}, shelf(100, 0, false)), "");
}

TEST(Preload, NobodyWhomNobodyAskedLately) {
  EXPECT_EQ(chosen({used("never", 10, 0)}, shelf(100)), "");
}

TEST(Preload, OffMeansOff) {
  EXPECT_EQ(chosen({asked("a", 20)}, shelf(100), 0, {.on = false}), "");
}

}  // namespace
}  // namespace kai
