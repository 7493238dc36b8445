// One question, second by second: kai above, the original way with the same models below.
#include "report/timeline.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/svg.h"

namespace kai::report {

namespace {

constexpr double left = 150, right = 40;  // of the bars
constexpr double row = 18, bar = 12, panel_head = 30, axis_room = 52;

struct Canvas {
  Duration span{};
  double x(Duration at) const {
    return left + seconds(at) / seconds(span) * (picture_width - left - right);
  }
};

// Loads in the sixth colour, reads thin, writes full: on the GPU in the first, else the second.
void draw(Svg& svg, const Canvas& canvas, const PcSpan& span, double y) {
  const std::string kind = span.share > 0 ? "f0" : "f1";
  const auto part = [&](std::string_view which, Duration from, Duration to, double height) {
    if (to <= from) return;
    svg.box(which, canvas.x(from), y + (bar - height) / 2,
            std::max(1.0, canvas.x(to) - canvas.x(from)), height);
  };
  svg.words(left - 10, y + bar - 1, span.model, "class=\"small\" text-anchor=\"end\"");
  part("f5", span.load_from, span.load_to, bar / 2);
  part(kind, span.read_from, span.read_to, bar / 2);
  part(kind, span.read_to, span.write_to, bar);
}

void draw(Svg& svg, const Canvas& canvas, std::string_view title, const std::vector<PcSpan>& spans,
          Duration end, double top) {
  svg.words(16, top + 16, title, "class=\"name\"");
  const double bottom = top + panel_head + row * static_cast<double>(spans.size());
  double y = top + panel_head;
  for (const auto& span : spans) {
    draw(svg, canvas, span, y);
    y += row;
  }
  svg.line("axis", canvas.x(end), top + panel_head - 6, canvas.x(end), bottom,
           "stroke-width=\"2\" stroke-dasharray=\"3 2\"");
  const bool late = seconds(end) > 0.8 * seconds(canvas.span);
  svg.words(canvas.x(end) + (late ? -6 : 6), top + panel_head - 8,
            fmt::format("answer after {:.1f} s", seconds(end)),
            late ? "class=\"over\" text-anchor=\"end\"" : "class=\"over\"");
}

void legend(Svg& svg, double y) {
  double x = 16;
  const auto entry = [&](std::string_view kind, double height, std::string_view words) {
    svg.box(kind, x, y - 6 - height / 2, 22, height);
    svg.words(x + 28, y - 1, words, "class=\"small\"");
    x += 44 + 7 * static_cast<double>(words.size());
  };
  entry("f5", bar / 2, "loads");
  entry("f0", bar / 2, "reads");
  entry("f0", bar, "writes on the GPU");
  entry("f1", bar, "on the CPU alone");
}

}  // namespace

std::string timeline_picture(const PcTrial& trial, std::string_view below) {
  const auto rows = static_cast<double>(trial.kai_spans.size() + trial.same_spans.size());
  const double top = 80;
  const double height = top + 2 * panel_head + row * rows + 14 + axis_room;
  Canvas canvas{
      std::max({trial.kai.time, trial.same.time, Duration(std::chrono::milliseconds(1))})};
  Svg svg(static_cast<int>(std::ceil(height)), "One question, second by second");
  svg.head("One question, second by second", below);
  legend(svg, 68);
  const double bottom = height - axis_room;
  for_ticks(0, seconds(canvas.span), 8, [&](double at) {
    const double x = canvas.x(from_seconds(at));
    svg.line("grid", x, top, x, bottom);
    svg.words(x, bottom + 18, fmt::format("{:g}", at), "text-anchor=\"middle\"");
  });
  svg.line("axis", left, bottom, picture_width - right, bottom);
  svg.words((left + picture_width - right) / 2, bottom + 40, "seconds", "text-anchor=\"middle\"");
  draw(svg, canvas, "kai", trial.kai_spans, trial.kai.time, top);
  draw(svg, canvas, "original way, the same models", trial.same_spans, trial.same.time,
       top + panel_head + row * static_cast<double>(trial.kai_spans.size()) + 14);
  return std::move(svg).close();
}

}  // namespace kai::report
