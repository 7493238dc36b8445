// What the pictures of a report show.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/chart.h"
#include "report/page.h"
#include "report/statistics.h"
#include "report/timeline.h"

namespace kai::report {

namespace {

std::string told(const PerformanceReport& report) {
  return report.recorded    ? "simulated PC, recorded answers of real models"
         : report.simulated ? "simulated PC"
                            : "measured on this machine";
}

// The next round number above, for an axis.
double ceiling(double value) {
  if (value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0}) {
    if (step * power >= value) return step * power;
  }
  return 10 * power;
}

std::string tiers_picture(const PerformanceReport& report) {
  const bool same = std::ranges::any_of(
      report.tiers, [](const PerformanceRow& row) { return row.same.answered > 0; });
  BarChart chart{.title = "Time to an answer: kai asks as many models as a question deserves",
                 .below = fmt::format("seconds, median; thin line: nine in ten; dashes: what the "
                                      "tier aims at; {}",
                                      told(report)),
                 .unit = "s",
                 .series = {"kai"},
                 .groups = {}};
  if (same) chart.series.emplace_back("original way, the same models");
  chart.series.push_back(fmt::format("original way, all {} models", report.models.size()));
  for (const auto& row : report.tiers) {
    if (row.adaptive.answered == 0) continue;
    BarGroup group{.name = std::string(to_string(*row.tier))};
    const auto place = static_cast<std::size_t>(*row.tier);
    if (place < report.aims.size()) group.mark = seconds(report.aims[place]);
    std::vector<const WayFigures*> ways{&row.adaptive};
    if (same) ways.push_back(&row.same);
    ways.push_back(&row.original);
    for (const WayFigures* way : ways) {
      group.values.push_back(seconds(way->median));
      group.tails.push_back(seconds(way->p90));
    }
    if (row.faster > 0) group.below = sooner_words(row.faster);
    chart.groups.push_back(std::move(group));
  }
  return bar_chart(chart);
}

// Against the number of models asked.
LineChart over_models(const PerformanceReport& report) {
  return {
      .below = "every model once, all heard to the end, in the order of the list; " + told(report),
      .x = "models asked",
      .x_min = 1,
      .x_max = static_cast<double>(std::max(2, report.curve.back().models))};
}

// One value of each point of the curve.
template <class Value>
ChartSeries series_of(const PerformanceReport& report, std::string name, Value value) {
  ChartSeries series{.name = std::move(name)};
  for (const auto& point : report.curve) series.points.emplace_back(point.models, value(point));
  return series;
}

std::string curve_picture(const PerformanceReport& report) {
  const CurvePoint& last = report.curve.back();
  LineChart chart = over_models(report);
  chart.title = "What each further model costs";
  chart.y = "seconds until the last has answered";
  chart.y_max = ceiling(std::max(
      {seconds(last.original), seconds(last.adaptive), seconds(last.split), seconds(last.bound)}));
  const auto add = [&](const char* name, Duration CurvePoint::* time) {
    chart.series.push_back(
        series_of(report, name, [&](const CurvePoint& point) { return seconds(point.*time); }));
  };
  add("kai", &CurvePoint::adaptive);
  add("original way", &CurvePoint::original);
  add("no order is faster", &CurvePoint::bound);
  add("kai, big ones split", &CurvePoint::split);
  return line_chart(chart);
}

std::string gpu_picture(const PerformanceReport& report) {
  LineChart chart = over_models(report);
  chart.title = "How much of the time the GPU is busy";
  chart.y = "GPU busy, %";
  chart.y_max = 100;
  chart.level = std::pair(60.0, std::string("at least 60 % (R12)"));
  const auto add = [&](const char* name, double CurvePoint::* busy) {
    chart.series.push_back(
        series_of(report, name, [&](const CurvePoint& point) { return 100 * point.*busy; }));
  };
  add("kai", &CurvePoint::adaptive_gpu);
  add("original way", &CurvePoint::original_gpu);
  chart.series.emplace_back();  // so that each has the colour of the picture above
  add("kai, big ones split", &CurvePoint::split_gpu);
  return line_chart(chart);
}

// Right answers against time.
std::string quality_picture(const PerformanceReport& report) {
  LineChart chart{.title = "What more time buys: right answers against seconds",
                  .below = told(report) + "; thin lines: 95 % interval",
                  .x = "seconds to an answer, median (each doubling as wide)",
                  .y = "right answers, %",
                  .x_min = 1e9,
                  .x_max = 0,
                  .x_log = true,
                  .y_min = 100,
                  .y_max = 0};
  ChartSeries kai{.name = "kai", .joined = false}, original{.name = "original", .joined = false};
  for (const auto& point : report.trade_off) {
    if (point.marked == 0) continue;
    const double time = std::max(0.01, seconds(point.median));
    const Interval range = wilson(point.right, point.marked);
    chart.x_min = std::min(chart.x_min, time);
    chart.x_max = std::max(chart.x_max, time);
    chart.y_min = std::min(chart.y_min, 100 * range.low);
    chart.y_max = std::max(chart.y_max, 100 * range.high);
    const bool all = point.way.starts_with("original") || point.way == "all";
    ChartSeries& series = all ? original : kai;
    series.points.emplace_back(time, 100.0 * point.right / point.marked);
    series.labels.push_back(point.way);
    series.ranges.emplace_back(100 * range.low, 100 * range.high);
  }
  // Room for the labels, and round ends.
  chart.x_min /= 1.5;
  chart.x_max *= 2;
  chart.y_min = std::floor(chart.y_min / 10) * 10;
  chart.y_max = std::max(chart.y_min + 10, std::ceil(chart.y_max / 10) * 10);
  for (ChartSeries* series : {&kai, &original}) {
    if (!series->points.empty()) chart.series.push_back(std::move(*series));
  }
  return line_chart(chart);
}

}  // namespace

bool shows_tiers(const PerformanceReport& report) {
  return std::ranges::any_of(report.tiers,
                             [](const PerformanceRow& row) { return row.adaptive.answered > 0; });
}

bool shows_quality(const PerformanceReport& report) {
  constexpr auto points_min = 2;
  return std::ranges::count_if(report.trade_off, [](const TradeOff& point) {
           return point.marked > 0;
         }) >= points_min;
}

std::string sooner_words(double faster) {
  return faster >= 1 ? fmt::format("{:.1f} times sooner", faster)
                     : fmt::format("{:.1f} times later", 1 / faster);
}

std::vector<std::string> picture_names(const std::string& stem) {
  std::vector<std::string> names;
  for (const std::string_view name : {"tiers", "timeline", "models", "gpu", "quality"}) {
    names.push_back(fmt::format("{}-{}.svg", stem, name));
  }
  return names;
}

std::vector<Picture> pictures_of(const PerformanceReport& report, const std::string& stem) {
  std::vector<Picture> pictures;
  if (shows_tiers(report)) pictures.push_back({stem + "-tiers.svg", tiers_picture(report)});
  if (report.example && report.example->answered()) {
    pictures.push_back(
        {stem + "-timeline.svg",
         timeline_picture(*report.example,
                          fmt::format("\"{}\"; {}", report.example->question, told(report)))});
  }
  if (!report.curve.empty()) {
    pictures.push_back({stem + "-models.svg", curve_picture(report)});
    pictures.push_back({stem + "-gpu.svg", gpu_picture(report)});
  }
  if (shows_quality(report)) pictures.push_back({stem + "-quality.svg", quality_picture(report)});
  return pictures;
}

}  // namespace kai::report
