#include "report/svg.h"

#include <fmt/format.h>

#include <array>

namespace kai::report {

namespace {

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

}  // namespace

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

Svg::Svg(int height, std::string_view label) {
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
      ".ground{{fill:#ffffff}}.axis{{stroke:#94a3b8}}.grid{{stroke:#e2e8f0}}{3}\n"
      "@media (prefers-color-scheme:dark){{text{{fill:#e6edf3}}.small{{fill:#a9b4c0}}"
      ".over{{stroke:#0d1117}}.ground{{fill:#0d1117}}.axis{{stroke:#6e7681}}"
      ".grid{{stroke:#262c36}}{4}}}</style>\n"
      "<rect class=\"ground\" width=\"{0}\" height=\"{1}\"/>\n",
      picture_width, height, escaped(label), light, dark);
}

void Svg::head(std::string_view title, std::string_view below) {
  if (!title.empty()) words(16, 26, title, "class=\"title\"");
  if (!below.empty()) words(16, 46, below, "class=\"small\"");
}

void Svg::line(std::string_view kind, double x1, double y1, double x2, double y2,
               std::string_view more) {
  text_ += fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", kind, x1,
      y1, x2, y2, more);
}

void Svg::box(std::string_view kind, double x, double y, double width, double height,
              std::string_view more) {
  text_ += fmt::format(
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" {}/>\n",
      kind, x, y, width, height, more);
}

void Svg::words(double x, double y, std::string_view text, std::string_view more) {
  text_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}</text>\n", x, y, more, escaped(text));
}

std::string stroke(std::size_t series) {
  return fmt::format("stroke-width=\"2.5\" stroke-dasharray=\"{}\"", marks[series].dashes);
}

double round_step(double range, int count) {
  const double raw = range / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double over = raw / power;
  return power * (over <= 1 ? 1 : over <= 2 ? 2 : over <= 5 ? 5 : 10);
}

}  // namespace kai::report
