// chart: pictures as SVG, readable on light and on dark ground, told apart without colours. Pure:
// the same values give the same bytes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kai::report {

// At most six of a chart are drawn, each with a colour and dashes of its own.
struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, double>> points{};  // x and y, by rising x
  std::vector<std::string> labels{};                // beside the points; empty: none
  std::vector<std::pair<double, double>> ranges{};  // of y, a thin line through each; empty: none
  bool joined = true;                               // by a line
};

struct LineChart {
  std::string title{};  // what the picture says; "" for none
  std::string below{};  // under the title, smaller
  std::string x{};      // what the axes are
  std::string y{};
  double x_min = 0, x_max = 1;  // x_min < x_max
  bool x_log = false;           // each doubling as wide as the other; then x_min > 0
  double y_min = 0, y_max = 1;
  bool diagonal = false;  // a line from corner to corner
  // A line across at this y, with its words.
  std::optional<std::pair<double, std::string>> level{};
  std::vector<ChartSeries> series{};
};
std::string line_chart(const LineChart& chart);

struct BarGroup {
  std::string name;
  std::string below{};           // under the name, smaller
  std::vector<double> values{};  // >= 0, one a series
  std::vector<double> tails{};   // >= 0, one a series: a thin line up to there; empty: none
  std::optional<double> mark{};  // a line across the group's bars
};

struct BarChart {
  std::string title{};
  std::string below{};
  std::string unit{};                 // after each value: "s"
  std::vector<std::string> series{};  // names
  std::vector<BarGroup> groups{};
};
std::string bar_chart(const BarChart& chart);

}  // namespace kai::report
