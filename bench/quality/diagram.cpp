#include "bench/quality/diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kai::bench {

namespace {

constexpr double side = 320, left = 60, top = 24;  // of the square, in pixels
constexpr int width = 560, height = 400;

double x_of(double chance) {
  return left + chance * side;
}
double y_of(double share) {
  return top + (1 - share) * side;
}

// Colour and shape, so that lines can be told apart without colours.
struct Mark {
  const char* colour;
  const char* dashes;
};
constexpr auto marks = std::to_array<Mark>({{"#0b6bcb", "none"},
                                            {"#c2410c", "6 3"},
                                            {"#15803d", "2 3"},
                                            {"#7e22ce", "10 4"},
                                            {"#a16207", "4 2 1 2"},
                                            {"#475569", "1 2"}});

std::string axes() {
  std::string svg = fmt::format(
      "<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"none\" "
      "stroke=\"#94a3b8\"/>\n<line x1=\"{:.0f}\" y1=\"{:.0f}\" x2=\"{:.0f}\" y2=\"{:.0f}\" "
      "stroke=\"#94a3b8\" stroke-dasharray=\"2 4\"/>\n",
      left, top, side, side, x_of(0), y_of(0), x_of(1), y_of(1));
  for (int tick = 0; tick <= 10; tick += 2) {
    const double value = tick / 10.0;
    svg += fmt::format(
        "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">{:.1f}</text>\n"
        "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\">{:.1f}</text>\n",
        x_of(value), top + side + 18, value, left - 8, y_of(value) + 4, value);
  }
  svg += fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\">how sure kai says it is</text>\n"
      "<text transform=\"translate(16 {:.0f}) rotate(-90)\" text-anchor=\"middle\">share of right "
      "answers</text>\n",
      left + side / 2, top + side + 40, top + side / 2);
  return svg;
}

std::string line_of(const Reliability& panel, const Mark& mark, double legend_y) {
  std::string points, dots;
  for (const Bin& bin : panel.bins) {
    points += fmt::format("{:.1f},{:.1f} ", x_of(bin.chance), y_of(bin.share));
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>\n",
                        x_of(bin.chance), y_of(bin.share), mark.colour);
  }
  const double legend_x = left + side + 24;
  return fmt::format(
             "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" "
             "stroke-dasharray=\"{}\"/>\n",
             points, mark.colour, mark.dashes) +
         dots +
         fmt::format(
             "<line x1=\"{0:.0f}\" y1=\"{1:.0f}\" x2=\"{2:.0f}\" y2=\"{1:.0f}\" stroke=\"{3}\" "
             "stroke-width=\"2\" stroke-dasharray=\"{4}\"/>\n<text x=\"{5:.0f}\" "
             "y=\"{6:.0f}\">{7}</text>\n",
             legend_x, legend_y, legend_x + 30, mark.colour, mark.dashes, legend_x + 38,
             legend_y + 4, panel.name);
}

}  // namespace

std::string reliability_diagram(std::span<const Reliability> panels) {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
      "{1}\" role=\"img\" aria-label=\"Share of right answers against stated confidence\">\n"
      "<style>text{{font:13px sans-serif;fill:#1e293b}}</style>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      width, height);
  svg += axes();
  const auto shown = panels.first(std::min(panels.size(), marks.size()));
  for (std::size_t at = 0; at < shown.size(); ++at) {
    svg += line_of(shown[at], marks[at], top + 16 + 24 * static_cast<double>(at));
  }
  return svg + "</svg>\n";
}

}  // namespace kai::bench
