#include "report/chart.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kai::report {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Chart, TextCannotBreakOutOfThePicture) {
  const std::string svg = line_chart(
      {.title = "<script>&\"", .x = "a\nb", .series = {{.name = "</text>", .points = {{0, 0}}}}});
  EXPECT_FALSE(has(svg, "<script"));
  EXPECT_TRUE(has(svg, "&lt;script&gt;&amp;&quot;"));
  EXPECT_FALSE(has(svg, "</text></text>"));
}

TEST(Chart, NamesOfLinesThatEndTogetherStandApart) {
  LineChart chart;
  for (int at = 0; at < 8; ++at) {
    chart.series.push_back({.name = "n" + std::to_string(at), .points = {{0, 0}, {1, 0.5}}});
  }
  const std::string svg = line_chart(chart);
  EXPECT_TRUE(has(svg, ">n5<"));
  EXPECT_FALSE(has(svg, ">n6<"));  // at most six
  std::vector<std::string> heights;
  for (int at = 0; at < 6; ++at) {
    const auto name = svg.find(">n" + std::to_string(at) + "<");
    const auto y = svg.rfind("y=\"", name);
    heights.push_back(svg.substr(y, svg.find('"', y + 3) - y));
  }
  std::ranges::sort(heights);
  EXPECT_EQ(std::ranges::unique(heights).size(), 0u);
}

TEST(Chart, BarsOfNothingAreAPicture) {
  EXPECT_TRUE(has(bar_chart({}), "</svg>"));
  const std::string svg = bar_chart({.unit = "s",
                                     .series = {"a", "b"},
                                     .groups = {{.name = "g", .values = {1, 0}, .tails = {2}}}});
  EXPECT_TRUE(has(svg, ">1.0 s<"));
  EXPECT_TRUE(has(svg, ">0.0 s<"));
}

TEST(Chart, ALogarithmicAxisHasRoundTicks) {
  const std::string svg = line_chart({.x_min = 3, .x_max = 120, .x_log = true, .series = {}});
  for (const char* tick : {">5<", ">10<", ">20<", ">50<", ">100<"}) EXPECT_TRUE(has(svg, tick));
  EXPECT_FALSE(has(svg, ">2<"));
  EXPECT_FALSE(has(svg, ">200<"));
}

TEST(Chart, PointsThatAreNotJoinedHaveNoLine) {
  LineChart chart{.series = {{.name = "a",
                              .points = {{0, 0}, {1, 1}},
                              .labels = {"low", "high"},
                              .ranges = {{0, 0.5}, {0.5, 1}},
                              .joined = false}}};
  EXPECT_FALSE(has(line_chart(chart), "<polyline"));
  EXPECT_TRUE(has(line_chart(chart), ">high<"));
  chart.series.front().joined = true;
  EXPECT_TRUE(has(line_chart(chart), "<polyline"));
}

}  // namespace
}  // namespace kai::report
