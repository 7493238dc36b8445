#include "wire/metrics_documents.h"

#include <gtest/gtest.h>

namespace kai::wire {
namespace {

using namespace std::chrono_literals;

TEST(MetricsDocuments, ValuesReadBackAsTheyWere) {
  const std::vector<std::pair<std::string, double>> values{{"asks:smollm2:135m", 3},
                                                           {"cpu_utilization", 0.25}};
  const std::string line = encode_values(values);
  EXPECT_EQ(line, R"({"asks:smollm2:135m":3,"cpu_utilization":0.25})");
  const auto back = decode_values(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, values);
  EXPECT_FALSE(decode_values("[1]"));
  EXPECT_FALSE(decode_values(R"({"a":"much"})"));
}

TEST(MetricsDocuments, ColumnsAreAsUPlotTakesThem) {
  HistoryColumns columns;
  columns.step = 10s;
  columns.times = {WallTime(1'772'366'400s), WallTime(1'772'366'420s)};
  columns.columns = {{"gpu_power_watts", "0", "watts", {70.5, std::nullopt}}};
  columns.annotations = {{WallTime(1'772'366'405s), "load", "a was loaded"}};
  const std::string line = encode(columns);
  EXPECT_EQ(line,
            R"({"step_s":10,"series":[{"name":"gpu_power_watts","label":"0","unit":"watts"}],)"
            R"("data":[[1772366400,1772366420],[70.5,null]],)"
            R"("annotations":[{"at":1772366405,"kind":"load","text":"a was loaded"}]})");
  const auto back = decode_history_columns(line);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->step, 10s);
  EXPECT_EQ(back->times, columns.times);
  ASSERT_EQ(back->columns.size(), 1u);
  EXPECT_EQ(back->columns[0].label, "0");
  EXPECT_EQ(back->columns[0].values, columns.columns[0].values);
  ASSERT_EQ(back->annotations.size(), 1u);
  EXPECT_EQ(back->annotations[0].at, columns.annotations[0].at);
}

TEST(MetricsDocuments, ColumnsOfDifferentLengthsAreRefused) {
  for (const char* data : {"[[1,2],[1]]", "[[1]]", "[]", "7", "[[1],[1],[1]]"}) {
    const auto read = decode_history_columns(
        R"({"step_s":1,"series":[{"name":"a","label":"","unit":""}],"annotations":[],"data":)" +
        std::string(data) + "}");
    EXPECT_FALSE(read) << data;
  }
}

}  // namespace
}  // namespace kai::wire
