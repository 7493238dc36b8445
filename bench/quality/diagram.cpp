#include "bench/quality/diagram.h"

#include "report/chart.h"

namespace kai::bench {

std::string reliability_diagram(std::span<const Reliability> panels) {
  report::LineChart chart{.title = "How often kai is right where it says how sure it is",
                          .below = "on the dotted line the words mean what they say",
                          .x = "how sure kai says it is",
                          .y = "share of right answers",
                          .diagonal = true};
  for (const auto& panel : panels) {
    auto& series = chart.series.emplace_back(report::ChartSeries{.name = panel.name});
    for (const Bin& bin : panel.bins) series.points.emplace_back(bin.chance, bin.share);
  }
  return line_chart(chart);
}

}  // namespace kai::bench
