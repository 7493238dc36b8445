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

}  // namespace
}  // namespace kai::wire
