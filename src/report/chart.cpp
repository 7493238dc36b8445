#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace kai::report {

namespace {

constexpr std::size_t series_max = 6;
constexpr int width = 760;  // pixels

// Colour on light and on dark ground, and dashes, so that lines can be told apart without colours.
struct Mark {
  const char* light;
  const char* dark;
  const char* dashes;
};
constexpr std::array<Mark, series_max> marks{{{"#0b6bcb", "#58a6ff", "none"},
                                              {"#c2410c", "#ff9a5c", "6 3"},
                                              {"#15803d", "#56d364", "2 3"},
                                              {"#7e22ce", "#d2a8ff", "10 4"},
                                              {"#a16207", "#e3b341", "4 2 1 2"},
                                              {"#475569", "#8b949e", "1 2"}}};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

// A picture that grows; coordinates are pixels from the left and from the top.
class Svg {
 public:
  Svg(int height, std::string_view label) {
    std::string light, dark;
    for (std::size_t at = 0; at < marks.size(); ++at) {
      light += fmt::format(".s{0}{{stroke:{1}}}.f{0}{{fill:{1}}}", at, marks[at].light);
      dark += fmt::format(".s{0}{{stroke:{1}}}.f{0}{{fill:{1}}}", at, marks[at].dark);
    }
    text_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
        "{1}\" role=\"img\" aria-label=\"{2}\">\n"
        "<style>text{{font:13px sans-serif;fill:#1e293b}}.title{{font-size:16px;font-weight:bold}}"
        ".small{{font-size:12px;fill:#475569}}.name{{font-weight:bold}}"
        // What stands over lines keeps some ground around it.
        ".over{{font-size:12px;paint-order:stroke;stroke:#ffffff;stroke-width:4px}}"
        ".ground{{fill:#ffffff}}.axis{{stroke:#94a3b8}}"
        ".grid{{stroke:#e2e8f0}}{3}\n@media (prefers-color-scheme:dark){{text{{fill:#e6edf3}}"
        ".small{{fill:#a9b4c0}}.over{{stroke:#0d1117}}.ground{{fill:#0d1117}}.axis{{stroke:#6e7681}"
        "}"
        ".grid{{stroke:#262c36}}{4}}}</style>\n"
        "<rect class=\"ground\" width=\"{0}\" height=\"{1}\"/>\n",
        width, height, escaped(label), light, dark);
  }
  void line(std::string_view kind, double x1, double y1, double x2, double y2,
            std::string_view more = "") {
    text_ += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", kind,
        x1, y1, x2, y2, more);
  }
  void words(double x, double y, std::string_view text, std::string_view more = "") {
    text_ +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more, escaped(text));
  }
  void add(std::string_view element) { text_ += element; }
  std::string close() && { return std::move(text_) + "</svg>\n"; }

 private:
  std::string text_;
};

std::string stroke(std::size_t series) {
  return fmt::format("stroke-width=\"2.5\" stroke-dasharray=\"{}\"", marks[series].dashes);
}

// 1, 2 or 5 times a power of ten, so that about `count` of them make `range`.
double round_step(double range, int count) {
  const double raw = range / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double over = raw / power;
  return power * (over <= 1 ? 1 : over <= 2 ? 2 : over <= 5 ? 5 : 10);
}

// Calls `draw` with each round value from `min` to `max`.
template <class Draw>
void for_ticks(double min, double max, int count, Draw draw) {
  const double step = round_step(max - min, count);
  const auto first = static_cast<std::int64_t>(std::ceil(min / step - 1e-9));
  const auto last = static_cast<std::int64_t>(std::floor(max / step + 1e-9));
  for (std::int64_t at = first; at <= last; ++at) draw(static_cast<double>(at) * step);
}

// The same with 1, 2 and 5 times each power of ten; min > 0.
template <class Draw>
void for_log_ticks(double min, double max, Draw draw) {
  for (double power = std::pow(10, std::floor(std::log10(min))); power <= max; power *= 10) {
    for (const double times : {1.0, 2.0, 5.0}) {
      if (times * power >= min && times * power <= max) draw(times * power);
    }
  }
}

void head(Svg& svg, const std::string& title, const std::string& below) {
  if (!title.empty()) svg.words(16, 26, title, "class=\"title\"");
  if (!below.empty()) svg.words(16, 46, below, "class=\"small\"");
}

// Where a line chart's values lie.
struct Plane {
  const LineChart& chart;
  double left = 66, right = 200, top = 0, bottom = 58, height = 400;
  double x(double value) const {
    const auto along = [&](double at) { return chart.x_log ? std::log(at) : at; };
    const double share =
        (along(value) - along(chart.x_min)) / (along(chart.x_max) - along(chart.x_min));
    return left + share * (width - left - right);
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
  const double x = width - plane.right + 14;
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
  head(svg, chart.title, chart.below);
  axes(svg, plane);
  const std::size_t count = std::min(chart.series.size(), series_max);
  const auto heights = name_heights(plane, count);
  if (chart.level) {
    svg.words(width - plane.right + 14, heights.back() + 4, chart.level->second, "class=\"small\"");
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
  const double scale = (width - bars_left - bars_right) / most;
  Svg svg(static_cast<int>(std::ceil(height)), chart.title);
  head(svg, chart.title, chart.below);
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
