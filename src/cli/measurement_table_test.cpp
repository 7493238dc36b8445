#include "cli/measurement_table.h"

#include <gtest/gtest.h>

namespace kai {
namespace {

using namespace std::chrono_literals;

TEST(MeasurementTable, ShowsWhatWasMeasuredAgainstWhatWasEstimated) {
  Measurement one;
  one.before = {
      ModelId("a"), DeviceId("cpu"), Bytes(100'000'000), Bytes(0), Bytes(0), 2s, 50, 8, 0};
  one.after = {ModelId("a"), DeviceId("cpu"), Bytes(120'000'000), Bytes(0), Bytes(0), 1s, 90, 9, 2};
  one.readings = {{Tokens(40), Tokens(48), 500ms, 4s}, {Tokens(400), Tokens(48), 4s, 6s}};
  Measurement other = one;
  other.before.model = ModelId("b");
  other.fault = "it wrote too little to tell a rate";
  const auto lines = measurement_lines(std::vector{one, other});
  ASSERT_GE(lines.size(), 5u);
  for (const std::string_view part : {"1.00 s", "80.0", "100.0", "12.0", "8.0", "120 MB"}) {
    EXPECT_TRUE(lines[2].contains(part)) << part << " is not in " << lines[2];
  }
  for (const std::string_view part : {"estimated", "2.00 s", "50.0", "8.0", "100 MB"}) {
    EXPECT_TRUE(lines[3].contains(part)) << part << " is not in " << lines[3];
  }
  EXPECT_TRUE(lines[4].contains("not measured: it wrote too little")) << lines[4];
}

TEST(MeasurementTable, OfNothingIsEmpty) {
  EXPECT_TRUE(measurement_lines({}).empty());
}

}  // namespace
}  // namespace kai
