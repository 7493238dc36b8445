#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string_view>

#include "report/svg.h"

namespace kai::report {

namespace {

// The same with 1, 2 and 5 times each power of ten; min > 0.
template <class Draw>
void for_log_ticks(double min, double max, Draw draw) {
  for (double power = std::pow(10, std::floor(std::log10(min))); power <= max; power *= 10) {
    for (const double times : {1.0, 2.0, 5.0}) {
      if (times * power >= min && times * power <= max) draw(times * power);
    }
  }
}

// Where a line chart's values lie.
struct Plane {
  const LineChart& chart;
  double left = 66, right = 200, top = 0, bottom = 58, height = 400;
  double x(double value) const {
    const auto along = [&](double at) { return chart.x_log ? std::log(at) : at; };
    const double share =
        (along(value) - along(chart.x_min)) / (along(chart.x_max) - along(chart.x_min));
    return left + share * (picture_width - left - right);
  }
  double y(double value) const {
    const double share = (value - chart.y_min) / (chart.y_max - chart.y_min);
    return height - bottom - share * (height - bottom - top);
  }
};

void axes(Svg& svg, const Plane& plane) {
  const LineChart& chart = plane.chart;
  const double x0 = plane.x(chart.x_min), x1 = plane.x(chart.x_max);
  const double y0 = plane.y(chart.y_min), y1 = plane.y(chart.y_max);
  for_ticks(chart.y_min, chart.y_max, 5, [&](double value) {
    svg.line("grid", x0, plane.y(value), x1, plane.y(value));
    svg.words(x0 - 8, plane.y(value) + 4, fmt::format("{:g}", value), "text-anchor=\"end\"");
  });
  const auto x_tick = [&](double value) {
    svg.line("axis", plane.x(value), y0, plane.x(value), y0 + 5);
    svg.words(plane.x(value), y0 + 20, fmt::format("{:g}", value), "text-anchor=\"middle\"");
  };
  if (chart.x_log) {
    for_log_ticks(chart.x_min, chart.x_max, x_tick);
  } else {
    for_ticks(chart.x_min, chart.x_max, 10, x_tick);
  }
  svg.line("axis", x0, y0, x1, y0);
  svg.line("axis", x0, y0, x0, y1);
  svg.words((x0 + x1) / 2, y0 + 42, chart.x, "text-anchor=\"middle\"");
  svg.add(fmt::format(
      "<text transform=\"translate(18 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      (y0 + y1) / 2, escaped(chart.y)));
  if (chart.diagonal) svg.line("axis", x0, y0, x1, y1, "stroke-dasharray=\"2 4\"");
  if (chart.level) {
    const double y = plane.y(chart.level->first);
    svg.line("axis", x0, y, x1, y, "stroke-width=\"2\" stroke-dasharray=\"3 2\"");
  }
}

// Heights for the names at the lines' ends, none over another; the level's is the last.
std::vector<double> name_heights(const Plane& plane, std::size_t count) {
  constexpr double apart = 20;
  const auto& series = plane.chart.series;
  std::vector<double> heights(count, -apart);
  for (std::size_t at = 0; at < count; ++at) {
    if (!series[at].points.empty()) heights[at] = plane.y(series[at].points.back().second);
  }
  if (plane.chart.level) heights.push_back(plane.y(plane.chart.level->first));
  std::vector<std::size_t> order(heights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t at) { return std::pair(heights[at], at); });
  double least = -apart;
  for (const std::size_t at : order) {
    heights[at] = std::max(heights[at], least);
    least = heights[at] + apart;
  }
  return heights;
}

void draw(Svg& svg, const Plane& plane, const ChartSeries& series, std::size_t at, double name_y) {
  const std::string kind = fmt::format("s{}", at);
  const auto dot = [&](double x, double y) {
    svg.add(fmt::format("<circle class=\"f{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", at, x, y));
  };
  std::string points;
  for (const auto& [x, y] : series.points) {
    points += fmt::format("{:.1f},{:.1f} ", plane.x(x), plane.y(y));
  }
  if (series.joined) {
    svg.add(fmt::format("<polyline class=\"{}\" points=\"{}\" fill=\"none\" {}/>\n", kind, points,
                        stroke(at)));
  }
  for (std::size_t point = 0; point < series.points.size(); ++point) {
    const double x = plane.x(series.points[point].first);
    const double y = plane.y(series.points[point].second);
    if (point < series.ranges.size()) {
      const auto& [low, high] = series.ranges[point];
      svg.line(kind, x, plane.y(low), x, plane.y(high), "stroke-width=\"1.5\"");
    }
    dot(x, y);
    if (point < series.labels.size()) {
      svg.words(x + 8, y + 4, series.labels[point], "class=\"over\"");
    }
  }
  const double x = picture_width - plane.right + 14;
  if (series.joined) {
    svg.line(kind, x, name_y, x + 26, name_y, stroke(at));
  } else {
    dot(x + 13, name_y);
  }
  svg.words(x + 34, name_y + 4, series.name);
}

// Where a bar chart's values lie.
constexpr double bars_left = 150, bars_right = 150, bar = 16, group_gap = 20;

void draw(Svg& svg, const BarChart& chart, const BarGroup& group, double top, double scale) {
  const std::size_t count = std::min({chart.series.size(), group.values.size(), series_max});
  const double height = bar * static_cast<double>(count);
  svg.words(bars_left - 12, top + height / 2 + (group.below.empty() ? 4 : -2), group.name,
            "class=\"name\" text-anchor=\"end\"");
  svg.words(bars_left - 12, top + height / 2 + 14, group.below,
            "class=\"small\" text-anchor=\"end\"");
  if (group.mark) {
    const double x = bars_left + *group.mark * scale;
    svg.line("axis", x, top - 5, x, top + height + 3,
             "stroke-width=\"2\" stroke-dasharray=\"3 2\"");
  }
  for (std::size_t at = 0; at < count; ++at) {
    const double y = top + bar * static_cast<double>(at);
    const double end = bars_left + group.values[at] * scale;
    svg.add(fmt::format(
        "<rect class=\"f{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", at,
        bars_left, y + 1, std::max(1.0, end - bars_left), bar - 3));
    double words = end;
    std::string said =
        fmt::format("{:.{}f} {}", group.values[at], group.values[at] < 10 ? 1 : 0, chart.unit);
    if (at < group.tails.size() && group.tails[at] > group.values[at]) {
      words = bars_left + group.tails[at] * scale;
      const double middle = y + bar / 2 - 0.5;
      svg.line(fmt::format("s{}", at), end, middle, words, middle, "stroke-width=\"2\"");
      svg.line(fmt::format("s{}", at), words, y + 3, words, y + bar - 4, "stroke-width=\"2\"");
    }
    svg.words(words + 6, y + 12, said, "class=\"over\"");
  }
}

}  // namespace

std::string line_chart(const LineChart& chart) {
  Plane plane{chart};
  plane.top = chart.title.empty() && chart.below.empty() ? 24 : 68;
  Svg svg(static_cast<int>(plane.height), chart.title.empty() ? chart.y : chart.title);
  svg.head(chart.title, chart.below);
  axes(svg, plane);
  const std::size_t count = std::min(chart.series.size(), series_max);
  const auto heights = name_heights(plane, count);
  if (chart.level) {
    svg.words(picture_width - plane.right + 14, heights.back() + 4, chart.level->second,
              "class=\"small\"");
  }
  // The first is what the picture is about: it lies on top. One without points has a colour only.
  for (std::size_t at = count; at-- > 0;) {
    if (!chart.series[at].points.empty()) draw(svg, plane, chart.series[at], at, heights[at]);
  }
  return std::move(svg).close();
}

std::string bar_chart(const BarChart& chart) {
  double most = 1e-9;
  double height = 66;
  const double legend_y = height + 6;
  height += 30;
  const double top = height;
  for (const auto& group : chart.groups) {
    for (const double value : group.values) most = std::max(most, value);
    for (const double value : group.tails) most = std::max(most, value);
    if (group.mark) most = std::max(most, *group.mark);
    height += bar * static_cast<double>(std::min(group.values.size(), series_max)) + group_gap;
  }
  const double scale = (picture_width - bars_left - bars_right) / most;
  Svg svg(static_cast<int>(std::ceil(height)), chart.title);
  svg.head(chart.title, chart.below);
  double x = 16;
  for (std::size_t at = 0; at < std::min(chart.series.size(), series_max); ++at) {
    svg.add(
        fmt::format("<rect class=\"f{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"12\" height=\"12\"/>\n",
                    at, x, legend_y - 10));
    svg.words(x + 18, legend_y, chart.series[at]);
    x += 34 + 7.2 * static_cast<double>(chart.series[at].size());
  }
  double y = top;
  for (const auto& group : chart.groups) {
    draw(svg, chart, group, y, scale);
    y += bar * static_cast<double>(std::min(group.values.size(), series_max)) + group_gap;
  }
  return std::move(svg).close();
}

}  // namespace kai::report
